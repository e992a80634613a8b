import { createHash } from 'node:crypto';
import type { Ask } from './ask.js';
import { canonicalJson } from './canonical-json.js';

/**
 * SHA-256 of the ask's canonical JSON, 64 hex digits. The profile is left out: it says how the same question is put, and a
 * coordinator that cannot look at a host knows less of it than one that can.
 */
export function fingerprint({ profile: _, ...ask }: Ask): string {
  return sha256Hex(canonicalJson(ask));
}

/** 64 hex digits. */
export function sha256Hex(data: string | Uint8Array): string {
  return createHash('sha256').update(data).digest('hex');
}
