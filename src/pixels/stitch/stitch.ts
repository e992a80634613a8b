import type { ModelImage, PixelSettings } from '../../core/ask.js';
import { toVisionError, VisionError } from '../../core/errors.js';
import type { PageBytes } from '../../core/item.js';
import { encodeRaster, renderRaster } from '../codec.js';
import type { Look } from '../look.js';
import { fillRect, paste, type Raster, whiteRaster } from '../raster.js';
import { exactly, type Rect, type SizeLimits } from '../sizing.js';
import { formatFor, noted, type Source, type SourceNote, tolerant } from '../source.js';
import { planSheet, type Sheet } from './sheet.js';

/** One image of a canvas: its source, and how large it stands there. */
export interface StitchedSource extends SourceNote {
  readonly sentWidth: number;
  readonly sentHeight: number;
}

/** Several images as one, and what is said of their sources, in order. */
export interface StitchedImage extends ModelImage {
  readonly sources: readonly StitchedSource[];
}

interface StitchOptions {
  readonly look: Look;
  readonly settings: PixelSettings;
  /** Width × height above which nothing is decoded or drawn. */
  readonly maxInputPixels: number;
}

const BLACK = 0;
const LINE_GREY = 150;

/** Draws images beside each other, one after the other: no more than one is decoded at a time. */
export async function stitchSources(images: readonly PageBytes[], options: StitchOptions): Promise<StitchedImage> {
  if (images.length === 0) throw new RangeError('Expected `images` to hold at least one image, got none');
  const { look, settings, maxInputPixels } = options;
  const sources: Source[] = [];
  for (const [index, page] of images.entries()) {
    sources.push(await numbered(index, look(page, settings)));
  }
  const sheet = sheetFor(sources, { ...settings, maxPixels: Math.min(settings.maxPixels, maxInputPixels) });
  const canvas = whiteRaster(sheet.canvas);
  for (const line of sheet.lines) fillRect(canvas, line, LINE_GREY);
  for (const bar of sheet.labels) fillRect(canvas, bar, BLACK);
  const drawn: StitchedSource[] = [];
  for (const [index, source] of sources.entries()) {
    const place = sheet.images[index];
    if (place !== undefined) drawn.push(await numbered(index, drawAt(source, place, canvas)));
  }
  const isCrisp = sources.every(({ kind }) => formatFor(kind, canvas) === 'png');
  return { ...(await encodeRaster(canvas, isCrisp ? 'png' : 'jpeg')), sources: drawn };
}

function sheetFor(sources: readonly Source[], limits: SizeLimits): Sheet {
  const uprights = sources.map((source) => source.facts.upright);
  const sheet = planSheet(uprights, limits);
  if (sheet !== null) return sheet;
  const { maxSide, maxPixels } = limits;
  throw new VisionError(
    'IMAGE_TOO_LARGE',
    `${sources.length} images do not fit on one canvas of at most ${maxSide} pixels a side and ${maxPixels} in all.`,
    { fix: 'Compare fewer of them, or raise --max-side or --max-pixels.' },
  );
}

async function drawAt(source: Source, place: Rect, canvas: Raster): Promise<StitchedSource> {
  const { result, note } = await noted(
    source,
    tolerant(source, (encoded) => renderRaster(encoded, { plan: exactly(place) })),
  );
  paste(canvas, result, place);
  return { ...note, sentWidth: place.width, sentHeight: place.height };
}

/** Says of a failure which image it is about. */
async function numbered<T>(index: number, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (thrown) {
    const error = toVisionError(thrown);
    throw new VisionError(error.code, `Image ${index + 1}: ${error.sentence}`, { cause: thrown });
  }
}
