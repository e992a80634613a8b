import { Buffer } from 'node:buffer';
import type { BytePath } from '../byte-path.js';
import { damaged } from './archive-member.js';

/** A tar file is made of blocks of this many bytes. */
export const BLOCK_BYTES = 512;
const ZEROS = Buffer.alloc(BLOCK_BYTES);

/** What a header block says (POSIX.1-1988 ustar, GNU tar, and the older form without a mark). */
export interface TarHeader {
  readonly name: BytePath;
  /** Of what follows the header, in bytes. */
  readonly size: number;
  /** The type flag; `0` and `\0` are files. */
  readonly type: string;
  readonly linkName: BytePath;
  /** Whether blocks with further places of a sparse file follow (old GNU form). */
  readonly isExtended: boolean;
}

/**
 * Reads a header block; null for one of zeros, of which two end an archive, whole or not.
 *
 * @param at - where the block lies, for the error
 * @throws VisionError IMAGE_UNREADABLE where it is no header
 */
export function tarHeader(block: Buffer, at: number): TarHeader | null {
  if (ZEROS.subarray(0, block.length).equals(block)) return null;
  const size = numberIn(block, 124, 136);
  if (block.length < BLOCK_BYTES || !hasItsChecksum(block) || size === null)
    throw damaged(`there is no header at byte ${at}`);
  const prefix = block.toString('latin1', 257, 263) === 'ustar\0' ? textIn(block, 345, 500) : '';
  const name = textIn(block, 0, 100);
  return {
    name: prefix === '' ? name : `${prefix}/${name}`,
    size,
    type: block.toString('latin1', 156, 157),
    linkName: textIn(block, 157, 257),
    isExtended: block[482] !== 0,
  };
}

/** Records of a PAX header, `length keyword=value\n` each (POSIX.1-2001), values as bytes. */
export function paxRecords(bytes: Buffer): ReadonlyMap<string, BytePath> {
  const records = new Map<string, BytePath>();
  const text = bytes.toString('latin1');
  const opening = /(\d{1,9}) /y;
  for (let at = 0; at < text.length; ) {
    opening.lastIndex = at;
    const [head = '', digits = ''] = opening.exec(text) ?? [];
    const end = at + Number(digits);
    const equals = text.slice(at + head.length, end).indexOf('=');
    if (head === '' || end > text.length || equals < 0) throw damaged('a PAX header is not in order');
    const record = text.slice(at + head.length, end - 1);
    records.set(record.slice(0, equals), record.slice(equals + 1));
    at = end;
  }
  return records;
}

function textIn(block: Buffer, from: number, to: number): BytePath {
  const text = block.toString('latin1', from, to);
  const end = text.indexOf('\0');
  return end < 0 ? text : text.slice(0, end);
}

/** An octal number in text or, from the first bit on, a binary one (GNU); null where it is neither or too large. */
function numberIn(block: Buffer, from: number, to: number): number | null {
  if (block[from] === 0x80) {
    const value = BigInt(`0x${block.toString('hex', from + 1, to)}`);
    return value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : null;
  }
  const text = textIn(block, from, to).trim();
  return /^[0-7]*$/.test(text) ? Number.parseInt(text || '0', 8) : null;
}

/** The sum of the block's bytes, its own place counted as spaces; some old programs add signed bytes. */
function hasItsChecksum(block: Buffer): boolean {
  let unsigned = 0;
  let signed = 0;
  for (let at = 0; at < BLOCK_BYTES; at += 1) {
    const byte = at >= 148 && at < 156 ? 0x20 : (block[at] ?? 0);
    unsigned += byte;
    signed += byte > 127 ? byte - 256 : byte;
  }
  const written = numberIn(block, 148, 156);
  return written === unsigned || written === signed;
}
