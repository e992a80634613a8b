import { NATURAL_DENSITY, readFacts, renderClear } from '../codec.js';
import type { DrawLimits } from '../formats/pdf-size.js';
import type { Rgba } from '../rgba.js';
import { scaleWithin } from '../sizing.js';
import { mustStandAlone } from './stand-alone.js';

/** How an SVG is to be drawn. */
export interface SvgLimits extends DrawLimits {
  /** Width × height, as the file says them, above which nothing is drawn. */
  readonly maxInputPixels: number;
  /** Whole seconds after which drawing it is given up. */
  readonly timeoutSecs: number;
}

/** An inch has 96 pixels in SVG and CSS. */
export const CSS_DPI = 96;

/**
 * Draws an SVG, its clear areas kept. It has no pixels of its own: like a page of a PDF it is drawn at `dpi` where
 * it says a smaller size, and smaller where a limit wants that.
 *
 * @throws VisionError IMAGE_UNSUPPORTED, IMAGE_UNREADABLE, IMAGE_TOO_LARGE
 */
export async function drawSvg(
  bytes: Uint8Array,
  { dpi, maxInputPixels, timeoutSecs, ...most }: SvgLimits,
): Promise<Rgba> {
  mustStandAlone(bytes);
  const drawing = { bytes, frame: 0, raster: null, maxInputPixels, timeoutSecs, failOn: 'error' } as const;
  const natural = { ...drawing, density: NATURAL_DENSITY, isUnlimited: true };
  const { upright } = await readFacts(natural);
  const scale = Math.min(Math.max(1, dpi / CSS_DPI), scaleWithin(upright, most));
  return await renderClear({ ...natural, density: Math.max(1, NATURAL_DENSITY * scale) });
}
