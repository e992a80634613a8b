import { Buffer } from 'node:buffer';
import type { Size } from './picture.js';

/** One image of a TIFF: bare tags around one strip. */
export interface TiffImage extends Size {
  /** 1 none, 2 and 3 CCITT T.4 (modified Huffman; with line ends). */
  readonly compression: 1 | 2 | 3;
  readonly bitsPerSample: 1 | 8;
  /** 0 and 1: grey, white or black is zero. 2: RGB. */
  readonly photometric: 0 | 1 | 2;
  readonly strip: Uint8Array;
  readonly orientation?: number;
}

const SHORT = 3;
const LONG = 4;

/** Writes a little-endian TIFF of one strip an image (TIFF 6.0): what sharp does not write, and headers that lie. */
export function writeTiff(images: readonly TiffImage[]): Buffer {
  const parts = [Buffer.from([0x49, 0x49, 42, 0]), uint32(8)];
  for (const [index, image] of images.entries()) {
    const start = parts.reduce((sum, { length }) => sum + length, 0);
    const tags = tagsOf(image);
    const bytes = 2 + (tags.length + 1) * 12 + 4;
    const next = index === images.length - 1 ? 0 : start + bytes + image.strip.length;
    const entries = [...tags, [273, LONG, start + bytes] as const].toSorted(([a], [b]) => a - b);
    parts.push(uint16(entries.length), ...entries.map(entry), uint32(next), Buffer.from(image.strip));
  }
  return Buffer.concat(parts);
}

function tagsOf(image: TiffImage): (readonly [tag: number, type: number, value: number])[] {
  return [
    [256, LONG, image.width],
    [257, LONG, image.height],
    [258, SHORT, image.bitsPerSample],
    [259, SHORT, image.compression],
    [262, SHORT, image.photometric],
    [274, SHORT, image.orientation ?? 1],
    [277, SHORT, image.photometric === 2 ? 3 : 1],
    [278, LONG, image.height],
    [279, LONG, image.strip.length],
  ];
}

function entry([tag, type, value]: readonly [tag: number, type: number, value: number]): Buffer {
  return Buffer.concat([uint16(tag), uint16(type), uint32(1), uint32(value)]);
}

/** Codes of ITU-T T.4, tables 2 and 3, that a corner of 48 × 32 in 96 × 64 needs. */
const WHITE_0 = '00110101';
const WHITE_32 = '00011011';
const WHITE_48 = '00001011';
const WHITE_64 = '11011';
const BLACK_48 = '000001100100';
const LINE_END = '000000000001';

/** A black upper left quarter of 96 × 64, in CCITT group 3 of one dimension. */
export function group3Corner(compression: 2 | 3): Buffer {
  const upper = WHITE_0 + BLACK_48 + WHITE_48;
  const lower = WHITE_64 + WHITE_32;
  const lines = Array.from({ length: 64 }, (_, y) => (y < 32 ? upper : lower));
  const bits = compression === 3 ? [lines.map((line) => LINE_END + line).join('')] : lines;
  return Buffer.concat(bits.map(bytesOf));
}

/** Bits as bytes, filled up with zeros. */
function bytesOf(bits: string): Buffer {
  const bytes = bits.match(/.{1,8}/g) ?? [];
  return Buffer.from(bytes.map((byte) => Number.parseInt(byte.padEnd(8, '0'), 2)));
}

function uint16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16LE(value);
  return bytes;
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}
