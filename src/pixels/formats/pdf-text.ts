/** Fewer letters and digits are no page's text: a stamp, a page number, what a scanner's software signed. */
const LEAST_LETTERS = 16;
/** Replacement, private-use and control characters: a font whose letters have no names. */
const MOST_FOREIGN = 0.02;
/** Of the words, how many may be of one letter or longer than any word. */
const MOST_ODD_WORDS = 0.5;
const LONGEST_WORD = 40;

/**
 * A text layer as lines, or null where it is not what a person reads on the page: too little of it, letters without
 * names, words torn into letters or run together.
 */
export function readableText(layer: string): string | null {
  const text = tidied(layer);
  const letters = count(text, /[\p{L}\p{N}]/gu);
  if (letters < LEAST_LETTERS) return null;
  const marks = count(text, /\S/gu);
  if (count(text, /[\uFFFD\p{Co}\p{Cn}\p{Cc}]/gu) - count(text, /\n/g) > marks * MOST_FOREIGN) return null;
  if (letters < marks / 2) return null;
  return hasWords(text) ? text : null;
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

function count(text: string, pattern: RegExp): number {
  return text.match(pattern)?.length ?? 0;
}
