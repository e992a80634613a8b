import { CHANNELS, type Raster } from './raster.js';
import type { Size } from './sizing.js';

/** Decoded pixels, row by row from the top, 4 bytes (red, green, blue, opacity) each. */
export interface Rgba extends Size {
  readonly data: Uint8Array | Uint8ClampedArray;
}

/** Lays an image on white. Its pixels lie in shared memory: another thread reads them without a copy. */
export function flattened({ width, height, data }: Rgba): Raster {
  const pixels = new Uint8Array(new SharedArrayBuffer(width * height * CHANNELS));
  for (let from = 0, to = 0; to < pixels.length; from += 4, to += CHANNELS) {
    const opacity = data[from + 3] ?? 0;
    const white = 255 - opacity;
    for (let channel = 0; channel < CHANNELS; channel += 1) {
      const value = data[from + channel] ?? 0;
      pixels[to + channel] = opacity === 255 ? value : white + Math.round((value * opacity) / 255);
    }
  }
  return { width, height, pixels };
}
