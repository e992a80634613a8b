import type { ModelImage, PixelSettings } from '../core/ask.js';
import { type Encoded, proveDecodable, renderRaster } from './codec.js';
import { draw } from './encode.js';
import { stripped } from './formats/strip.js';
import type { Raster } from './raster.js';
import { isUnchanged, limitsOf, planSize, type Size } from './sizing.js';
import { type Source, type Tolerated, tolerant } from './source.js';

/** What is sent of a whole image. */
export interface Whole {
  readonly image: ModelImage;
  /** Its pixels, where they were decoded on the way and the settings ask whether they are blank. */
  readonly raster: Raster | null;
}

/** Draws a whole image, or lets its bytes pass where they are right already. */
export async function prepareWhole(source: Source, settings: PixelSettings): Promise<Tolerated<Whole>> {
  const isAsIs = settings.mode === 'as-is';
  const plan = planSize(source.facts.upright, limitsOf(settings));
  const isUntouched = source.isWholeFile && isUnchanged(source.facts.upright, plan);
  if (!isUntouched || !(isAsIs || isSendable(source))) {
    return await draw(source, { plan });
  }
  const bytes = isAsIs ? source.bytes : stripped(source.kind, source.bytes);
  const image = { bytes, ...storedSize(source) };
  if (isAsIs && source.header !== null) return { result: { image, raster: null }, isDamaged: false };
  const { result: raster, isDamaged } = await tolerant({ ...source, bytes }, (encoded) =>
    settings.blankCheck ? renderRaster(encoded, { plan }) : proven(encoded, source.facts.upright, isAsIs),
  );
  return { result: { image, raster }, isDamaged };
}

/** Proves that all of an image can be decoded, and keeps nothing. */
async function proven(source: Encoded, { height }: Size, isAsIs: boolean): Promise<null> {
  // What is sendable lies as it is stored; others may be turned, and their last row is another one.
  await proveDecodable(source, isAsIs ? undefined : { left: 0, top: height - 1, width: 1, height: 1 });
  return null;
}

/** Whether a host reads these very bytes as a person would see them. More bytes than bare pixels are mostly not image. */
function isSendable({ kind, facts, bytes }: Source): boolean {
  const { width, height } = facts.upright;
  return (
    (kind === 'jpeg' || kind === 'png') && facts.isPlain && facts.frames === 1 && bytes.length <= 3 * width * height
  );
}

function storedSize({ header, facts }: Source): Size {
  return header === null ? facts.upright : { width: header.width, height: header.height };
}
