import { createHash } from 'node:crypto';
import { expect, it } from 'vitest';
import { createKnownBytes } from '../../../src/pixels/known-bytes.js';

const LONG = new Uint8Array(20 * 1024 * 1024).map((_, at) => at * 7);

it('bytes are hashed and shared whole, slice by slice, while other work has its turn', async () => {
  const known = createKnownBytes()(LONG);
  let turns = 0;
  const counting = setInterval(() => {
    turns += 1;
  }, 0);
  const [sha256, shared] = await Promise.all([known.sha256(), known.shared()]);
  clearInterval(counting);
  expect(sha256).toBe(createHash('sha256').update(LONG).digest('hex'));
  expect(Buffer.compare(shared, LONG)).toBe(0);
  expect(shared.buffer).toBeInstanceOf(SharedArrayBuffer);
  expect(turns).toBeGreaterThan(0);
});

it('the same bytes object is known by one number, and worked on once', async () => {
  const knownBytes = createKnownBytes();
  const bytes = Uint8Array.of(1, 2, 3);
  const first = knownBytes(bytes);
  expect(knownBytes(bytes)).toBe(first);
  expect(first.shared()).toBe(first.shared());
  expect(first.sha256()).toBe(first.sha256());
  expect(knownBytes(bytes.slice()).id).not.toBe(first.id);
});

it('bytes in shared memory are not copied', async () => {
  const bytes = new Uint8Array(new SharedArrayBuffer(8));
  expect(await createKnownBytes()(bytes).shared()).toBe(bytes);
});
