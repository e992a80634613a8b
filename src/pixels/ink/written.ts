import type { ModelImage, PixelSettings } from '../../core/ask.js';
import { NATURAL_DENSITY, renderGrey, renderPrimaries } from '../codec.js';
import { planSize, type Rect, type SizePlan } from '../sizing.js';
import type { Source } from '../source.js';
import { limitsOf } from '../whole.js';
import type { Grey } from './grey.js';
import { INK_SIDE, inkShare, isBlank } from './ink.js';
import { isPageLike } from './surround.js';

/** In pictures of this longer side most pages show already that they are written on. */
const QUICK_SIDE = INK_SIDE / 4;
/** Above this share of ink, nobody looks closer. */
const CLEARLY_WRITTEN = 0.005;

/** Measures the share of ink on what is sent of a page, without the white that it was padded with. */
export async function inkOn(image: ModelImage, source: Source, settings: PixelSettings): Promise<number> {
  const sent = { ...source, bytes: image.bytes, frame: 0, raster: null, density: NATURAL_DENSITY };
  const plan = planSize(source.facts.upright, limitsOf(settings));
  const output = { longest: INK_SIDE, ...unpadded(plan) };
  const share = (page: Grey): number => inkShare(page, isPageLike(plan.image));
  const quick = share(await renderGrey(sent, { ...output, longest: QUICK_SIDE }));
  if (quick > CLEARLY_WRITTEN) return quick;
  const close = share(await renderGrey(sent, output));
  // Yellow ink is as light as paper: only one of the primaries shows it.
  return isBlank(close) ? Math.max(close, ...(await renderPrimaries(sent, output)).map(share)) : close;
}

function unpadded({ image, canvas }: SizePlan): { readonly part?: Rect } {
  return image.width === canvas.width && image.height === canvas.height ? {} : { part: image };
}
