/** Of a half's lines, those that may show the same strip: the strip is a tenth of the page, and so a fifth of a half. */
const SHARED_SHARE = 0.2;
/** Longer lines are alike only if they are equal. */
const MOST_COMPARED = 500;
/** How alike two lines of the overlap must be, 0…1: a half may cut a line through its letters. */
const ALIKE = 0.8;

/**
 * Joins what was read on the upper and on the lower half of a page, which share a strip. The longest end of the upper
 * text that the lower one begins with, line by line and nearly alike, is taken once; a first line of the lower half that
 * was cut through its letters, and is less than the upper half's whole one, is left out. Without a match both are kept
 * whole: a line twice is better than a line lost.
 */
export function joinHalves(upper: string, lower: string): string {
  const above = upper.trimEnd().split('\n');
  const below = lower.trimStart().split('\n');
  const overlap = overlapOf(above, below);
  if (overlap === null) return [...above, ...below].join('\n');
  const { skipAbove, skipBelow, shared } = overlap;
  return [...above.slice(0, above.length - skipAbove), ...below.slice(skipBelow + shared)].join('\n');
}

interface Overlap {
  /** Last lines of the upper half that are only a cut-through rest. */
  readonly skipAbove: number;
  /** First lines of the lower half that are only a cut-through rest. */
  readonly skipBelow: number;
  readonly shared: number;
}

/** The longest match; the outermost line on either side may be one that the cut has made unreadable. */
function overlapOf(above: readonly string[], below: readonly string[]): Overlap | null {
  const most = 1 + Math.ceil(SHARED_SHARE * Math.min(above.length, below.length));
  for (let shared = most; shared > 0; shared -= 1) {
    for (const [skipAbove, skipBelow] of CUT_LINES) {
      const end = above.slice(0, above.length - skipAbove).slice(-shared);
      const start = below.slice(skipBelow, skipBelow + shared);
      const isMatch =
        end.length === shared && start.length === shared && end.every((line, at) => areAlike(line, start[at]));
      if (isMatch && end.some((line) => normal(line) !== '')) return { skipAbove, skipBelow, shared };
    }
  }
  return null;
}

const CUT_LINES = [
  [0, 0],
  [1, 0],
  [0, 1],
  [1, 1],
] as const;

function areAlike(a: string, b: string | undefined): boolean {
  if (b === undefined) return false;
  const [x, y] = [normal(a), normal(b)];
  if (x === y) return true;
  const longer = Math.max(x.length, y.length);
  return longer > 4 && longer <= MOST_COMPARED && 1 - distance(x, y) / longer >= ALIKE;
}

/** Letters and digits count, blanks and marks do not. */
function normal(line: string): string {
  return line.toLowerCase().replace(/[^\p{L}\p{N}]+/gu, '');
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
