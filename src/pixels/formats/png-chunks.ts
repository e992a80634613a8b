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
  let size: { readonly width: number; readonly height: number } | null = null;
  let orientation: Orientation = 1;
  let animated = false;
  let hasData = false;
  for (const { type, data } of pngChunks(file)) {
    if (type === 'IHDR' && data.length >= IHDR_BYTES)
      size = { width: data.readUInt32BE(0), height: data.readUInt32BE(4) };
    if (type === 'eXIf') orientation = orientationOf(data);
    animated ||= type === 'acTL';
    hasData ||= type === 'IDAT';
  }
  if (size === null || !hasData) throw unreadable('this PNG has no image in it');
  return { ...size, orientation, animated };
}

/** One chunk of a PNG. */
export interface PngChunk {
  readonly type: string;
  readonly data: Buffer;
  /** Where its length begins, and where its checksum ends. */
  readonly start: number;
  readonly end: number;
}

/** The chunks of a PNG up to IEND, which is the last one. @throws VisionError IMAGE_TRUNCATED where that is missing */
export function* pngChunks(file: Uint8Array): Generator<PngChunk> {
  const bytes = Buffer.from(file.buffer, file.byteOffset, file.byteLength);
  for (let start = SIGNATURE_BYTES; ; ) {
    const { type, data } = chunkAt(bytes, start);
    const end = start + FRAME_BYTES + data.length;
    yield { type, data, start, end };
    if (type === 'IEND') return;
    start = end;
  }
}

function chunkAt(bytes: Buffer, at: number): { readonly type: string; readonly data: Buffer } {
  if (at + FRAME_BYTES > bytes.length) throw truncated();
  const length = bytes.readUInt32BE(at);
  if (at + FRAME_BYTES + length > bytes.length) throw truncated();
  return { type: bytes.toString('latin1', at + 4, at + 8), data: bytes.subarray(at + 8, at + 8 + length) };
}
