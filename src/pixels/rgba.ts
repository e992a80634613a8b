import type { Size } from './sizing.js';

/** Pixels that a thread decoded: row by row from the top, 4 bytes (red, green, blue, opacity) each. */
export interface Rgba extends Size {
  readonly pixels: Uint8Array;
}

/** Bytes a pixel of {@link Rgba}. */
export const RGBA_CHANNELS = 4;
