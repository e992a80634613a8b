import { type Loop, LoopGuard } from '../../../../src/engines/guard/loop-guard.js';
import { copiesOf } from './corpus.js';

/** A loop and with which piece of the stream it was found. */
export interface Found {
  readonly loop: Loop;
  readonly pieces: number;
}

/** Pushes pieces until the guard is sure of a loop. */
export function watch(pieces: readonly string[], maxRows: number): Found | null {
  const guard = new LoopGuard({ maxRows });
  for (const [at, piece] of pieces.entries()) {
    const loop = guard.push(piece);
    if (loop !== null) return { loop, pieces: at + 1 };
  }
  return null;
}

/** What a stream that loops is made of. */
export interface Looping {
  readonly head: string;
  readonly period: string;
  readonly rows: number;
  readonly maxRows: number;
}

const MOST_PIECES = 400;
const LONGEST_PIECE = 20;

/** A stream that loops for longer than any cut of it may take to be found. */
export function loopingStream({ head, period, rows, maxRows }: Looping): string {
  const forRows = rows === 0 ? 0 : Math.ceil(maxRows / rows);
  return head + copiesOf(period, forRows + 4 + Math.ceil((MOST_PIECES * LONGEST_PIECE) / period.length));
}

/**
 * By which piece a loop must be found: 3 periods or 400 pieces after it begins, whichever is later; where copies are rows
 * of a page, after those that the page has room for.
 */
export function boundOf({ head, period, rows, maxRows }: Looping, pieces: readonly string[]): number {
  const forRows = rows === 0 ? 0 : Math.ceil(maxRows / rows);
  const begin = head.length + copiesOf(period, forRows).length * Math.sign(forRows);
  const afterThree = head.length + copiesOf(period, forRows + 3).length;
  const from = piecesUntil(pieces, begin);
  return Math.max(piecesUntil(pieces, afterThree), from + MOST_PIECES);
}

function piecesUntil(pieces: readonly string[], characters: number): number {
  let length = 0;
  for (const [at, piece] of pieces.entries()) {
    if (length >= characters) return at;
    length += piece.length;
  }
  return pieces.length;
}
