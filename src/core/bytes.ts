import { createHash } from 'node:crypto';
import { setImmediate as turn } from 'node:timers/promises';

/** Bytes hashed or copied at once: a few milliseconds of the event loop. */
const SLICE_BYTES = 4 * 1024 * 1024;

/** SHA-256, 64 hex digits, slice by slice. */
export async function sha256Of(bytes: Uint8Array): Promise<string> {
  const hash = createHash('sha256');
  for await (const slice of slices(bytes)) hash.update(slice);
  return hash.digest('hex');
}

/** The same bytes where threads read them without a copy of their own; as they are where they lie there already. */
export async function sharedCopy(bytes: Uint8Array): Promise<Uint8Array> {
  if (bytes.buffer instanceof SharedArrayBuffer) return bytes;
  const copy = new Uint8Array(new SharedArrayBuffer(bytes.length));
  let at = 0;
  for await (const slice of slices(bytes)) {
    copy.set(slice, at);
    at += slice.length;
  }
  return copy;
}

/** Lets everything else have its turn between two slices. */
async function* slices(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += SLICE_BYTES) {
    if (at > 0) await turn();
    yield bytes.subarray(at, at + SLICE_BYTES);
  }
}
