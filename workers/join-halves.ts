/** Of a half's lines, those that may show the same strip: the strip is a tenth of the page, and so a fifth of a half. */
const SHARED_SHARE = 0.2;
/** How alike a line that was cut through and the whole one must be, 0…1. Their digits must be equal. */
const ALIKE = 0.6;
/** Longer lines are alike only if they are equal. */
const MOST_COMPARED = 500;

/**
 * Joins what was read on the upper and on the lower half of a page, which share a strip. Lines that the upper text ends
 * with and the lower one begins with are taken once: letters and digits must be equal in each. Only the outermost line on
 * either side, which the cut may have gone through, may differ a little from the whole one beside it, and is left out.
 * Where several overlaps fit, as in rows that repeat themselves, the smallest is taken, and where none does, both are
 * kept whole: a line twice is better than a line lost.
 */
export function joinHalves(upper: string, lower: string): string {
  const above = upper.trimEnd().split('\n');
  const below = lower.trimStart().split('\n');
  const overlap = overlapOf(above, below);
  if (overlap === null) return [...above, ...below].join('\n');
  const { cutAbove, cutBelow, shared } = overlap;
  return [...above.slice(0, above.length - cutAbove), ...below.slice(cutBelow + shared)].join('\n');
}

interface Overlap {
  /** Last lines of the upper half, 0 or 1, that the cut went through: the lower half has them whole. */
  readonly cutAbove: number;
  /** First lines of the lower half, 0 or 1, that the cut went through. */
  readonly cutBelow: number;
  readonly shared: number;
}

function overlapOf(above: readonly string[], below: readonly string[]): Overlap | null {
  const most = 1 + Math.ceil(SHARED_SHARE * Math.min(above.length, below.length));
  for (let shared = 1; shared <= most; shared += 1) {
    const overlap = CUTS.map((cuts) => ({ ...cuts, shared })).find((candidate) => fits(candidate, above, below));
    if (overlap !== undefined) return overlap;
  }
  return null;
}

const CUTS = [
  { cutAbove: 0, cutBelow: 0 },
  { cutAbove: 1, cutBelow: 0 },
  { cutAbove: 0, cutBelow: 1 },
  { cutAbove: 1, cutBelow: 1 },
] as const;

function fits({ cutAbove, cutBelow, shared }: Overlap, above: readonly string[], below: readonly string[]): boolean {
  const from = above.length - cutAbove - shared;
  const end = above.slice(Math.max(0, from), above.length - cutAbove).map(normal);
  const start = below.slice(cutBelow, cutBelow + shared).map(normal);
  const isSame = end.length === shared && start.length === shared && end.every((line, at) => line === start[at]);
  if (!isSame || !end.some((line) => line !== '')) return false;
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
