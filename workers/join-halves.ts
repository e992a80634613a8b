/** A strip that is shared is a tenth of a page and so a fifth of a half, where nothing else is known of it. */
const SHARED_SHARE = 0.18;
/** How alike a line that was cut through and the whole one must be, 0…1. Their digits must be equal. */
const ALIKE = 0.6;
/** Longer lines are alike only if they are equal. */
const MOST_COMPARED = 500;
/** After so many equal lines, the line beyond them is what the cut has left of one, whatever was read in it. */
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
 * may differ from the whole one beside it, and is left out. Where several overlaps fit, as in rows that repeat
 * themselves, the one is taken that is nearest to what the strip holds, and where none does, both are kept whole: a line
 * twice is better than a line lost.
 */
export function joinHalves(upper: string, lower: string, share = SHARED_SHARE): Joined {
  const above = linesOf(upper.trimEnd());
  const below = linesOf(lower.trimStart());
  const overlap = share === 0 ? null : overlapOf(above, below, share);
  if (overlap === null) return { text: `${upper.trimEnd()}\n${lower.trimStart()}`, isJoined: share === 0 };
  const { cutAbove, cutBelow, shared } = overlap;
  const last = above.written.at(-1 - cutAbove) ?? -1;
  const next = (below.written[cutBelow + shared - 1] ?? -1) + 1;
  return { text: [...above.all.slice(0, last + 1), ...below.all.slice(next)].join('\n'), isJoined: true };
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

interface Overlap {
  /** Last lines of the upper part, 0 or 1, that the cut went through: the lower one has them whole. */
  readonly cutAbove: number;
  /** First lines of the lower part, 0 or 1, that the cut went through. */
  readonly cutBelow: number;
  readonly shared: number;
}

function overlapOf({ words: above }: Lines, { words: below }: Lines, share: number): Overlap | null {
  const expected = share * below.length;
  const most = Math.ceil(2 * expected) + 1;
  let best: Overlap | null = null;
  for (let shared = 1; shared <= Math.min(most, above.length, below.length); shared += 1) {
    const overlap = CUTS.map((cuts) => ({ ...cuts, shared })).find((candidate) => fits(candidate, above, below));
    if (overlap === undefined) continue;
    if (best === null || Math.abs(shared - expected) < Math.abs(best.shared - expected)) best = overlap;
  }
  return best;
}

const CUTS = [
  { cutAbove: 0, cutBelow: 0 },
  { cutAbove: 1, cutBelow: 0 },
  { cutAbove: 0, cutBelow: 1 },
  { cutAbove: 1, cutBelow: 1 },
] as const;

function fits({ cutAbove, cutBelow, shared }: Overlap, above: readonly string[], below: readonly string[]): boolean {
  const from = above.length - cutAbove - shared;
  if (from < 0 || cutBelow + shared > below.length) return false;
  const start = below.slice(cutBelow, cutBelow + shared).map(normal);
  if (!start.every((line, at) => line === normal(above[from + at] ?? ''))) return false;
  if (shared >= SURE) return true;
  const isCutAbove = cutAbove === 0 || isRest(above.at(-1), below[cutBelow + shared]);
  const isCutBelow = cutBelow === 0 || isRest(below[0], above[from - 1]);
  return isCutAbove && isCutBelow;
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
