import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { sha256Of, sharedCopy } from '../../../src/core/bytes.js';

const LONG = new Uint8Array(10 * 1024 * 1024).map((_, at) => at * 7);

/** How many turns of the event loop others had until the work was done. */
async function turnsDuring(work: Promise<unknown>): Promise<number> {
  let turns = 0;
  let isDone = false;
  const count = (): void => {
    turns += 1;
    if (!isDone) setImmediate(count);
  };
  setImmediate(count);
  await work;
  isDone = true;
  return turns;
}

describe('long bytes, while other work has its turn,', () => {
  it('are hashed whole', async () => {
    const hashing = sha256Of(LONG);
    expect(await turnsDuring(hashing)).toBeGreaterThan(1);
    expect(await hashing).toBe(createHash('sha256').update(LONG).digest('hex'));
  });

  it('are shared whole', async () => {
    const sharing = sharedCopy(LONG);
    expect(await turnsDuring(sharing)).toBeGreaterThan(1);
    const shared = await sharing;
    expect(Buffer.compare(shared, LONG)).toBe(0);
    expect(shared.buffer).toBeInstanceOf(SharedArrayBuffer);
  });
});

it('bytes in shared memory are not copied, and no bytes are no trouble', async () => {
  const bytes = new Uint8Array(new SharedArrayBuffer(8));
  expect(await sharedCopy(bytes)).toBe(bytes);
  expect(await sharedCopy(new Uint8Array())).toHaveLength(0);
});
