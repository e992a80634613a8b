import { Buffer } from 'node:buffer';
import { type Colour, colourAt, type Picture } from './picture.js';
import { packed } from './write-png.js';

/** How a BMP holds its pixels. */
export interface BmpForm {
  /** Bits a pixel; up to 8 it has a palette of the picture's colours. */
  readonly depth: 1 | 4 | 8 | 16 | 24 | 32;
  readonly packing?: 'none' | 'rle' | '565';
  /** Rows from the top, told by a negative height. */
  readonly isTopDown?: boolean;
  /** OS/2's header of 12 bytes instead of Windows' of 40. */
  readonly isCore?: boolean;
}

const FILE_HEADER_BYTES = 14;

/** Writes a BMP (Windows bitmap, BITMAPINFOHEADER or BITMAPCOREHEADER). */
export function writeBmp(picture: Picture, form: BmpForm): Buffer {
  const { depth, packing = 'none', isTopDown = false, isCore = false } = form;
  const palette = depth <= 8 ? paletteOf(picture) : [];
  const rows = Array.from({ length: picture.height }, (_, y) => rowOf(picture, { y, form, palette }));
  const ordered = isTopDown ? rows : rows.toReversed();
  const data = Buffer.concat(packing === 'rle' ? [...ordered, Buffer.from([0, 1])] : ordered.map(padded));
  const head = isCore ? coreHeader(picture, depth) : infoHeader(picture, form, data.length);
  const masks = packing === '565' ? Buffer.concat([0xf800, 0x07e0, 0x001f].map(uint32)) : Buffer.alloc(0);
  const slots = depth <= 8 ? Array.from({ length: 2 ** depth }, (_, i) => palette[i] ?? [0, 0, 0]) : [];
  const colours = Buffer.from(slots.flatMap(([r, g, b]) => (isCore ? [b, g, r] : [b, g, r, 0])));
  const offset = FILE_HEADER_BYTES + head.length + masks.length + colours.length;
  const file = Buffer.concat([Buffer.from('BM'), uint32(offset + data.length), uint32(0), uint32(offset)]);
  return Buffer.concat([file, head, masks, colours, data]);
}

function infoHeader({ width, height }: Picture, { depth, packing, isTopDown }: BmpForm, bytes: number): Buffer {
  const head = Buffer.alloc(40);
  head.writeUInt32LE(40, 0);
  head.writeInt32LE(width, 4);
  head.writeInt32LE(isTopDown ? -height : height, 8);
  head.writeUInt16LE(1, 12);
  head.writeUInt16LE(depth, 14);
  head.writeUInt32LE(packing === 'rle' ? (depth === 8 ? 1 : 2) : packing === '565' ? 3 : 0, 16);
  head.writeUInt32LE(bytes, 20);
  return head;
}

function coreHeader({ width, height }: Picture, depth: number): Buffer {
  const head = Buffer.alloc(12);
  head.writeUInt32LE(12, 0);
  for (const [at, value] of [width, height, 1, depth].entries()) head.writeUInt16LE(value, 4 + at * 2);
  return head;
}

function paletteOf(picture: Picture): Colour[] {
  const seen = new Map<string, Colour>();
  for (let at = 0; at < picture.pixels.length / 3; at += 1) {
    const colour = colourAt(picture, at, 0);
    seen.set(colour.join(), colour);
  }
  return [...seen.values()];
}

interface Row {
  readonly y: number;
  readonly form: BmpForm;
  readonly palette: readonly Colour[];
}

function rowOf(picture: Picture, { y, form: { depth, packing }, palette }: Row): Buffer {
  const colours = Array.from({ length: picture.width }, (_, x) => colourAt(picture, x, y));
  if (depth === 24) return Buffer.from(colours.flatMap(([r, g, b]) => [b, g, r]));
  if (depth === 32) return Buffer.from(colours.flatMap(([r, g, b]) => [b, g, r, 0]));
  if (depth === 16) {
    const words = colours.map(packing === '565' ? to565 : to555);
    return Buffer.from(words.flatMap((word) => [word & 0xff, word >> 8]));
  }
  const places = colours.map((colour) => palette.findIndex((entry) => entry.join() === colour.join()));
  if (packing !== 'rle') return Buffer.from(packed(places, depth));
  return Buffer.from([...runsOf(places).flatMap(([count, value]) => run(count, value, depth)), 0, 0]);
}

const to555 = ([r, g, b]: Colour): number => ((r >> 3) << 10) | ((g >> 3) << 5) | (b >> 3);
const to565 = ([r, g, b]: Colour): number => ((r >> 3) << 11) | ((g >> 2) << 5) | (b >> 3);

/** A run in RLE8, or in RLE4, where a byte names the two colours that take turns. */
function run(count: number, value: number, depth: number): number[] {
  return [count, depth === 4 ? (value << 4) | value : value];
}

function runsOf(values: readonly number[]): [count: number, value: number][] {
  const runs: [number, number][] = [];
  for (const value of values) {
    const last = runs.at(-1);
    if (last !== undefined && last[1] === value && last[0] < 255) last[0] += 1;
    else runs.push([1, value]);
  }
  return runs;
}

function padded(row: Buffer): Buffer {
  return Buffer.concat([row, Buffer.alloc((4 - (row.length % 4)) % 4)]);
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}
