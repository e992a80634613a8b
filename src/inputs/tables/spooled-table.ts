import { Buffer } from 'node:buffer';
import { constants, gunzipSync } from 'node:zlib';
import { sniff } from '../../core/sniff.js';
import { type SpooledFile, spooled } from '../spool/spooled.js';
import type { ManifestKind } from './manifest.js';
import { markOf, utf16Of } from './text-encoding.js';

/** A table that came on stdin: a manifest is read more than once. */
export interface SpooledTable extends SpooledFile {
  readonly kind: ManifestKind;
}

/** More than this is no list of images but a data set, which belongs in a file. */
const MAX_TABLE_BYTES = 16 * 2 ** 30;

/**
 * What table begins with these bytes: Parquet by its mark, JSON Lines by a brace, any other text is CSV, each packed with
 * gzip or not; null for an image, or what is none of them.
 *
 * @param head - the first bytes, 1,024 if there are so many
 */
export function tableKindOf(head: Uint8Array): ManifestKind | null {
  const bytes = Buffer.from(head.buffer, head.byteOffset, head.length);
  if (bytes[0] === 0x1f && bytes[1] === 0x8b) return packedKindOf(bytes);
  if (bytes.toString('latin1', 0, 4) === 'PAR1') return 'parquet';
  const wide = markOf(bytes)?.encoding ?? utf16Of(bytes);
  const text = bytes
    .toString(wide === 'utf-16le' ? 'utf16le' : 'latin1')
    .replace(/^(?:\ufeff|\xef\xbb\xbf|\xfe\xff)/, '');
  if (wide !== 'utf-16le' && wide !== 'utf-16be' && !isText(bytes)) return null;
  return /^[\s\0]*\{/.test(text) ? 'jsonl' : 'csv';
}

/**
 * Writes a table into a temporary file.
 *
 * @throws ExitError as `spooled` does
 */
export async function spooledTable(stream: AsyncIterable<Uint8Array>, kind: ManifestKind): Promise<SpooledTable> {
  const options = { name: `stdin.${kind}`, noun: 'table', maxBytes: MAX_TABLE_BYTES };
  return { ...(await spooled(stream, options)), kind };
}

function packedKindOf(bytes: Buffer): ManifestKind | null {
  try {
    return tableKindOf(gunzipSync(bytes, { finishFlush: constants.Z_SYNC_FLUSH, maxOutputLength: 2 ** 20 }));
  } catch {
    return null;
  }
}

/** Two letters make a BMP, and may begin a header too. */
function isText(bytes: Buffer): boolean {
  const kind = sniff(bytes);
  if (kind === 'text') return true;
  const isBinary = bytes.some((byte) => byte < 0x09 || (byte > 0x0d && byte < 0x20));
  return !isBinary && (kind === 'bmp' || kind === 'unknown');
}
