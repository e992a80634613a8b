import { type Size, scaleWithin } from '../sizing.js';

/** How large a page of a PDF becomes. */
export interface DrawLimits {
  /** Dots per inch at most. */
  readonly dpi: number;
  /** Pixels at most. */
  readonly maxSide: number;
  readonly maxPixels: number;
}

/** One page of a document, from 1, and how it is to be drawn. */
export interface DrawOptions {
  readonly page: number;
  readonly limits: DrawLimits;
  /** Width × height above which no image of a page is decoded whole. Drawing it takes a row of it at a time. */
  readonly maxImagePixels: number;
}

/** Points an inch: what a PDF measures in. */
const POINTS_PER_INCH = 72;
/** Thinner pages are drawn this many times as long as they are wide, so that neither side is nothing. */
const MOST_ASPECT = 1000;

/** How large a page of this size, in points, is drawn, in pixels: at `dpi`, or smaller where that exceeds a limit. */
export function drawSize(points: Size, { dpi, ...limits }: DrawLimits): Size {
  const { width, height } = points;
  const scale = Math.min(dpi / POINTS_PER_INCH, scaleWithin(points, limits));
  const least = Math.max(1, Math.ceil((Math.max(width, height) * scale) / MOST_ASPECT));
  // 3000 × (2000 / 3000) must be 2000
  const scaled = (side: number): number => Math.max(least, Math.floor(side * scale + 1e-6));
  return { width: scaled(width), height: scaled(height) };
}
