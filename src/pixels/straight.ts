import type { ModelImage, PixelSettings } from '../core/ask.js';
import { encodeRaster, NATURAL_DENSITY, type Rotation, renderGrey, renderRaster, renderTurned } from './codec.js';
import { WHITE } from './flatten.js';
import { toneOf } from './ink/grey.js';
import type { Measures } from './ink/measures.js';
import type { Rgba } from './rgba.js';
import { exactly } from './sizing.js';
import { type PixelWarning, type Source, tolerant } from './source.js';

/** A quarter turn clockwise, or none, two or three of them, in degrees. */
export type Turn = 0 | 90 | 180 | 270;

/** Tells by how many degrees a page must be turned clockwise before its writing stands upright, by a JPEG of its middle. */
export type Orienter = (image: ModelImage) => Promise<Turn>;

/** A source whose writing stands upright and level, and what was done for that. */
export interface Straight {
  readonly source: Source;
  readonly warnings: readonly PixelWarning[];
}

/** What finds out how a page lies. */
export interface StraightTools {
  /** Undefined where no page is turned. */
  readonly orienter: Orienter | undefined;
  readonly measures: Pick<Measures, 'skewOf'>;
}

/** How a page lies is told by the square in its middle, this part of its shorter side, drawn no larger than so many pixels. */
const MIDDLE_SHARE = 0.8;
const MIDDLE_SIDE = 900;
/** Longest side, in pixels, of the picture in which the lines' angle is measured. */
const SKEW_SIDE = 900;

/**
 * Turns a page whose writing lies on its side or head, and straightens one that was scanned askew, where the settings ask
 * for it. What is turned is drawn once, in its full size, and is a raster from then on.
 */
export async function straightened(
  source: Source,
  settings: PixelSettings,
  { orienter, measures }: StraightTools,
): Promise<Straight> {
  if (settings.mode === 'as-is') return { source, warnings: [] };
  const turn = settings.rotate === 'auto' && orienter !== undefined ? await orienter(await middleOf(source)) : 0;
  const turned = turn === 0 ? source : await turnedBy(source, { degrees: turn, ground: WHITE });
  const warnings: readonly PixelWarning[] = turn === 0 ? [] : [`rotated:${turn}`];
  if (!settings.deskew) return { source: turned, warnings };
  const { result: page } = await tolerant(turned, (encoded) => renderGrey(encoded, { longest: SKEW_SIDE }));
  const skew = await measures.skewOf(page);
  if (skew === 0) return { source: turned, warnings };
  const level = await turnedBy(turned, { degrees: -skew, ground: toneOf(page) });
  return { source: level, warnings: [...warnings, 'deskewed'] };
}

/** The middle of the page, as a JPEG. */
async function middleOf(source: Source): Promise<ModelImage> {
  const { width, height } = source.facts.upright;
  const side = Math.max(1, Math.round(MIDDLE_SHARE * Math.min(width, height)));
  const part = { left: (width - side) >> 1, top: (height - side) >> 1, width: side, height: side };
  const drawn = Math.min(side, MIDDLE_SIDE);
  const plan = exactly({ width: drawn, height: drawn });
  const { result: raster } = await tolerant(source, (encoded) => renderRaster(encoded, { plan, part }));
  return await encodeRaster(raster, 'jpeg');
}

async function turnedBy(source: Source, rotation: Rotation): Promise<Source> {
  const { result: raster } = await tolerant(source, (encoded) => renderTurned(encoded, rotation));
  return asRaster(source, raster);
}

function asRaster(source: Source, raster: Rgba): Source {
  const { width, height } = raster;
  const facts = { upright: { width, height }, isPlain: false, frames: source.facts.frames };
  return { ...source, raster, facts, header: null, frame: 0, density: NATURAL_DENSITY, isWholeFile: false };
}
