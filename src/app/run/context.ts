import type { Ask, PixelSettings } from '../../core/ask.js';
import { type ImageTokens, imageTokensOf, type ModelProfile } from '../../engines/profiles/profile.js';

/** What a run asks, as far as it takes room in the context. */
export interface ContextNeed {
  readonly profile: Pick<ModelProfile, 'imageTokens' | 'contextLength'>;
  readonly ask: Pick<Ask, 'form' | 'options' | 'pixels' | 'prompt' | 'stitch' | 'system'>;
  /** Images of one item at most: of the largest group, else 1. */
  readonly images: number;
}

/** The least that a run is given, in tokens: servers crashed on some sizes of image with less. */
const LEAST = 8_192;
const STEP = 1_024;
/** What templates, labels of images and carried columns add, in tokens. */
const MARGIN = 128;
/** What the labels of a row add, in tokens: some hundred short ones. */
const ROW_LABELS = 512;
/** What is said of a value that is wrong, when it goes back to the model, in tokens. */
const COMPLAINT = 384;
/** Characters of a token in the alphabets that tokenizers know best; other characters may be a token each. */
const CHARACTERS_A_TOKEN = 3;

/**
 * The context of every request of a run, in tokens: room for the largest images that the pixel settings allow, the
 * words, and the longest answers, in whole 1,024s. It is chosen once, because another value makes a host load the model
 * again. Never more than the model was trained for, where that is known: {@link contextAdvice} says what that costs.
 */
export function contextFor(need: ContextNeed): number {
  const wanted = Math.max(LEAST, Math.ceil(roomOf(need).total / STEP) * STEP);
  return Math.min(wanted, need.profile.contextLength ?? Number.POSITIVE_INFINITY);
}

/**
 * What would fit into a context of so many tokens, where not all that the run may need does: for a model that was
 * trained for less, a `--num-ctx` of the user's own, or a host that allocates less. Null where everything fits.
 */
export function contextAdvice(need: ContextNeed, contextTokens: number): string | null {
  const { answers, images, total, words } = roomOf(need);
  if (total <= contextTokens) return null;
  const lead = `Question, ${need.images === 1 ? 'image' : 'images'} and answer may take ${total} tokens, and ${contextTokens} are there.`;
  const pixels = pixelsWithin(need, contextTokens - words - answers);
  const length = lengthWithin(need, contextTokens - words - images);
  const fits = [
    pixels === null ? [] : [`--max-pixels ${pixels}`],
    length === null ? [] : [`--max-tokens ${length}`],
  ].flat();
  if (fits.length > 0) return `${lead} ${fits.join(' or ')} would fit.`;
  return `${lead} Lower both --max-pixels and --max-tokens, or choose another model.`;
}

/** Tokens that a request takes at most. */
interface Room {
  readonly words: number;
  readonly images: number;
  readonly answers: number;
  readonly total: number;
}

function roomOf(need: ContextNeed): Room {
  const { ask, profile } = need;
  const words = MARGIN + (wantsValue(ask) ? COMPLAINT : 0) + wordsOf(ask) + (hasRowLabels(ask) ? ROW_LABELS : 0);
  const images = sentImages(need) * largestImage(profile.imageTokens, ask.pixels);
  const answers = answersOf(ask) * ask.options.maxTokens;
  return { words, images, answers, total: words + images + answers };
}

function wordsOf({ form, prompt, system }: ContextNeed['ask']): number {
  const questions = form.kind === 'answers' ? form.questions.slice(1) : []; // the first one is the prompt
  return [system ?? '', prompt, ...questions].reduce((sum, text) => sum + textTokens(text), 0);
}

function textTokens(text: string): number {
  const others = text.match(/[^\p{ASCII}]/gu)?.length ?? 0;
  return Math.ceil((text.length - others) / CHARACTERS_A_TOKEN + others);
}

/**
 * Longest answers that stand in one request: those of a conversation before, and where a value is wanted the one that
 * goes back to the model with what is wrong with it.
 */
function answersOf(ask: Pick<Ask, 'form'>): number {
  if (ask.form.kind === 'answers') return ask.form.questions.length;
  return wantsValue(ask) ? 2 : 1;
}

function wantsValue({ form }: Pick<Ask, 'form'>): boolean {
  return form.kind === 'data' || form.kind === 'labels';
}

function hasRowLabels({ form }: Pick<Ask, 'form'>): boolean {
  return form.kind === 'labels' && form.labelsFrom !== undefined;
}

function sentImages({ ask, images }: ContextNeed): number {
  return ask.stitch ? 1 : images;
}

/** The most that an image within the settings costs, whatever its shape; a file sent as it is may have any size. */
function largestImage(imageTokens: ImageTokens, { maxPixels, maxSide, mode }: PixelSettings): number {
  const unbounded = { width: 1e6, height: 1e6 };
  if (mode === 'as-is') return imageTokensOf({ imageTokens }, unbounded);
  const side = Math.min(maxSide, Math.floor(Math.sqrt(maxPixels)));
  const long = Math.min(maxSide, Math.floor(maxPixels));
  const short = Math.min(maxSide, Math.floor(maxPixels / long));
  return Math.max(
    imageTokensOf({ imageTokens }, { width: side, height: side }),
    imageTokensOf({ imageTokens }, { width: long, height: short }),
  );
}

/** The largest `--max-pixels` whose images cost no more than that together; null where fewer pixels do not help. */
function pixelsWithin(need: ContextNeed, tokens: number): number | null {
  const { ask, profile } = need;
  const { imageTokens } = profile;
  const each = Math.floor(tokens / sentImages(need));
  if (imageTokens.kind === 'fixed' || each < imageTokens.least || ask.pixels.mode === 'as-is') return null;
  let maxPixels = Math.min(ask.pixels.maxPixels, each * imageTokens.side ** 2);
  while (largestImage(imageTokens, { ...ask.pixels, maxPixels }) > each) maxPixels *= 0.98;
  return rounded(maxPixels, 10_000);
}

/** The largest `--max-tokens` whose answers take no more than that together; null where there is no room for one. */
function lengthWithin({ ask }: ContextNeed, tokens: number): number | null {
  return rounded(tokens / answersOf(ask), 16);
}

/** Down to a whole number of steps; null where that is none. */
function rounded(value: number, step: number): number | null {
  const whole = Math.floor(value / step) * step;
  return whole > 0 ? whole : null;
}
