import type { ModelImage, PixelSettings } from '../core/ask.js';
import { cutBetweenLines } from './cuts.js';
import { draw } from './encode.js';
import { limitsOf, planSize, type Rect, type Size } from './sizing.js';
import type { Source } from './source.js';

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

/** Draws both halves of a page. */
export async function drawHalves(source: Source, settings: PixelSettings): Promise<Halves | null> {
  const parts = planHalves(source.facts.upright);
  if (parts === null) return null;
  const [upper, lower] = await drawParts(source, parts, settings);
  return upper === undefined || lower === undefined ? null : [upper, lower];
}

/** Draws parts of a page, each sized on its own, one after the other: each decodes the whole of it. */
export async function drawParts(
  source: Source,
  parts: readonly Rect[],
  settings: PixelSettings,
): Promise<readonly ModelImage[]> {
  const images: ModelImage[] = [];
  for (const part of await cutBetweenLines(source, parts)) {
    const { result } = await draw(source, { plan: planSize(part, limitsOf(settings)), part });
    images.push({ ...result.image, shared: part.shared });
  }
  return images;
}
