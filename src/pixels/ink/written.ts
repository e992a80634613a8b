import type { ModelImage, PixelSettings } from '../../core/ask.js';
import { NATURAL_DENSITY, renderGrey, renderPrimaries } from '../codec.js';
import { planSize, type Rect, type SizePlan } from '../sizing.js';
import type { Source } from '../source.js';
import { limitsOf } from '../whole.js';
import type { Grey } from './grey.js';
import { INK_SIDE, inkShare, isBlank } from './ink.js';
import type { Measures } from './measures.js';
import { isPageLike } from './surround.js';

/** In pictures of this longer side most pages show already that they are written on. */
const QUICK_SIDE = INK_SIDE / 4;
/** Above this share of ink, nobody looks closer. */
const CLEARLY_WRITTEN = 0.005;

/** The page that an image was made of. */
export interface PageInHand {
  readonly source: Source;
  readonly settings: PixelSettings;
  readonly measures: Pick<Measures, 'inkShare'>;
}

/** Measures the share of ink on what is sent of a page, without the white that it was padded with. */
export async function inkOn(image: ModelImage, { source, settings, measures }: PageInHand): Promise<number> {
  const sent = { ...source, bytes: image.bytes, frame: 0, raster: null, density: NATURAL_DENSITY };
  const plan = planSize(source.facts.upright, limitsOf(settings));
  const output = { longest: INK_SIDE, ...unpadded(plan) };
  const isPage = isPageLike(plan.image);
  const quick = inkShare(await renderGrey(sent, { ...output, longest: QUICK_SIDE }), isPage);
  if (quick > CLEARLY_WRITTEN) return quick;
  const share = (page: Grey): Promise<number> => measures.inkShare(page, isPage);
  const close = await share(await renderGrey(sent, output));
  // Yellow ink is as light as paper: only one of the primaries shows it.
  if (!isBlank(close)) return close;
  return Math.max(close, ...(await Promise.all((await renderPrimaries(sent, output)).map(share))));
}

function unpadded({ image, canvas }: SizePlan): { readonly part?: Rect } {
  return image.width === canvas.width && image.height === canvas.height ? {} : { part: image };
}
