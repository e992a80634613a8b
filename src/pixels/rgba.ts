import type { Size } from './sizing.js';

/** Pixels that a thread decoded: row by row from the top, 4 bytes (red, green, blue, opacity) each. */
export interface Rgba extends Size {
  readonly pixels: Uint8Array;
}

/** Bytes a pixel of {@link Rgba}. */
export const RGBA_CHANNELS = 4;

/** Pixels where another thread reads them without a copy of its own. */
export function inSharedMemory({ width, height }: Size, data: Uint8Array | Uint8ClampedArray): Rgba {
  const pixels = new Uint8Array(new SharedArrayBuffer(width * height * RGBA_CHANNELS));
  pixels.set(data);
  return { width, height, pixels };
}
