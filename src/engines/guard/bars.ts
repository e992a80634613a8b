/**
 * What separates a loop from true repetition. A page has `maxRows` rows and a row a few hundred characters; what those can
 * explain is content, and nothing else repeats exactly, many times, with nothing between.
 *
 * | what repeats | is content up to | because |
 * |---|---|---|
 * | a line, or a block of lines | `maxRows` rows of text in all its copies | ruled tables, tables of zeros, forms, hymn sheets, poems; refrains have verses between them |
 * | the same with numbers that stay or count up evenly | the same | row numbers, numbered blank forms; numbers that differ otherwise are no repetition |
 * | an element of a JSON array, a row of an HTML table | `maxRows` copies, however it is laid out | one row of the page each |
 * | a line of more than {@link ROW_CHARACTERS} characters | counted as the rows it would fill | a paragraph on one line |
 * | blank lines; between rows of text also rules of three marks and more, such as `+---+` | uncounted | they take no row of text |
 * | marks within a line: `....`, `----`, <code>&#124;---&#124;</code> | {@link RULE_BAR} characters or {@link PIECES_BAR} tokens | leaders, rules, blanks of a form, wide table heads |
 * | up to {@link SHORT_PERIOD} characters within a line | {@link SHORT_BAR} characters or {@link PIECES_BAR} tokens | cells of one row: zeros, column heads under months, chants |
 * | more within a line | four copies and {@link LONG_BAR} characters, or nearly three copies and {@link PIECES_BAR} tokens | nobody sets a sentence so often into one line |
 * | the same within a line, its numbers counting up | the same | `1. a 2. a 3. a` |
 * | white space | {@link SHORT_BAR} characters or {@link PIECES_BAR} tokens in a line, `maxRows` (at least {@link FEWEST_BLANK_ROWS}) lines | columns set with spaces, the empty half of a page |
 *
 * Characters and tokens both, since `--------` is one token of many tokenisers: the one bounds what a page could hold, the
 * other what a loop may cost.
 */
export interface LineRun {
  /** From the start of the first copy to the end of what repeats. */
  readonly characters: number;
  /** Pieces of the stream that this took. */
  readonly pieces: number;
  /** Copies, broken ones too: 2.5 is two and a half. */
  readonly copies: number;
  /** Characters of one copy. */
  readonly periodCharacters: number;
  /** Whether there is a letter or a digit in it. */
  readonly hasText: boolean;
}

/** Characters that a row of a page may have. */
export const ROW_CHARACTERS = 300;
/** Tokens of repetition within a line that end it in any case. */
export const PIECES_BAR = 352;
const RULE_BAR = 2_000;
const SHORT_PERIOD = 32;
const SHORT_BAR = 1_000;
const LONG_BAR = 400;
const LONG_COPIES = 4;
const FEWEST_BLANK_ROWS = 20;
/** Not three: the last symbol of a copy is known only when the next begins. */
const FEWEST_COPIES = 2.75;

/** Whether a repetition within one row is a loop. */
export function isLineLoop(run: LineRun): boolean {
  if (run.copies < FEWEST_COPIES) return false;
  if (run.pieces >= PIECES_BAR) return true;
  if (!run.hasText) return run.characters >= RULE_BAR;
  if (run.periodCharacters <= SHORT_PERIOD) return run.characters >= SHORT_BAR;
  return run.copies >= LONG_COPIES && run.characters >= LONG_BAR;
}

/** Whether white space without a line break is a flood. */
export function isGapLoop(gap: { readonly characters: number; readonly pieces: number }): boolean {
  return gap.pieces >= PIECES_BAR || gap.characters >= SHORT_BAR;
}

/** Blank lines that a page with room for so many rows may have. */
export function blankRowsOf(maxRows: number): number {
  return Math.max(maxRows, FEWEST_BLANK_ROWS);
}

/** The bar for an answer that did not end by itself. */
export const TAIL_BAR = {
  /** Copies, the last one broken or not. */
  copies: 3,
  characters: 24,
  /** Equal pieces: one server ends the stream after so many without saying why. */
  equalPieces: 30,
} as const;
