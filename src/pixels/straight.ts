import type { ModelImage, PixelSettings } from '../core/ask.js';
import { encodeRaster, NATURAL_DENSITY, type Rotation, renderGrey, renderRaster, renderTurned } from './codec.js';
import { skewOf } from './deskew.js';
import { WHITE } from './flatten.js';
import { toneOf } from './grey.js';
import type { Raster } from './raster.js';
import { type PixelWarning, type Source, tolerant } from './source.js';

/** A quarter turn clockwise, or none, two or three of them, in degrees. */
export type Turn = 0 | 90 | 180 | 270;

/** Tells by how many degrees a JPEG of a page must be turned clockwise before its writing stands upright. */
export type Orienter = (image: ModelImage) => Promise<Turn>;

/** A source whose writing stands upright and level, and what was done for that. */
export interface Straight {
  readonly source: Source;
  readonly warnings: readonly PixelWarning[];
}

/** Longest sides in pixels of the pictures in which turned and skewed writing is looked for. */
const ORIENT_SIDE = 1200;
const SKEW_SIDE = 900;

/**
 * Turns a page whose writing lies on its side or head, and straightens one that was scanned askew, where the settings ask
 * for it. What is turned is drawn once, in its full size, and is a raster from then on.
 */
export async function straightened(source: Source, settings: PixelSettings, orienter?: Orienter): Promise<Straight> {
  if (settings.mode === 'as-is') return { source, warnings: [] };
  const turn = settings.rotate === 'auto' && orienter !== undefined ? await orienter(await pageFor(source)) : 0;
  const turned = turn === 0 ? source : await turnedBy(source, { degrees: turn, ground: WHITE });
  const warnings: readonly PixelWarning[] = turn === 0 ? [] : [`rotated:${turn}`];
  if (!settings.deskew) return { source: turned, warnings };
  const { result: page } = await tolerant(turned, (encoded) => renderGrey(encoded, { longest: SKEW_SIDE }));
  const skew = skewOf(page);
  if (skew === 0) return { source: turned, warnings };
  const level = await turnedBy(turned, { degrees: -skew, ground: toneOf(page) });
  return { source: level, warnings: [...warnings, 'deskewed'] };
}

/** A small JPEG of the page. */
async function pageFor(source: Source): Promise<ModelImage> {
  const { width, height } = source.facts.upright;
  const scale = Math.min(1, ORIENT_SIDE / Math.max(width, height));
  const size = { width: Math.max(1, Math.round(width * scale)), height: Math.max(1, Math.round(height * scale)) };
  const { result } = await tolerant(source, (encoded) => renderRaster(encoded, size));
  return await encodeRaster(result, 'jpeg');
}

async function turnedBy(source: Source, rotation: Rotation): Promise<Source> {
  const { result: raster } = await tolerant(source, (encoded) => renderTurned(encoded, rotation));
  return asRaster(source, raster);
}

function asRaster(source: Source, raster: Raster): Source {
  const { width, height } = raster;
  const facts = { upright: { width, height }, isPlain: false, frames: source.facts.frames };
  return { ...source, raster, facts, header: null, frame: 0, density: NATURAL_DENSITY, isWholeFile: false };
}
