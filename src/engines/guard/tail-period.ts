/** A period that the end of a sequence repeats at. */
export interface TailPeriod {
  /** The distance, in symbols. */
  readonly period: number;
  /** How many symbols at the end equal the one a period before them; copies are `repeated ÷ period + 1`. */
  readonly repeated: number;
}

/** Of which sequence, and how much of its end. */
export interface TailOptions {
  readonly symbols: Uint32Array;
  /** The sequence ends before this index. */
  readonly end: number;
  /** How many symbols before the end are looked at. */
  readonly length: number;
  /** Room for `length` numbers, so that no call makes its own. */
  readonly scratch: Uint32Array;
}

/**
 * The period whose repetition reaches back furthest from the end, the shortest of equals; null where none repeats for at
 * least half a period. Looks at all periods up to two thirds of the tail in one pass: the Z function (Gusfield, Algorithms
 * on Strings, Trees and Sequences, §1.4) of the reversed tail, at most two comparisons a symbol.
 */
export function longestTailPeriod({ symbols, end, length, scratch }: TailOptions): TailPeriod | null {
  const last = end - 1;
  const longestPeriod = Math.floor((length * 2) / 3);
  let period = 0;
  let repeated = 0;
  // The window [left, right) of the reversed tail equals the tail's own beginning.
  let left = 0;
  let right = 0;
  for (let at = 1; at <= longestPeriod; at += 1) {
    let same = at < right ? Math.min(right - at, scratch[at - left] ?? 0) : 0;
    while (at + same < length && symbols[last - same] === symbols[last - at - same]) same += 1;
    scratch[at] = same;
    if (at + same > right) {
      left = at;
      right = at + same;
    }
    if (same > repeated && same * 2 >= at) {
      period = at;
      repeated = same;
    }
  }
  return period === 0 ? null : { period, repeated };
}
