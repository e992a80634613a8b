import type { Verification } from './record.js';

/** Words listed on each side. */
const MOST_LISTED = 20;

const LETTER = String.raw`[\p{L}\p{M}\p{N}]`;
/** A letter of a script that sets no blanks between words; with its marks it counts as a word. */
const BLANKLESS = String.raw`(?=\p{L})[\p{scx=Han}\p{scx=Hira}\p{scx=Kana}\p{scx=Thai}\p{scx=Laoo}\p{scx=Khmr}\p{scx=Mymr}\p{scx=Tibt}]`;
/** Stands inside a word: a hyphen or an apostrophe between letters, a point or comma between digits. */
const INSIDE = String.raw`(?<=\p{L})[-‐‑'’](?=\p{L})|(?<=\p{N})[.,](?=\p{N})`;
const WORD = new RegExp(`${BLANKLESS}\\p{M}*|(?:(?!${BLANKLESS})${LETTER}|${INSIDE})+`, 'gu');

/**
 * How far two readings of one page agree, by their words: 2 × the words in common ÷ the words of both, each counted as
 * often as it stands there (the Sørensen–Dice coefficient of two multisets); 1 where neither has any. Order does not
 * count, because engines go through columns and tables each in its own way. Words are compared without case, width,
 * punctuation and markup; a number keeps its point and comma, since a lost one is another number. In scripts without
 * blanks between words every letter is a word.
 *
 * @param model - what the model wrote
 * @param other - what the second engine read
 * @returns `missing`: words that only the other has; `added`: words that only the model has; each word once, in order of
 * appearance, the first 20
 */
export function wordAgreement(model: string, other: string): Verification {
  const [ours, theirs] = [wordsOf(model), wordsOf(other)];
  const total = ours.length + theirs.length;
  const missing = beyond(theirs, ours);
  const common = theirs.length - missing.length;
  return {
    agreement: total === 0 ? 1 : (2 * common) / total,
    missing: firstOf(missing),
    added: firstOf(beyond(ours, theirs)),
  };
}

/** The words of `words` that `others` has not, or not as often. */
function beyond(words: readonly string[], others: readonly string[]): readonly string[] {
  const left = new Map<string, number>();
  for (const word of others) left.set(word, (left.get(word) ?? 0) + 1);
  return words.filter((word) => {
    const count = left.get(word) ?? 0;
    if (count > 0) left.set(word, count - 1);
    return count === 0;
  });
}

function firstOf(words: readonly string[]): string[] {
  return [...new Set(words)].slice(0, MOST_LISTED);
}

function wordsOf(text: string): readonly string[] {
  const plain = withoutMarkup(text.normalize('NFKC')).toLowerCase();
  // A word that a line's end divides is one word; so is one with a soft hyphen or a joiner inside.
  const whole = plain
    .replace(/[\u00ad\u200b-\u200d\u2060\ufeff]/g, '')
    .replace(/(?<=\p{L})[-‐][^\S\n]*\n\s*(?=\p{L})/gu, '');
  return (whole.match(WORD) ?? []).map((word) => word.replace(/[-‐‑'’]/g, ''));
}

/** What a model writes to mark up a page, and no scan shows: tags, entities, a link's target, the name of a code block. */
function withoutMarkup(text: string): string {
  return text
    .replace(/<\/?[a-z][^<>]{0,200}>/gi, ' ')
    .replace(/&(?:[a-z]{2,8}|#\d{1,6});/gi, ' ')
    .replace(/\]\([^()\s]{0,2000}\)/g, '] ')
    .replace(/^[ \t]*```\w*/gm, ' ')
    .replace(/[*`~]+/g, '');
}
