import { describe, expect, it } from 'vitest';
import { tarOf } from '../support/archives.js';
import { tinyPng } from '../support/images.js';
import { readRows } from '../support/rows.js';
import { asksOf, endsWith, startStage } from '../support/runs.js';
import { CREDENTIALS, refuse, s3Server } from '../support/s3-server.js';

const ENVIRONMENT = {
  AWS_ACCESS_KEY_ID: CREDENTIALS.accessKeyId,
  AWS_SECRET_ACCESS_KEY: CREDENTIALS.secretAccessKey,
  AWS_REGION: CREDENTIALS.region,
  AWS_MAX_ATTEMPTS: '1',
};

async function storage() {
  const names = Array.from({ length: 5 }, (_, at) => `p/${at}.png`);
  const images = await Promise.all(names.map(async (name, at) => [name, { bytes: await tinyPng(at) }] as const));
  const shard = await tarOf([
    { name: '1.png', bytes: await tinyPng(8) },
    { name: '1.txt', bytes: Buffer.from('a cat') },
    { name: '2.png', bytes: await tinyPng(9) },
  ]);
  return await s3Server({
    buckets: { bkt: { ...Object.fromEntries(images), 'x.tar': { bytes: shard } } },
    pageKeys: 3,
  });
}

describe('S3 storage', () => {
  it('is a folder, or an archive of which each image is read alone; one that cannot be listed costs no row', async () => {
    await using server = await storage();
    await using stage = await startStage({ items: 1, hosts: [{ slots: 4 }] });
    const { folder, hostFlags, ollama } = stage;
    const env = { ...ENVIRONMENT, AWS_ENDPOINT_URL: server.url };
    const command = ['ocr', 's3://bkt/p/', 's3://bkt/x.tar', ...hostFlags, '-o', 'out.jsonl'];
    const rows = async () =>
      (await readRows(folder.at('out.jsonl'))).map(({ id, row, source, status }) => [id, source, status, row]);

    const refuseImages = (status: number, code: string): void => {
      server.interfere = (request, response) => {
        if (request.method !== 'GET' || !/\/p\/\d\.png/.test(request.url ?? '')) return false;
        refuse(response, status, code);
        return true;
      };
    };
    refuseImages(400, 'ExpiredToken');
    const expired = await endsWith(3, stage.cli(command, { env }));
    expect(expired.stderr).toContain('there are no valid AWS credentials (ExpiredToken)');
    expect((await rows()).filter(([, , status]) => status !== 'ok')).toEqual([]);

    server.interfere = () => false;
    const { stderr } = await endsWith(0, stage.cli(command, { env }));
    const prefix = [0, 1, 2, 3, 4].map((at) => [`s3://bkt/p/${at}.png`, `s3://bkt/p/${at}.png`, 'ok', undefined]);
    const shard = [
      ['s3://bkt/x.tar/1.png', 's3://bkt/x.tar/1.png', 'ok', { txt: 'a cat' }],
      ['s3://bkt/x.tar/2.png', 's3://bkt/x.tar/2.png', 'ok', undefined],
    ];
    expect(await rows()).toEqual([...prefix, ...shard]);
    expect(stderr).not.toMatch(/warning/i);

    server.interfere = (request, response) => {
      if (request.url?.includes('continuation-token') !== true) return false;
      refuse(response, 503, 'SlowDown');
      return true;
    };
    const broken = await endsWith(3, stage.cli(command, { env }));
    expect(broken.stderr).toContain('S3 answered SlowDown (503)');
    expect(await rows()).toEqual([...prefix, ...shard]);

    server.interfere = () => false;
    await endsWith(0, stage.cli(command, { env }));
    expect(await rows()).toEqual([...prefix, ...shard]);

    const objects = server.buckets.get('bkt');
    for (const [key, object] of objects ?? [])
      objects?.set(key, { ...object, modified: new Date('2021-01-01T00:00:00Z') });
    refuseImages(400, 'ExpiredToken');
    await endsWith(3, stage.cli(command, { env }));
    expect(await rows()).toEqual([...prefix, ...shard]);
    refuseImages(503, 'SlowDown');
    const unread = await endsWith(0, stage.cli(command, { env }));
    expect(unread.stderr).toContain('5 images could not be read to see whether they have changed');
    expect(await rows()).toEqual([...prefix, ...shard]);
    expect(await asksOf(ollama)).toBe(7);
  });
});
