import type { ModelImage, PixelSettings } from '../core/ask.js';
import { draw } from './encode.js';
import { planSize, type Rect, type Size } from './sizing.js';
import type { Source } from './source.js';
import { limitsOf } from './whole.js';

/** The upper and the lower half of a page. */
export type Halves = readonly [upper: ModelImage, lower: ModelImage];

/** Lower pages, in pixels, are not cut: there is next to nothing to gain. */
const LEAST_PAGE_HEIGHT = 200;
/** The overlap as a part of the page's height: a line of text that one half cuts is whole in the other. */
const OVERLAP = 0.1;
const LEAST_OVERLAP = 60;

/** Where a page is cut, or null where it is too low for that. */
export function planHalves({ width, height }: Size): readonly [upper: Rect, lower: Rect] | null {
  if (height < LEAST_PAGE_HEIGHT) return null;
  const overlap = Math.max(LEAST_OVERLAP, height * OVERLAP);
  const half = { left: 0, width, height: Math.ceil((height + overlap) / 2) };
  return [
    { ...half, top: 0 },
    { ...half, top: height - half.height },
  ];
}

/** Draws both halves of a page, one after the other: each decodes the whole of it. */
export async function drawHalves(source: Source, settings: PixelSettings): Promise<Halves | null> {
  const parts = planHalves(source.facts.upright);
  if (parts === null) return null;
  const [upper, lower] = parts;
  return [await drawPart(source, upper, settings), await drawPart(source, lower, settings)];
}

/** Draws a part of a page, sized on its own. */
export async function drawPart(source: Source, part: Rect, settings: PixelSettings): Promise<ModelImage> {
  const { result } = await draw(source, { plan: planSize(part, limitsOf(settings)), part });
  return result;
}
