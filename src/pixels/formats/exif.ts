import type { Buffer } from 'node:buffer';

/** How a stored image is turned before a person sees it, by EXIF: 1 (as it is) … 8. */
export type Orientation = 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8;

const ORIENTATION_TAG = 0x0112;
const ENTRY_BYTES = 12;

/** The orientation that a TIFF block tells (the content of EXIF in a JPEG or PNG); 1 where it tells none. */
export function orientationOf(tiff: Buffer): Orientation {
  const order = tiff.toString('latin1', 0, 2);
  if (order !== 'II' && order !== 'MM') return 1;
  const uint16 = (at: number): number => (order === 'II' ? tiff.readUInt16LE(at) : tiff.readUInt16BE(at));
  const uint32 = (at: number): number => (order === 'II' ? tiff.readUInt32LE(at) : tiff.readUInt32BE(at));
  if (tiff.length < 8) return 1;
  const directory = uint32(4);
  if (directory + 2 > tiff.length) return 1;
  const entries = Math.min(uint16(directory), Math.floor((tiff.length - directory - 2) / ENTRY_BYTES));
  for (let entry = 0; entry < entries; entry += 1) {
    const at = directory + 2 + entry * ENTRY_BYTES;
    if (uint16(at) === ORIENTATION_TAG) return asOrientation(uint16(at + 8));
  }
  return 1;
}

function asOrientation(value: number): Orientation {
  return value >= 1 && value <= 8 ? (value as Orientation) : 1;
}

/** Whether this orientation swaps width and height. */
export function swapsSides(orientation: Orientation): boolean {
  return orientation >= 5;
}
