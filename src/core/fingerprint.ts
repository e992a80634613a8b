import { createHash } from 'node:crypto';
import type { Ask } from './ask.js';
import { canonicalJson } from './canonical-json.js';

/** SHA-256 of the ask's canonical JSON, 64 hex digits. */
export function fingerprint(ask: Ask): string {
  return sha256Hex(canonicalJson(ask));
}

/** The ask pinned in full: its JSON and fingerprint travel together. */
export function sha256Hex(data: string | Uint8Array): string {
  return createHash('sha256').update(data).digest('hex');
}
