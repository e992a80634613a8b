import type { BmpHeader } from './bmp-header.js';
import { truncated } from './header.js';

const END_OF_LINE = 0;
const END_OF_BITMAP = 1;
const MOVE = 2;

/**
 * Unpacks RLE8 or RLE4 (Microsoft: Bitmap Compression) to one colour number a pixel, row by row from the top. Pixels that
 * are jumped over have colour 0; what would stand outside of the image is left out.
 *
 * @throws VisionError IMAGE_TRUNCATED where the bytes end before the image does
 */
export function unpackedRuns(bytes: Uint8Array, { width, height, bits, isTopDown, pixelsAt }: BmpHeader): Uint8Array {
  const found = new Uint8Array(width * height);
  let at = pixelsAt;
  let [x, y] = [0, 0];
  const next = (): number => {
    const byte = bytes[at];
    if (byte === undefined) throw truncated();
    at += 1;
    return byte;
  };
  const put = (index: number): void => {
    if (x < width) found[(isTopDown ? y : height - 1 - y) * width + x] = index;
    x += 1;
  };
  const putLiterally = (count: number): void => {
    const from = at;
    for (let place = 0, byte = 0; place < count; place += 1) {
      if (bits === 8 || place % 2 === 0) byte = next();
      put(indexIn(byte, { place, bits }));
    }
    if ((at - from) % 2 === 1) at += 1; // literal bytes come in pairs
  };
  while (y < height) {
    const count = next();
    const code = next();
    if (count > 0) for (let place = 0; place < count; place += 1) put(indexIn(code, { place, bits }));
    else if (code === END_OF_LINE) [x, y] = [0, y + 1];
    else if (code === END_OF_BITMAP) break;
    else if (code === MOVE) [x, y] = [x + next(), y + next()];
    else putLiterally(code);
  }
  return found;
}

/** A byte is one colour number of 8 bits or two of 4, the left one first. */
function indexIn(byte: number, { place, bits }: { readonly place: number; readonly bits: number }): number {
  if (bits === 8) return byte;
  return place % 2 === 0 ? byte >> 4 : byte & 15;
}
