import type { Size } from '../sizing.js';

/** A picture without colour: row by row from the top, one byte a pixel, 0 black … 255 white. */
export interface Grey extends Size {
  readonly pixels: Uint8Array;
}

/** How often each brightness occurs. */
export function histogramOf(pixels: Uint8Array): Uint32Array {
  const counts = new Uint32Array(256);
  for (let at = 0; at < pixels.length; at += 1) countAt(counts, pixels[at] ?? 0);
  return counts;
}

/** Counts a value once more. */
export function countAt(counts: Uint32Array, value: number): void {
  counts[value] = (counts[value] ?? 0) + 1;
}

/** The value that this share (0…1) of `total` counted values does not exceed. */
export function quantile(
  counts: Uint32Array,
  { share, total }: { readonly share: number; readonly total: number },
): number {
  let left = total * share;
  let value = 0;
  while (value < counts.length - 1 && left > (counts[value] ?? 0)) {
    left -= counts[value] ?? 0;
    value += 1;
  }
  return value;
}

/** The brightness that half of a picture does not exceed. */
export function toneOf({ pixels }: Grey): number {
  return quantile(histogramOf(pixels), { share: 0.5, total: pixels.length });
}
