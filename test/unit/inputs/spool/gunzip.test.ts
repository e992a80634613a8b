import { Buffer } from 'node:buffer';
import { open, writeFile } from 'node:fs/promises';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { gunzipped, mostUnpacked } from '../../../../src/inputs/spool/gunzip.js';
import { testFolder } from '../../../support/images.js';

/** What comes of a gzipped file that may hold so many bytes, and whether it is still open then. */
async function unpacked(packed: Buffer, maxBytes: number) {
  await using folder = await testFolder();
  await writeFile(folder.at('a.gz'), packed);
  await using handle = await open(folder.at('a.gz'));
  const chunks: Buffer[] = [];
  let failure: unknown = null;
  try {
    for await (const chunk of gunzipped({ handle, size: packed.length, noun: 'table', maxBytes })) chunks.push(chunk);
  } catch (error) {
    failure = error;
  }
  return { bytes: Buffer.concat(chunks), failure, sizeNow: (await handle.stat()).size };
}

describe('a gzipped file', () => {
  const packed = gzipSync(Buffer.alloc(2_000_000, 'x'));

  it('is unpacked as far as it may go, and stays open', async () => {
    const whole = await unpacked(packed, 2_000_000);
    expect(whole).toMatchObject({ failure: null, sizeNow: packed.length });
    expect(whole.bytes.equals(Buffer.alloc(2_000_000, 'x'))).toBe(true);

    const bomb = await unpacked(packed, 1_999_999);
    expect(bomb).toMatchObject({ failure: { code: 'IMAGE_TOO_LARGE' }, sizeNow: packed.length });
    expect(bomb.bytes.length).toBeLessThan(2_000_000);
    expect(String(bomb.failure)).toContain('The table unpacks to more than 1999999 bytes.');
  });

  it('may hold 1 GB, 200 times its size, and never more than 16 GB', () => {
    expect([10, 2 ** 24, 2 ** 30].map(mostUnpacked)).toEqual([2 ** 30, 200 * 2 ** 24, 2 ** 34]);
  });

  it('that the file system does not give is not called damaged', async () => {
    const handle = await open('/dev/null');
    await handle.close();
    const chunks = gunzipped({ handle, size: 10, noun: 'archive' });
    await expect(chunks.next()).rejects.toMatchObject({ code: 'EBADF' });
  });

  it('that is damaged is called what it is', async () => {
    const { failure } = await unpacked(Buffer.from('\x1f\x8b and then nothing', 'latin1'), 1_000);
    expect(failure).toMatchObject({
      code: 'IMAGE_UNREADABLE',
      sentence: expect.stringContaining('The table is damaged'),
    });
  });
});
