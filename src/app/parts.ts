import type { Prepared } from '../../workers/vision-worker.js';
import type { PixelSettings } from '../core/ask.js';
import { createPixels } from '../pixels/prepare.js';

/** The largest file that is opened. */
export const MAX_SOURCE_BYTES = 512 * 1024 * 1024;
/** The largest image that is decoded, in pixels: beyond it a small file can fill the memory of a machine. */
const MAX_INPUT_PIXELS = 268_435_456;
/** Threads that libvips uses for one image; several images are in hand at once. */
const PIXEL_THREADS = 1;

/** Turns files into what a model can see. */
export function createPixelPool(): (bytes: Uint8Array, settings: PixelSettings) => Promise<Prepared> {
  const pixels = createPixels({ threads: PIXEL_THREADS, maxInputPixels: MAX_INPUT_PIXELS });
  return (bytes, settings) => pixels.prepareImage(bytes, settings);
}
