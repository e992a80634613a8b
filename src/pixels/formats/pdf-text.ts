import { CHANNELS, type Raster } from '../raster.js';
import { clipped, type DrawnRect, type PageLayer } from './pdf-layer.js';

/** With more of a page under images, these may hold the writing: a scan with a stamped header, or its old OCR. */
const MOST_IMAGE = 1 / 3;
/** Of the characters, how many may be invisible: white on white, cropped away, hidden. */
const MOST_HIDDEN = 0.02;
/** A character differs from what is around it by at least this, of 255. */
const LEAST_CONTRAST = 24;

/** Whether a page's text is what a person sees on it, and all of it: no scan, no filled form, no hidden text. */
export function isWholeText({ characters, imageShare, hasNotes }: PageLayer, drawn: Raster): boolean {
  if (hasNotes || imageShare > MOST_IMAGE) return false;
  const hidden = characters.filter((character) => !isVisible(character, drawn)).length;
  return hidden <= MOST_HIDDEN * characters.length;
}

function isVisible(character: DrawnRect, { pixels, width, height }: Raster): boolean {
  const { left, top, right, bottom } = clipped(grown(character), { width, height });
  const [least, most] = [
    [255, 255, 255],
    [0, 0, 0],
  ];
  for (let y = top; y < bottom; y += 1) {
    for (let x = left; x < right; x += 1) {
      for (let colour = 0; colour < CHANNELS; colour += 1) {
        const value = pixels[(y * width + x) * CHANNELS + colour] ?? 0;
        least[colour] = Math.min(least[colour] ?? 255, value);
        most[colour] = Math.max(most[colour] ?? 0, value);
      }
    }
  }
  return most.some((value, colour) => value - (least[colour] ?? 255) >= LEAST_CONTRAST);
}

/** With the pixels around it, of which a comma has next to none of its own. */
function grown({ left, top, right, bottom }: DrawnRect): DrawnRect {
  return { left: left - 1, top: top - 1, right: right + 2, bottom: bottom + 2 };
}

/** Fewer letters and digits are no page's text: a stamp, a page number, what a scanner's software signed. */
const LEAST_LETTERS = 16;
/** Replacement, private-use and control characters: a font whose letters have no names. */
const MOST_FOREIGN = 0.02;
/** Of the words, how many may be of one letter or longer than any word. */
const MOST_ODD_WORDS = 0.5;
const LONGEST_WORD = 40;
/** In every language that is written in Latin letters more of them are vowels. Text in shifted letters has fewer. */
const LEAST_VOWELS = 0.22;
/** Fewer letters may be initials, or the numbers of parts. */
const LEAST_LATIN = 40;

/**
 * A text layer as lines, or null where it is not what a person reads on the page: too little of it, letters without
 * names or under the names of others, words torn into letters or run together.
 */
export function readableText(layer: string): string | null {
  const text = tidied(layer);
  const letters = count(text, /[\p{L}\p{N}]/gu);
  if (letters < LEAST_LETTERS) return null;
  const marks = count(text, /\S/gu);
  if (count(text, /[\uFFFD\p{Co}\p{Cn}\p{Cc}]/gu) - count(text, /\n/g) > marks * MOST_FOREIGN) return null;
  if (letters < marks / 2) return null;
  return hasWords(text) && hasVowels(text) ? text : null;
}

/** What PDFium writes for a hyphen at the end of a line, and what ends its text. */
const CUT_HYPHENS: ReadonlySet<string> = new Set(['\uFFFE', '\x02', '\0']);

/** Line ends as `\n`, no blanks at the ends of lines, no blank lines around. */
function tidied(layer: string): string {
  return layer
    .replace(/\r\n?/g, '\n')
    .replace(/(?!\n)[\uFFFE\p{Cc}]\n?/gu, (mark) => (CUT_HYPHENS.has(mark.charAt(0)) ? '' : mark))
    .replace(/[ \t\u00A0]+$/gm, '')
    .trim();
}

function hasWords(text: string): boolean {
  // Scripts without spaces have no words to measure.
  if (count(text, /[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}\p{sc=Thai}\p{sc=Lao}\p{sc=Khmer}\p{sc=Myanmar}]/gu) > 0)
    return true;
  const words = text.match(/\p{L}+/gu) ?? [];
  const odd = words.filter((word) => word.length === 1 || word.length > LONGEST_WORD).length;
  return odd <= words.length * MOST_ODD_WORDS;
}

function hasVowels(text: string): boolean {
  const latin = text.normalize('NFD').match(/\p{sc=Latin}/gu) ?? [];
  const vowels = latin.filter((letter) => /[aeiouyæœøıə]/i.test(letter)).length;
  return latin.length < LEAST_LATIN || vowels >= LEAST_VOWELS * latin.length;
}

function count(text: string, pattern: RegExp): number {
  return text.match(pattern)?.length ?? 0;
}
