import type { Rect, Size } from './sizing.js';

/** Decoded pixels: row by row from the top, 3 bytes (red, green, blue) each. */
export interface Raster extends Size {
  readonly pixels: Uint8Array;
}

/** Bytes a pixel of a {@link Raster}. */
export const CHANNELS = 3;

/** A white canvas. */
export function whiteRaster({ width, height }: Size): Raster {
  return { width, height, pixels: new Uint8Array(width * height * CHANNELS).fill(255) };
}

/** Paints a rectangle that lies within the canvas in one grey, 0 (black) … 255. */
export function fillRect(canvas: Raster, { left, top, width, height }: Rect, grey: number): void {
  for (let y = top; y < top + height; y += 1) {
    const from = (y * canvas.width + left) * CHANNELS;
    canvas.pixels.fill(grey, from, from + width * CHANNELS);
  }
}

/** Copies an image onto a canvas that has room for it there. */
export function paste(canvas: Raster, image: Raster, { left, top }: Pick<Rect, 'left' | 'top'>): void {
  const rowBytes = image.width * CHANNELS;
  for (let y = 0; y < image.height; y += 1) {
    const row = image.pixels.subarray(y * rowBytes, (y + 1) * rowBytes);
    canvas.pixels.set(row, ((top + y) * canvas.width + left) * CHANNELS);
  }
}
