import type { PixelSettings } from '../core/ask.js';

export interface Size {
  readonly width: number;
  readonly height: number;
}

/** A part of an image, in pixels from its upper left corner. */
export interface Rect extends Size {
  readonly left: number;
  readonly top: number;
}

/** The limits of a size. Asks that were stored before the last two existed lack them. */
export type SizeLimits = Pick<PixelSettings, 'maxSide' | 'maxPixels'> &
  Partial<Pick<PixelSettings, 'leastSide' | 'multiple'>>;

/** The limits that the settings set for one image: `as-is` only pads what is too small or too thin. */
export function limitsOf({ mode, maxSide, maxPixels, leastSide, multiple }: PixelSettings): SizeLimits {
  if (mode === 'auto') return { maxSide, maxPixels, leastSide, multiple };
  return { maxSide: Number.POSITIVE_INFINITY, maxPixels: Number.POSITIVE_INFINITY, leastSide };
}

/** How large the image becomes, and the white canvas it stands on. */
export interface SizePlan {
  /** Its size and place: the canvas shows as much white on either side of it. */
  readonly image: Rect;
  /** As large as the image, unless that is too small, too thin or no multiple. */
  readonly canvas: Size;
}

/** Model servers crash on smaller sides than 28 or 32 pixels. */
export const LEAST_SIDE = 64;
/** Model servers refuse or crash on images more than 200 times as long as wide. */
const MOST_ASPECT = 100;

/**
 * Shrinks (never enlarges) to the settings' limits, keeping the aspect, then pads what is too small, too thin or no
 * multiple. The limits hold for the canvas too, as far as the padding lets them.
 */
export function planSize(upright: Size, limits: SizeLimits): SizePlan {
  const { width, height } = upright;
  const longest = Math.max(width, height);
  const most = Math.min(1, scaleWithin(upright, limits));
  const plan = planAt(upright, most, limits);
  if (fits(plan.canvas, limits)) return plan;
  const side = largestThat(Math.ceil(longest * most), (side) =>
    fits(planAt(upright, side / longest, limits).canvas, limits),
  );
  return side === null ? plan : planAt(upright, side / longest, limits);
}

/** Exactly this size, nothing beside it. */
export function exactly({ width, height }: Size): SizePlan {
  return { image: { left: 0, top: 0, width, height }, canvas: { width, height } };
}

/** How many times as long a size may be to reach the first of the limits. */
export function scaleWithin(
  { width, height }: Size,
  { maxSide, maxPixels }: Pick<SizeLimits, 'maxSide' | 'maxPixels'>,
): number {
  return Math.min(maxSide / Math.max(width, height), Math.sqrt(maxPixels / (width * height)));
}

/** The canvas for an image of this size: its sides padded up, never cut. */
export function canvasFor({ width, height }: Size, { leastSide = LEAST_SIDE, multiple = 1 }: SizeLimits): Size {
  const least = Math.max(LEAST_SIDE, leastSide, Math.ceil(Math.max(width, height) / MOST_ASPECT));
  const padded = (side: number): number => Math.ceil(Math.max(side, least) / multiple) * multiple;
  return { width: padded(width), height: padded(height) };
}

/** Where something stands in the middle of a canvas. */
export function centred(size: Size, canvas: Size): Pick<Rect, 'left' | 'top'> {
  return { left: Math.floor((canvas.width - size.width) / 2), top: Math.floor((canvas.height - size.height) / 2) };
}

/** Whether a canvas keeps to the limits. */
export function fits({ width, height }: Size, { maxSide, maxPixels }: SizeLimits): boolean {
  return Math.max(width, height) <= maxSide && width * height <= maxPixels;
}

/** Whether the plan leaves an image as it is. */
export function isUnchanged(upright: Size, { canvas }: SizePlan): boolean {
  return canvas.width === upright.width && canvas.height === upright.height;
}

/** The largest whole number from 1 to `most` that holds, where all below one that holds do too; null where none does. */
export function largestThat(most: number, holds: (value: number) => boolean): number | null {
  let [good, bad] = [0, most + 1];
  while (bad - good > 1) {
    const middle = Math.floor((good + bad) / 2);
    if (holds(middle)) good = middle;
    else bad = middle;
  }
  return good === 0 ? null : good;
}

function planAt({ width, height }: Size, scale: number, limits: SizeLimits): SizePlan {
  const image = { width: scaled(width, scale), height: scaled(height, scale) };
  const canvas = canvasFor(image, limits);
  return { image: { ...image, ...centred(image, canvas) }, canvas };
}

function scaled(side: number, scale: number): number {
  return Math.max(1, Math.floor(side * scale + 1e-6)); // 3000 × (2000 / 3000) must be 2000
}
