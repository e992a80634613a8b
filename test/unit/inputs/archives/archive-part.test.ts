import { Buffer } from 'node:buffer';
import { hash, randomBytes } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { setImmediate } from 'node:timers/promises';
import { crc32, deflateRawSync, gzipSync } from 'node:zlib';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Part } from '../../../../src/core/item.js';
import { unpackPart } from '../../../../src/inputs/archives/archive-part.js';
import { sourceReader } from '../../../../src/inputs/open.js';
import { tarOf } from '../../../support/archives.js';
import { temporaryFolder } from '../folders.js';
import { archiveScene } from './archive-reading.js';

describe('a part behind a URL', () => {
  it('is fetched alone and unpacked', async () => {
    const bytes = Buffer.alloc(500, 'pixels');
    const packed = deflateRawSync(bytes);
    const part: Part = {
      ...{ member: 'x.png', packing: 'deflate', offset: 40, length: packed.length },
      ...{ size: bytes.length, crc32: crc32(bytes) },
    };
    const asked: unknown[] = [];
    const read = sourceReader([], {
      maxBytes: 1_000,
      urls: async (url, { range }) => {
        asked.push([url, range?.offset, range?.length]);
        return { bytes: packed, size: packed.length, mtimeMs: 3 };
      },
    });
    const source = await read({ url: 'https://example.org/a.zip', part });
    expect({ ...source, bytes: Buffer.from(source.bytes) }).toEqual({ bytes, size: 500, mtimeMs: 3 });
    expect(asked).toEqual([['https://example.org/a.zip', 40, packed.length]]);
    const other = read({ url: 'https://example.org/a.zip', part: { ...part, size: 499 } });
    await expect(other).rejects.toMatchObject({ code: 'IMAGE_UNREADABLE' });
  });
});

describe('a member of a ZIP file', () => {
  const partOf = (bytes: Uint8Array): Part => ({
    ...{ member: 'x.png', offset: 0, length: 0, packing: 'deflate' },
    ...{ size: bytes.length, crc32: crc32(bytes) },
  });

  it('is unpacked and summed up in slices, so that others have their turn', async () => {
    const bytes = randomBytes(6_000_000);
    for (const [packing, packed] of [
      ['deflate', deflateRawSync(bytes, { level: 1 })],
      ['stored', bytes],
    ] as const) {
      let turns = 0;
      let isDone = false;
      const others = (async () => {
        for (; !isDone; turns += 1) await setImmediate();
      })();
      const unpacked = await unpackPart(packed, { ...partOf(bytes), packing });
      isDone = true;
      await others;
      expect(Buffer.compare(unpacked, bytes)).toBe(0);
      expect(turns).toBeGreaterThanOrEqual(5);
    }
  });

  it('that says it unpacks to what no image is packed from is not unpacked', async () => {
    const packed = deflateRawSync(Buffer.alloc(1_000));
    const part: Part = { ...partOf(Buffer.alloc(0)), size: 100_000_000 };
    await expect(unpackPart(packed, part)).rejects.toMatchObject({ code: 'IMAGE_TOO_LARGE' });
    await expect(unpackPart(packed, { ...part, size: 60_000_000 })).rejects.toMatchObject({ code: 'IMAGE_UNREADABLE' });
  });
});

describe('a gzipped archive', () => {
  afterEach(() => {
    vi.unstubAllEnvs();
  });
  const packed = async () => gzipSync(await tarOf(['a', 'b'].map((name) => ({ name: `${name}.png` }))));

  it('is unpacked once, into a file that has no name', async () => {
    await using scene = await archiveScene('a.tgz', await packed());
    await using room = await temporaryFolder();
    vi.stubEnv('TMPDIR', room.path);
    expect(tmpdir()).toBe(room.path);
    expect(await scene.outcomes()).toEqual({ 'a.tgz/a.png': 'x', 'a.tgz/b.png': 'x' });
    expect(readdirSync(room.path)).toEqual([]);
    vi.stubEnv('TMPDIR', '/nowhere');
    expect(await scene.outcomes()).toEqual({ 'a.tgz/a.png': 'x', 'a.tgz/b.png': 'x' });
  });

  it('is no bad file where there is no room for it', async () => {
    await using scene = await archiveScene('a.tgz', await packed());
    vi.stubEnv('TMPDIR', '/nowhere');
    expect(await scene.outcomes()).toEqual({ 'a.tgz/a.png': 'UNEXPECTED', 'a.tgz/b.png': 'UNEXPECTED' });
    vi.unstubAllEnvs();
    expect(await scene.outcomes()).toEqual({ 'a.tgz/a.png': 'x', 'a.tgz/b.png': 'x' });
  });

  it('is looked through to its end, of whatever length', async () => {
    const noise = Buffer.concat(Array.from({ length: 32_768 }, (_, at) => hash('sha256', `${at}`, 'buffer')));
    const members = [
      { name: 'a.png', bytes: Buffer.from('a') },
      { name: 'noise.txt', bytes: noise },
      { name: 'b.png' },
    ];
    await using scene = await archiveScene('a.tgz', gzipSync(await tarOf(members), { level: 1 }));
    expect(await scene.outcomes()).toEqual({ 'a.tgz/a.png': 'a', 'a.tgz/b.png': 'x' });
  });
});
