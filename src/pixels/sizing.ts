import type { PixelSettings } from '../core/ask.js';

export interface Size {
  readonly width: number;
  readonly height: number;
}

/** How large the image becomes, and the white canvas it stands on. */
export interface SizePlan {
  readonly image: Size;
  /** As large as the image, unless that is too small or too thin for a model. */
  readonly canvas: Size;
}

/** Model servers crash on smaller sides than 28 or 32 pixels. */
export const LEAST_SIDE = 64;
/** Model servers refuse or crash on images more than 200 times as long as wide. */
const MOST_ASPECT = 100;

/** Shrinks (never enlarges) to the settings' limits, keeping the aspect, then pads what is too small or too thin. */
export function planSize(upright: Size, settings: Pick<PixelSettings, 'maxSide' | 'maxPixels'>): SizePlan {
  const { width, height } = upright;
  const scale = Math.min(
    1,
    settings.maxSide / Math.max(width, height),
    Math.sqrt(settings.maxPixels / (width * height)),
  );
  const image = { width: scaled(width, scale), height: scaled(height, scale) };
  const least = Math.max(LEAST_SIDE, Math.ceil(Math.max(image.width, image.height) / MOST_ASPECT));
  return { image, canvas: { width: Math.max(image.width, least), height: Math.max(image.height, least) } };
}

/** Whether the plan leaves an image as it is. */
export function isUnchanged(upright: Size, { canvas }: SizePlan): boolean {
  return canvas.width === upright.width && canvas.height === upright.height;
}

function scaled(side: number, scale: number): number {
  return Math.max(1, Math.floor(side * scale + 1e-6)); // 3000 × (2000 / 3000) must be 2000
}
