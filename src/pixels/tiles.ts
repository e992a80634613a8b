import type { ModelImage, PixelSettings } from '../core/ask.js';
import { renderGrey } from './codec.js';
import { drawParts } from './halves.js';
import { INK_SIDE } from './ink/ink.js';
import type { Measures } from './ink/measures.js';
import type { Rect, Size } from './sizing.js';
import { type Source, tolerant } from './source.js';

/** More requests for one page are not made: its tiles become higher instead. */
export const MOST_TILES = 12;
/** Pages that are this many times as high as wide are cut: on one image their lines blur, or are passed over. */
const MOST_ASPECT = 4;
/** How high a tile is, in widths. */
const TILE_ASPECT = 2;
/** The same where the model scales all to a square: a higher tile would lose detail in its height alone. */
const SQUARE_ASPECT = 1;
/** Lower pages, in pixels, are not cut. */
const LEAST_PAGE_HEIGHT = 400;
/** Pages that shrink by less than this in the model are not cut. */
const LEAST_SHRINK = 1.5;
/** Letters that are lower than this in the model, in pixels, are too small for it. */
const LEAST_LETTER = 11;
/** The overlap as a part of a tile's height, as two halves of a page have it. */
const OVERLAP = 0.18;
const LEAST_OVERLAP = 60;

type LetterMeasure = Pick<Measures, 'letterHeight'>;
type TileSettings = Pick<PixelSettings, 'mode' | 'fixedSide'>;

/**
 * How many images a page of this size is cut into at most: 1 where it is sent whole. Whether a page is dense shows only
 * when it is drawn.
 */
export function mostTiles(upright: Size, settings: TileSettings): number {
  return planTiles(upright, settings)?.length ?? 1;
}

/** Whether a page may be cut, by what was drawn of it as a whole: pages without pixels of their own are drawn larger for it. */
export function mayBeCut({ kind, facts }: Pick<Source, 'kind' | 'facts'>, settings: TileSettings): boolean {
  const { width, height } = facts.upright;
  if (settings.mode === 'as-is') return false;
  if (kind !== 'pdf' && kind !== 'svg') return planTiles(facts.upright, settings) !== null;
  return height > MOST_ASPECT * width || (settings.fixedSide !== null && height > width);
}

/** Where a page is cut from top to bottom, or null where its size gives no reason to. Tiles are of one height. */
export function planTiles({ width, height }: Size, { mode, fixedSide }: TileSettings): readonly Rect[] | null {
  const isLong = height > MOST_ASPECT * width;
  const shrinks = fixedSide !== null && height > LEAST_SHRINK * fixedSide && height > width;
  if (mode === 'as-is' || height < LEAST_PAGE_HEIGHT || !(isLong || shrinks)) return null;
  const highest = width * (fixedSide === null ? TILE_ASPECT : SQUARE_ASPECT);
  let count = 2;
  while (count < MOST_TILES && tileHeight(height, count) > highest) count += 1;
  const tile = { left: 0, width, height: tileHeight(height, count) };
  return Array.from({ length: count }, (_, at) => ({
    ...tile,
    top: Math.round(((height - tile.height) * at) / (count - 1)),
  }));
}

function tileHeight(height: number, count: number): number {
  const apart = height / (count - OVERLAP * (count - 1));
  return Math.ceil(Math.max(apart, (height + (count - 1) * LEAST_OVERLAP) / count));
}

/** Draws a page's tiles, one after the other; null where it needs none. */
export async function drawTiles(
  source: Source,
  settings: PixelSettings,
  measures: LetterMeasure,
): Promise<readonly ModelImage[] | null> {
  const { upright } = source.facts;
  const parts = planTiles(upright, settings);
  const isLong = upright.height > MOST_ASPECT * upright.width;
  if (parts === null || !(isLong || (await hasSmallLetters(source, settings, measures)))) return null;
  return await drawParts(source, parts, settings);
}

/** Whether letters become too small to be read where a model scales the page to its fixed side. */
async function hasSmallLetters(
  source: Source,
  { fixedSide }: PixelSettings,
  { letterHeight }: LetterMeasure,
): Promise<boolean> {
  if (fixedSide === null) return false;
  const { result: grey } = await tolerant(source, (encoded) => renderGrey(encoded, { longest: INK_SIDE }));
  const height = await letterHeight(grey);
  return height !== null && (height * fixedSide) / grey.height < LEAST_LETTER;
}
