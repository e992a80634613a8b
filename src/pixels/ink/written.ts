import type { PixelSettings } from '../../core/ask.js';
import { type Encoded, NATURAL_DENSITY, renderGrey, renderPrimaries } from '../codec.js';
import { limitsOf, planSize } from '../sizing.js';
import { type Source, tolerant } from '../source.js';
import { planTiles } from '../tiles.js';
import type { Whole } from '../whole.js';
import { greenOf } from './green.js';
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

/**
 * Measures the share of ink on what is sent of a page, without the white that it was padded with: on the pixels that it
 * was made of, and only where there are none on its bytes.
 */
export async function inkOn({ image, raster }: Whole, { source, settings, measures }: PageInHand): Promise<number> {
  const { image: part } = planSize(source.facts.upright, limitsOf(settings));
  const isPage = isPageLike(part);
  const sent = { ...source, bytes: image.bytes, frame: 0, raster, density: NATURAL_DENSITY };
  const drawn = async <T>(draw: (sent: Encoded) => Promise<T>): Promise<T> => (await tolerant(sent, draw)).result;
  const quick =
    raster === null
      ? await drawn((encoded) => renderGrey(encoded, { longest: QUICK_SIDE }))
      : greenOf(raster, { part, longest: QUICK_SIDE });
  const quickShare = inkShare(quick, isPage);
  if (quickShare > CLEARLY_WRITTEN) return quickShare;
  const output = { longest: INK_SIDE, ...(raster !== null && { part }) };
  const share = (page: Grey): Promise<number> => measures.inkShare(page, isPage);
  const close = await share(await drawn((encoded) => renderGrey(encoded, output)));
  // Yellow ink is as light as paper: only one of the primaries shows it.
  if (!isBlank(close)) return close;
  const primaries = await drawn((encoded) => renderPrimaries(encoded, output));
  return Math.max(close, ...(await Promise.all(primaries.map(share))));
}

/**
 * Measures the share of ink on each tile that a page may be cut into, up to the first one that is written on: what is faint
 * on a till receipt of a thousand lines is not to be seen on the whole of it, made small.
 */
export async function inkOnTiles({ source, settings, measures }: PageInHand): Promise<number> {
  let most = 0;
  for (const part of planTiles(source.facts.upright, settings) ?? []) {
    const { result: primaries } = await tolerant(source, (sent) => renderPrimaries(sent, { longest: INK_SIDE, part }));
    const shares = primaries.map((page) => measures.inkShare(page, isPageLike(part)));
    most = Math.max(most, ...(await Promise.all(shares)));
    if (!isBlank(most)) break;
  }
  return most;
}
