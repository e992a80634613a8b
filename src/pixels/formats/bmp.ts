import { RGBA_CHANNELS, type Rgba } from '../rgba.js';
import { type BmpHeader, type Mask, readBmpHeader, rowBytes } from './bmp-header.js';
import { unpackedRuns } from './bmp-runs.js';

/**
 * Decodes a BMP of 1, 4, 8, 16, 24 or 32 bits, with RLE too. Opacity counts where the header says that there is some and
 * any pixel has it: many writers leave it at zero throughout.
 *
 * @throws VisionError IMAGE_UNREADABLE, IMAGE_TRUNCATED, IMAGE_TOO_LARGE
 */
export function decodeBmp(bytes: Uint8Array, maxPixels: number): Rgba {
  const header = readBmpHeader(bytes, maxPixels);
  const { width, height, bits } = header;
  const data = new Uint8Array(width * height * RGBA_CHANNELS).fill(255);
  if (header.isPacked) paintIndexes(data, unpackedRuns(bytes, header), header);
  else if (bits <= 8) paintIndexes(data, indexes(bytes, header), header);
  else if (bits === 24) paintTriples(data, bytes, header);
  else paintMasked(data, bytes, header);
  return { width, height, pixels: data };
}

/** Where a row from the top stands in the file. */
function rowAt(row: number, header: BmpHeader): number {
  const stored = header.isTopDown ? row : header.height - 1 - row;
  return header.pixelsAt + stored * rowBytes(header);
}

function indexes(bytes: Uint8Array, header: BmpHeader): Uint8Array {
  const { width, height, bits } = header;
  const found = new Uint8Array(width * height);
  const ones = (1 << bits) - 1;
  for (let row = 0; row < height; row += 1) {
    const from = rowAt(row, header);
    for (let x = 0; x < width; x += 1) {
      const bit = x * bits;
      const byte = bytes[from + (bit >> 3)] ?? 0;
      found[row * width + x] = (byte >> (8 - bits - (bit & 7))) & ones;
    }
  }
  return found;
}

function paintIndexes(data: Uint8Array, found: Uint8Array, { palette }: BmpHeader): void {
  for (const [at, index] of found.entries()) {
    data[at * 4] = palette[index * 3] ?? 0;
    data[at * 4 + 1] = palette[index * 3 + 1] ?? 0;
    data[at * 4 + 2] = palette[index * 3 + 2] ?? 0;
  }
}

function paintTriples(data: Uint8Array, bytes: Uint8Array, header: BmpHeader): void {
  const { width, height } = header;
  for (let row = 0; row < height; row += 1) {
    let from = rowAt(row, header);
    for (let at = row * width * 4; at < (row + 1) * width * 4; at += 4, from += 3) {
      data[at] = bytes[from + 2] ?? 0;
      data[at + 1] = bytes[from + 1] ?? 0;
      data[at + 2] = bytes[from] ?? 0;
    }
  }
}

function paintMasked(data: Uint8Array, bytes: Uint8Array, header: BmpHeader): void {
  const { width, height, bits, masks } = header;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const [red, green, blue, opacity] = masks.map(channelOf);
  let most = 0;
  for (let row = 0; row < height; row += 1) {
    const from = rowAt(row, header);
    for (let x = 0; x < width; x += 1) {
      const pixel = bits === 16 ? view.getUint16(from + x * 2, true) : view.getUint32(from + x * 4, true);
      const at = (row * width + x) * 4;
      data[at] = red?.(pixel) ?? 0;
      data[at + 1] = green?.(pixel) ?? 0;
      data[at + 2] = blue?.(pixel) ?? 0;
      data[at + 3] = opacity?.(pixel) ?? 255;
      most = Math.max(most, data[at + 3] ?? 0);
    }
  }
  if (most === 0 || masks[3] === 0) for (let at = 3; at < data.length; at += 4) data[at] = 255;
}

/** Reads one channel of a pixel as 0 … 255. */
function channelOf(mask: Mask): (pixel: number) => number {
  if (mask === 0) return () => 0;
  const shift = 31 - Math.clz32(mask & -mask);
  const most = mask >>> shift;
  return (pixel) => Math.round((((pixel & mask) >>> shift) * 255) / most);
}
