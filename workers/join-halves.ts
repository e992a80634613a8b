/** A strip that is shared is a tenth of a page and so a fifth of a half, where nothing else is known of it. */
const SHARED_SHARE = 0.18;
/** How alike a line that was cut through and the whole one must be, 0…1. Their digits must be equal. */
const ALIKE = 0.6;
/** Longer lines are alike only if they are equal. */
const MOST_COMPARED = 500;
/** After so many equal lines, the line beyond them is most likely what the cut has left of one, however it was read. */
const SURE = 2;

/** A page's text, and whether it was found where its parts meet. */
export interface Joined {
  readonly text: string;
  readonly isJoined: boolean;
}

/**
 * Joins what was read on the upper and on the lower part of a page, which share a strip: `share` of the lower one's
 * height. Lines that the upper text ends with and the lower one begins with are taken once: letters and digits must be
 * equal in each, blank lines do not count. Only the outermost line on either side, which the cut may have gone through,
 * may differ from the whole one beside it, and is left out; one that holds a number which the whole one has not stays,
 * and the parts count as not joined. Where several overlaps fit, as in rows that repeat themselves, the one is taken that
 * is nearest to what the strip holds, and where none does, both are kept whole: a line twice is better than a line lost.
 * So are parts that share no writing, though they may seem to: lines so faint that nobody saw them in the strip.
 */
export function joinHalves(upper: string, lower: string, share = SHARED_SHARE): Joined {
  const above = linesOf(upper.trimEnd());
  const below = linesOf(lower.trimStart());
  const overlap = overlapOf(above, below, share === 0 ? SHARED_SHARE : share);
  if (overlap === null || share === 0) {
    return { text: `${upper.trimEnd()}\n${lower.trimStart()}`, isJoined: share === 0 && overlap === null };
  }
  const { cutAbove, cutBelow, shared, isLostAbove, isLostBelow } = overlap;
  const first = above.written.at(-cutAbove - shared) ?? 0;
  const last = above.written.at(-1 - cutAbove) ?? -1;
  const next = (below.written[cutBelow + shared - 1] ?? -1) + 1;
  const lines = [
    above.all.slice(0, first),
    isLostBelow ? below.words.slice(0, 1) : [],
    above.all.slice(first, last + 1),
    isLostAbove ? above.words.slice(-1) : [],
    below.all.slice(next),
  ];
  return { text: lines.flat().join('\n'), isJoined: !(isLostAbove || isLostBelow) };
}

interface Lines {
  readonly all: readonly string[];
  /** Which of them have letters or digits, and these. */
  readonly written: readonly number[];
  readonly words: readonly string[];
}

function linesOf(text: string): Lines {
  const all = text.split('\n');
  const written = all.flatMap((line, at) => (normal(line) === '' ? [] : [at]));
  return { all, written, words: written.map((at) => all[at] ?? '') };
}

interface Overlap extends Cuts {
  readonly shared: number;
  /** Whether what the cut went through may be another line than the other part has there. */
  readonly isLostAbove: boolean;
  readonly isLostBelow: boolean;
}

interface Cuts {
  /** Last lines of the upper part, 0 or 1, that the cut went through: the lower one has them whole. */
  readonly cutAbove: 0 | 1;
  /** First lines of the lower part, 0 or 1, that the cut went through. */
  readonly cutBelow: 0 | 1;
}

function overlapOf({ words: above }: Lines, { words: below }: Lines, share: number): Overlap | null {
  const expected = share * below.length;
  const most = Math.ceil(2 * expected) + 1;
  let best: Overlap | null = null;
  for (let shared = 1; shared <= Math.min(most, above.length, below.length); shared += 1) {
    const overlap = CUTS.map((cuts) => overlapAt(cuts, shared, [above, below])).find((found) => found !== null);
    if (overlap === undefined) continue;
    if (best === null || Math.abs(shared - expected) < Math.abs(best.shared - expected)) best = overlap;
  }
  return best;
}

const CUTS: readonly Cuts[] = [
  { cutAbove: 0, cutBelow: 0 },
  { cutAbove: 1, cutBelow: 0 },
  { cutAbove: 0, cutBelow: 1 },
  { cutAbove: 1, cutBelow: 1 },
];

type Words = readonly string[];

/** The overlap of so many equal lines between these cuts; null where there is none. */
function overlapAt(cuts: Cuts, shared: number, [above, below]: readonly [Words, Words]): Overlap | null {
  const { cutAbove, cutBelow } = cuts;
  const from = above.length - cutAbove - shared;
  if (from < 0 || cutBelow + shared > below.length) return null;
  const start = below.slice(cutBelow, cutBelow + shared).map(normal);
  if (!start.every((line, at) => line === normal(above[from + at] ?? ''))) return null;
  const isLeft = shared >= SURE ? isLeftOver : isRest;
  const isLostAbove = cutAbove === 1 && !isLeft(above.at(-1), below[cutBelow + shared]);
  const isLostBelow = cutBelow === 1 && !isLeft(below[0], above[from - 1]);
  return shared < SURE && (isLostAbove || isLostBelow) ? null : { ...cuts, shared, isLostAbove, isLostBelow };
}

/** Whether a line that stands where the cut went may be left out: the whole one has its number, or it has none. */
function isLeftOver(line: string | undefined, whole: string | undefined): boolean {
  if (line === undefined || whole === undefined) return false;
  const number = line.replace(/\P{N}+/gu, '');
  return whole.replace(/\P{N}+/gu, '').includes(number);
}

/** Whether a line may be what the cut has left of another. */
function isRest(line: string | undefined, whole: string | undefined): boolean {
  if (line === undefined || whole === undefined || digitsOf(line) !== digitsOf(whole)) return false;
  const [a, b] = [normal(line), normal(whole)];
  const longer = Math.max(a.length, b.length);
  return longer > 0 && longer <= MOST_COMPARED && 1 - distance(a, b) / longer >= ALIKE;
}

/** Letters and digits count, blanks and marks do not. */
function normal(line: string): string {
  return line.toLowerCase().replace(/[^\p{L}\p{N}]+/gu, '');
}

function digitsOf(line: string): string {
  return line.replace(/\P{N}+/gu, ' ').trim();
}

/** Levenshtein's distance, with one row held. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, at) => at);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const replaced = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
