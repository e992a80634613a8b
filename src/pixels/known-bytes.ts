import { createHash } from 'node:crypto';
import { setImmediate as turn } from 'node:timers/promises';

/** What is worked out once of a source's bytes, however many of its pages are asked for. */
export interface KnownBytes {
  /** Tells these bytes from all others of the process. */
  readonly id: number;
  /** SHA-256, 64 hex digits. */
  sha256(): Promise<string>;
  /** The same bytes where threads read them without a copy of their own. */
  shared(): Promise<Uint8Array>;
}

/** Bytes hashed or copied at once: a few milliseconds of the event loop. */
const SLICE_BYTES = 8 * 1024 * 1024;

/** Remembers of bytes, for as long as they are held by anybody, what was worked out of them. */
export function createKnownBytes(): (bytes: Uint8Array) => KnownBytes {
  const known = new WeakMap<Uint8Array, KnownBytes>();
  let count = 0;
  return (bytes) => {
    const found = known.get(bytes) ?? remember(bytes, ++count);
    known.set(bytes, found);
    return found;
  };
}

function remember(bytes: Uint8Array, id: number): KnownBytes {
  let sha256: Promise<string> | null = null;
  let shared: Promise<Uint8Array> | null = null;
  return {
    id,
    sha256: () => (sha256 ??= hashed(bytes)),
    shared: () => (shared ??= sharedCopy(bytes)),
  };
}

async function hashed(bytes: Uint8Array): Promise<string> {
  const hash = createHash('sha256');
  for await (const slice of slices(bytes)) hash.update(slice);
  return hash.digest('hex');
}

async function sharedCopy(bytes: Uint8Array): Promise<Uint8Array> {
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
