/**
 * What a character is to the guard. Letters, digits and marks join with their like into one symbol; a glyph of a script
 * that sets no spaces between words (Chinese, Japanese, Thai, Khmer …) is a symbol of its own.
 */
export const CharacterKind = { space: 0, letter: 1, digit: 2, mark: 3, glyph: 4 } as const;

/** One of {@link CharacterKind}. */
export type CharacterKind = (typeof CharacterKind)[keyof typeof CharacterKind];

const { space, letter, digit, mark, glyph } = CharacterKind;

/** First code unit of a range and the kind of all that follow, up to the next row. */
const RANGES: readonly (readonly [first: number, kind: CharacterKind])[] = [
  [0x00, mark],
  [0x09, space], // tab, line feed, vertical tab, form feed, carriage return
  [0x0e, mark],
  [0x20, space],
  [0x21, mark],
  [0x30, digit],
  [0x3a, mark],
  [0x41, letter],
  [0x5b, mark],
  [0x61, letter],
  [0x7b, mark],
  [0xa0, space], // no-break space
  [0xa1, mark],
  [0xc0, letter], // Latin, Greek, Cyrillic, Hebrew, Arabic
  [0x0660, digit], // Arabic-Indic
  [0x066a, letter],
  [0x06f0, digit], // Persian
  [0x06fa, letter],
  [0x0966, digit], // Devanagari
  [0x0970, letter],
  [0x0e00, glyph], // Thai, Lao
  [0x0f00, letter],
  [0x1000, glyph], // Burmese
  [0x10a0, letter],
  [0x1780, glyph], // Khmer
  [0x1800, letter],
  [0x2000, space], // the widths of a space, zero included
  [0x2010, mark], // dashes, bullets, arrows, lines and boxes
  [0x2800, letter],
  [0x2e80, glyph], // radicals
  [0x3000, space], // ideographic space
  [0x3001, mark],
  [0x3040, glyph], // kana, ideographs
  [0xa4d0, letter],
  [0xac00, letter], // Hangul sets spaces
  [0xd7b0, glyph], // halves of surrogate pairs: emoji, rare ideographs
  [0xe000, mark],
  [0xf900, glyph],
  [0xfb00, letter],
  [0xfeff, space],
  [0xff00, mark],
  [0xff10, digit], // full-width
  [0xff1a, mark],
  [0xff21, letter],
  [0xff5b, mark],
  [0xff66, glyph],
  [0xffe0, mark],
];

const DIRECT = 0x180;
const KINDS: readonly CharacterKind[] = Array.from({ length: DIRECT }, (_, code) => kindInRanges(code));

/** The kind of one UTF-16 code unit. */
export function kindOf(code: number): CharacterKind {
  return code < DIRECT ? (KINDS[code] ?? mark) : kindInRanges(code);
}

/** What a digit is worth, in any of the scripts that {@link kindOf} knows digits of. */
export function digitValue(code: number): number {
  if (code < 0x0660) return code - 0x30;
  if (code < 0x06f0) return code - 0x0660;
  if (code < 0x0966) return code - 0x06f0;
  return code < 0xff10 ? code - 0x0966 : code - 0xff10;
}

/** Carriage return or line feed. */
export function isLineBreak(code: number): boolean {
  return code === 0x0a || code === 0x0d;
}

function kindInRanges(code: number): CharacterKind {
  let low = 0;
  let high = RANGES.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((RANGES[middle]?.[0] ?? 0) <= code) low = middle;
    else high = middle - 1;
  }
  return RANGES[low]?.[1] ?? mark;
}
