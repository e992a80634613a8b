import { Buffer } from 'node:buffer';
import { type Orientation, orientationOf } from './exif.js';
import { type ImageHeader, truncated, unreadable } from './header.js';

const SIGNATURE_BYTES = 8;
/** Length, type and checksum around a chunk's data. */
const FRAME_BYTES = 12;
const IHDR_BYTES = 13;
/** Writers put 8 KB or more into each. */
const MOST_CHUNKS = 100_000;

/**
 * Walks a PNG's chunks (PNG specification, third edition, section 5) to IEND without decoding.
 *
 * @throws VisionError IMAGE_TRUNCATED where IEND is missing or cut, IMAGE_UNREADABLE where there is no image before it, or
 * no end to its chunks
 */
export function readPngChunks(file: Uint8Array): ImageHeader {
  let size: { readonly width: number; readonly height: number } | null = null;
  let orientation: Orientation = 1;
  let animated = false;
  let hasData = false;
  const bytes = viewOf(file);
  for (const { type, start, end } of pngChunks(file)) {
    const data = start + 8;
    if (type === 'IHDR' && end - start - FRAME_BYTES >= IHDR_BYTES)
      size = { width: bytes.readUInt32BE(data), height: bytes.readUInt32BE(data + 4) };
    if (type === 'eXIf') orientation = orientationOf(bytes.subarray(data, end - 4));
    animated ||= type === 'acTL';
    hasData ||= type === 'IDAT';
  }
  if (size === null || !hasData) throw unreadable('this PNG has no image in it');
  return { ...size, orientation, animated };
}

/** One chunk of a PNG. */
export interface PngChunk {
  readonly type: string;
  /** Where its length begins, and where its checksum ends: eight bytes before its data, and four after. */
  readonly start: number;
  readonly end: number;
}

/** The chunks of a PNG up to IEND, which is the last one. @throws VisionError as {@link readPngChunks} */
export function* pngChunks(file: Uint8Array): Generator<PngChunk> {
  const bytes = viewOf(file);
  let start = SIGNATURE_BYTES;
  for (let count = 0; count < MOST_CHUNKS; count += 1) {
    if (start + FRAME_BYTES > bytes.length) throw truncated();
    const end = start + FRAME_BYTES + bytes.readUInt32BE(start);
    if (end > bytes.length) throw truncated();
    const type = bytes.toString('latin1', start + 4, start + 8);
    yield { type, start, end };
    if (type === 'IEND') return;
    start = end;
  }
  throw unreadable(`this PNG has more than ${MOST_CHUNKS} chunks`);
}

function viewOf({ buffer, byteOffset, byteLength }: Uint8Array): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength);
}
