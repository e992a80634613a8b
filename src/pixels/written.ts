import type { ModelImage, PixelSettings } from '../core/ask.js';
import { NATURAL_DENSITY, renderGrey } from './codec.js';
import { INK_SIDE, inkShare } from './ink.js';
import { planSize, type Rect, type SizePlan } from './sizing.js';
import type { Source } from './source.js';
import { isPageLike } from './surround.js';
import { limitsOf } from './whole.js';

/** In pictures of this longer side most pages show already that they are written on. */
const QUICK_SIDE = INK_SIDE / 4;
/** Above this share of ink, nobody looks closer. */
const CLEARLY_WRITTEN = 0.005;

/** Measures the share of ink on what is sent of a page, without the white that it was padded with. */
export async function inkOn(image: ModelImage, source: Source, settings: PixelSettings): Promise<number> {
  const sent = { ...source, bytes: image.bytes, frame: 0, raster: null, density: NATURAL_DENSITY };
  const plan = planSize(source.facts.upright, limitsOf(settings));
  const share = async (longest: number): Promise<number> =>
    inkShare(await renderGrey(sent, { longest, ...unpadded(plan) }), isPageLike(plan.image));
  const quick = await share(QUICK_SIDE);
  return quick > CLEARLY_WRITTEN ? quick : await share(INK_SIDE);
}

function unpadded({ image, canvas }: SizePlan): { readonly part?: Rect } {
  if (image.width === canvas.width && image.height === canvas.height) return {};
  const left = Math.floor((canvas.width - image.width) / 2);
  const top = Math.floor((canvas.height - image.height) / 2);
  return { part: { left, top, ...image } };
}
