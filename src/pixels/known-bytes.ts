import { sha256Of, sharedCopy } from '../core/bytes.js';

/** What is worked out once of a source's bytes, however many of its pages are asked for. */
export interface KnownBytes {
  /** Tells these bytes from all others of the process. */
  readonly id: number;
  /** SHA-256, 64 hex digits. */
  sha256(): Promise<string>;
  /** The same bytes where threads read them without a copy of their own. */
  shared(): Promise<Uint8Array>;
}

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
    sha256: () => (sha256 ??= sha256Of(bytes)),
    shared: () => (shared ??= sharedCopy(bytes)),
  };
}
