import { describe, expect, it } from 'vitest';
import { createS3 } from '../../src/inputs/s3/s3-client.js';
import type { UrlReader } from '../../src/inputs/urls/reader.js';
import { ANYBODY, useS3Environment } from '../support/s3-environment.js';
import { refuse, type S3Server, s3Server } from '../support/s3-server.js';
import { urlReader } from '../unit/inputs/urls/url-server.js';

const PIXELS = new Uint8Array([0xff, 0xd8, 0xff, 0xe0, 1, 2, 3, 4, 5, 6]);
const MODIFIED = new Date('2024-05-06T07:08:09Z');
const MAX_BYTES = 1_000;

useS3Environment(ANYBODY);

interface Scene extends AsyncDisposable {
  readonly server: S3Server;
  readonly reader: UrlReader;
  urlOf(key: string): string;
}

/** One server that anybody may read, by its web addresses or as S3 storage. */
async function scene(how: 'http' | 's3', { timeoutMs = 10_000 } = {}): Promise<Scene> {
  const image = { bytes: PIXELS, modified: MODIFIED };
  const large = { bytes: new Uint8Array(MAX_BYTES + 1) };
  const objects = { 'a.jpg': image, 'large.jpg': large, 'empty.jpg': { bytes: new Uint8Array() } };
  const server = await s3Server({ buckets: { scans: objects }, credentials: null });
  const bounds = { maxBytes: MAX_BYTES, timeoutMs };
  const reader = how === 'http' ? urlReader(bounds) : createS3({ ...bounds, endpoint: server.url });
  return {
    server,
    reader,
    urlOf: (key) => (how === 'http' ? `${server.url}/scans/${key}` : `s3://scans/${key}`),
    async [Symbol.asyncDispose]() {
      await reader.close();
      await server[Symbol.asyncDispose]();
    },
  };
}

describe.each(['http', 's3'] as const)('what lies at an address: %s', (how) => {
  it('is read with its size, time and version, and known by that version afterwards', async () => {
    await using at = await scene(how);
    const url = at.urlOf('a.jpg');
    const read = await at.reader.read(url);
    expect(read).toMatchObject({ bytes: PIXELS, size: PIXELS.length, mtimeMs: MODIFIED.getTime() });
    const known = { etag: read.etag ?? null, mtimeMs: read.mtimeMs };
    expect(await at.reader.readIfChanged(url, known)).toBeNull();
    at.server.buckets.get('scans')?.set('a.jpg', { bytes: PIXELS.slice(0, 5), modified: MODIFIED });
    expect(await at.reader.readIfChanged(url, known)).toMatchObject({ size: 5 });
  });

  it('is read in part, exactly or not at all, and tells the size of the whole', async () => {
    await using at = await scene(how);
    const part = await at.reader.read(at.urlOf('a.jpg'), { range: { offset: 4, length: 3 } });
    expect(part).toMatchObject({ bytes: PIXELS.slice(4, 7), size: PIXELS.length, mtimeMs: MODIFIED.getTime() });
    for (const offset of [8, 50]) {
      const beyond = at.reader.read(at.urlOf('a.jpg'), { range: { offset, length: 3 } });
      await expect(beyond).rejects.toMatchObject({ code: 'IMAGE_UNREADABLE' });
    }
  });

  it.each([
    ['no.jpg', 'IMAGE_MISSING'],
    ['large.jpg', 'IMAGE_TOO_LARGE'],
    ['empty.jpg', 'IMAGE_UNREADABLE'],
  ])('that cannot be an image says why: %s', async (key, code) => {
    await using at = await scene(how);
    await expect(at.reader.read(at.urlOf(key))).rejects.toMatchObject({ code });
  });

  it.each([
    [403, 'IMAGE_FORBIDDEN'],
    [404, 'IMAGE_MISSING'],
    [400, 'IMAGE_UNREADABLE'],
    [500, 'URL_FETCH'],
    [503, 'URL_FETCH'],
  ])('that its server refuses with %i fails as %s', async (status, code) => {
    await using at = await scene(how);
    at.server.interfere = (_, response) => {
      refuse(response, status, 'Refused');
      return true;
    };
    await expect(at.reader.read(at.urlOf('a.jpg'))).rejects.toMatchObject({ code });
  });

  it('whose server falls silent fails in time; one given up has the reason of the signal', async () => {
    await using at = await scene(how, { timeoutMs: 200 });
    const given = new AbortController();
    const reason = new Error('enough');
    at.server.interfere = (_, response) => {
      response.writeHead(200, { 'Content-Length': '10' }).write('abc');
      if (at.server.asked.length === 2) given.abort(reason);
      return true;
    };
    const url = at.urlOf('a.jpg');
    await expect(at.reader.read(url)).rejects.toMatchObject({ code: 'URL_FETCH' });
    await expect(at.reader.read(url, { signal: given.signal })).rejects.toBe(reason);
  });
});
