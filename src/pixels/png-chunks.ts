import { Buffer } from 'node:buffer';
import { type Orientation, orientationOf } from './exif.js';
import { type ImageHeader, truncated, unreadable } from './header.js';

const SIGNATURE_BYTES = 8;
/** Length, type and checksum around a chunk's data. */
const FRAME_BYTES = 12;
const IHDR_BYTES = 13;

/**
 * Walks a PNG's chunks (PNG specification, third edition, section 5) to IEND without decoding.
 *
 * @throws VisionError IMAGE_TRUNCATED where IEND is missing or cut, IMAGE_UNREADABLE where there is no image before it
 */
export function readPngChunks(file: Uint8Array): ImageHeader {
  const bytes = Buffer.from(file.buffer, file.byteOffset, file.byteLength);
  let size: { readonly width: number; readonly height: number } | null = null;
  let orientation: Orientation = 1;
  let animated = false;
  let hasData = false;
  for (let at = SIGNATURE_BYTES; ; ) {
    const { type, data } = chunkAt(bytes, at);
    if (type === 'IEND') break;
    if (type === 'IHDR' && data.length >= IHDR_BYTES)
      size = { width: data.readUInt32BE(0), height: data.readUInt32BE(4) };
    if (type === 'eXIf') orientation = orientationOf(data);
    animated ||= type === 'acTL';
    hasData ||= type === 'IDAT';
    at += FRAME_BYTES + data.length;
  }
  if (size === null || !hasData) throw unreadable('this PNG has no image in it');
  return { ...size, orientation, animated };
}

function chunkAt(bytes: Buffer, at: number): { readonly type: string; readonly data: Buffer } {
  if (at + FRAME_BYTES > bytes.length) throw truncated();
  const length = bytes.readUInt32BE(at);
  if (at + FRAME_BYTES + length > bytes.length) throw truncated();
  return { type: bytes.toString('latin1', at + 4, at + 8), data: bytes.subarray(at + 8, at + 8 + length) };
}
