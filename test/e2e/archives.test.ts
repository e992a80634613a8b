import { randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { tarOf, zipOf } from '../support/archives.js';
import { tinyPng } from '../support/images.js';
import { readRows } from '../support/rows.js';
import { asksOf, endsWith, startStage } from '../support/runs.js';

/** A ZIP file of two images, and of one that leads out of it. */
async function zipWith(firstSeed: number): Promise<Buffer> {
  const names = ['in/0.png', 'in/1.png'];
  const images = await Promise.all([firstSeed, 1].map((seed) => tinyPng(seed)));
  return zipOf([{ name: '../out.png' }, ...images.map((bytes, at) => ({ name: names[at] ?? '', bytes }))]);
}

describe('archives', () => {
  it('are read like folders, and of a rewritten one only what has changed is asked again', async () => {
    await using stage = await startStage({ items: 1, hosts: [{ slots: 4 }] });
    const { folder, hostFlags, ollama } = stage;
    await writeFile(folder.at('a.zip'), await zipWith(0));
    const shard = [
      { name: '1.png', bytes: await tinyPng(2) },
      { name: '1.json', bytes: Buffer.from('{"caption":"a cat"}') },
      { name: '2.png', bytes: await tinyPng(3) },
    ];
    await writeFile(folder.at('s.tar'), await tarOf(shard));
    const packed = [
      { name: 'noise.bin', bytes: randomBytes(2_000_000) },
      { name: 'e.png', bytes: await tinyPng(4) },
    ];
    await writeFile(folder.at('p.tgz'), gzipSync(await tarOf(packed), { level: 1 }));

    const outputs = ['-o', 'out.jsonl', '-o', 'out.csv'];
    const command = ['ocr', 'a.zip', 's.tar', 'p.tgz', ...hostFlags, ...outputs];
    await endsWith(1, stage.cli(command));
    const rows = await readRows(folder.at('out.jsonl'));
    expect(rows.map(({ id, row, source, status }) => [id, source, status, row])).toEqual([
      ['a.zip/%2E%2E/out.png', 'a.zip/../out.png', 'failed', undefined],
      ['a.zip/in/0.png', 'a.zip/in/0.png', 'ok', undefined],
      ['a.zip/in/1.png', 'a.zip/in/1.png', 'ok', undefined],
      ['s.tar/1.png', 's.tar/1.png', 'ok', { 'json.caption': 'a cat' }],
      ['s.tar/2.png', 's.tar/2.png', 'ok', undefined],
      ['p.tgz/e.png', 'p.tgz/e.png', 'ok', undefined],
    ]);
    expect((await readFile(folder.at('out.csv'), 'utf8')).split('\n')[0]).toContain('json.caption');
    expect(await asksOf(ollama)).toBe(5);

    await writeFile(folder.at('a.zip'), await zipWith(5));
    await endsWith(1, stage.cli(command));
    expect(await asksOf(ollama)).toBe(6);
  });
});
