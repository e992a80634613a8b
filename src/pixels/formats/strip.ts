import { Buffer } from 'node:buffer';
import { jpegSegments } from './jpeg-segments.js';
import type { ImageKind } from './kinds.js';
import { pngChunks } from './png-chunks.js';

/** Segments of a JPEG that say how its pixels are coded: JFIF, and Adobe's colour transform. All others tell of it. */
const APP0 = 0xe0;
const APP14 = 0xee;
const COMMENT = 0xfe;
const JFIF = 'JFIF\0';
/** A longer one holds a thumbnail. */
const JFIF_BYTES = 14;

/** Chunks of a PNG that its pixels are made of, and their shape. All others, private ones too, may tell where, when and how it was made. */
const NEEDED: ReadonlySet<string> = new Set(['IHDR', 'PLTE', 'tRNS', 'gAMA', 'cHRM', 'sRGB', 'pHYs', 'IDAT', 'IEND']);

/**
 * Leaves out what a JPEG or PNG tells besides its pixels: EXIF, the place, thumbnails, comments, colour profiles, whatever
 * follows its end. The pixels are not coded again. For upright images in sRGB only: others need what they tell.
 *
 * @returns the same object where there is nothing to leave out
 */
export function stripped(kind: ImageKind, file: Uint8Array): Uint8Array {
  if (kind === 'jpeg') return joined(file, jpegParts(file));
  return kind === 'png' ? joined(file, pngParts(file)) : file;
}

/** A stretch of the file that is kept. */
interface Kept {
  readonly start: number;
  readonly end: number;
}

function* jpegParts(file: Uint8Array): Generator<Kept> {
  yield { start: 0, end: 2 };
  for (const { marker, content, start, end } of jpegSegments(file)) {
    const isJfif = marker === APP0 && content.length <= JFIF_BYTES && content.toString('latin1', 0, 5) === JFIF;
    const isTelling = (marker >= APP0 && marker <= 0xef && marker !== APP14 && !isJfif) || marker === COMMENT;
    if (!isTelling) yield { start, end };
  }
}

function* pngParts(file: Uint8Array): Generator<Kept> {
  yield { start: 0, end: 8 };
  for (const { type, start, end } of pngChunks(file)) if (NEEDED.has(type)) yield { start, end };
}

function joined(file: Uint8Array, parts: Iterable<Kept>): Uint8Array {
  const kept: Kept[] = [];
  for (const part of parts) {
    const last = kept.at(-1);
    if (last?.end === part.start) kept[kept.length - 1] = { start: last.start, end: part.end };
    else kept.push(part);
  }
  const [only, ...others] = kept;
  if (others.length === 0 && only?.end === file.length) return file;
  return Buffer.concat(kept.map(({ start, end }) => file.subarray(start, end)));
}
