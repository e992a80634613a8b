import type { ModelImage, PixelSettings } from '../core/ask.js';
import { proveDecodable } from './codec.js';
import { draw } from './encode.js';
import { stripped } from './formats/strip.js';
import { isUnchanged, planSize, type Size, type SizeLimits } from './sizing.js';
import { type Source, type Tolerated, tolerant } from './source.js';

/** The limits that the settings set for one image: `as-is` only pads what is too small or too thin. */
export function limitsOf({ mode, maxSide, maxPixels, leastSide, multiple }: PixelSettings): SizeLimits {
  if (mode === 'auto') return { maxSide, maxPixels, leastSide, multiple };
  return { maxSide: Number.POSITIVE_INFINITY, maxPixels: Number.POSITIVE_INFINITY, leastSide };
}

/** Draws a whole image, or lets its bytes pass where they are right already. */
export async function prepareWhole(source: Source, settings: PixelSettings): Promise<Tolerated<ModelImage>> {
  const isAsIs = settings.mode === 'as-is';
  const plan = planSize(source.facts.upright, limitsOf(settings));
  const isUntouched = source.isWholeFile && isUnchanged(source.facts.upright, plan);
  if (!isUntouched || !(isAsIs || isSendable(source))) {
    return await draw(source, { plan });
  }
  const bytes = isAsIs ? source.bytes : stripped(source.kind, source.bytes);
  const result = { bytes, ...storedSize(source) };
  if (isAsIs && source.header !== null) return { result, isDamaged: false };
  const { height } = source.facts.upright;
  // What is sendable lies as it is stored; others may be turned, and their last row is another one.
  const lastRow = isAsIs ? undefined : { left: 0, top: height - 1, width: 1, height: 1 };
  const { isDamaged } = await tolerant(source, (encoded) => proveDecodable(encoded, lastRow));
  return { result, isDamaged };
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
