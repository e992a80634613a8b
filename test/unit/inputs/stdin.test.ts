import { Buffer } from 'node:buffer';
import { access, readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { readStdin } from '../../../src/inputs/stdin.js';
import { tinyPng } from '../../support/images.js';

/** A pipe that hands over so many bytes at a time. */
async function* piped(bytes: Uint8Array, chunk = bytes.length): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += chunk) yield bytes.subarray(at, at + chunk);
}

describe('stdin', () => {
  it.each([1, 7, 100_000])('that is an image is held, whole, in chunks of %d', async (chunk) => {
    const png = await tinyPng(1, 400);
    const read = await readStdin(piped(png, chunk), 1_000_000);
    expect('bytes' in read && Buffer.compare(read.bytes, png)).toBe(0);
  });

  it('that is a table goes into a file of its own, which is gone in the end', async () => {
    const csv = Buffer.from(`path,title\n${'a.jpg,A\n'.repeat(500)}`);
    const read = await readStdin(piped(csv, 10), 100);
    if (!('table' in read)) throw new Error('Expected a table');
    expect(read.table.kind).toBe('csv');
    expect(await readFile(read.table.path)).toEqual(csv);
    await read.table[Symbol.asyncDispose]();
    await expect(access(read.table.path)).rejects.toThrow('ENOENT');
  });

  it('that is empty is refused: what should have written into it has failed', async () => {
    const refused = { exitCode: 2, message: 'Expected an image or a table on stdin, got nothing.' };
    await expect(readStdin(piped(Buffer.alloc(0)), 100)).rejects.toMatchObject(refused);
  });

  it('that is larger than an image may be is refused before it is all read', async () => {
    const png = await tinyPng(1, 400);
    let handed = 0;
    async function* endless(): AsyncGenerator<Uint8Array> {
      for (;;) {
        handed += 1;
        yield handed === 1 ? png : new Uint8Array(1_000);
      }
    }
    await expect(readStdin(endless(), 5_000)).rejects.toMatchObject({ exitCode: 2 });
    expect(handed).toBeLessThan(10);
  });
});
