import type { TextSymbol } from './symbol-reader.js';
import { longestTailPeriod, type TailPeriod } from './tail-period.js';

const FIRST_CAPACITY = 256;
const VALUE_FACTOR = 0x9e3779b1;
/** Multiples of a period of shapes that may be a period of the numbers too: `1 1 2 2 3 3`. */
const MOST_MULTIPLES = 4;

/** The last symbols of a text, at most so many, and the periods at its end. */
export class SymbolBuffer {
  /** Symbols held. */
  length = 0;
  readonly #capacity: number;
  #shapes = new Uint32Array(FIRST_CAPACITY);
  #values = new Uint32Array(FIRST_CAPACITY);
  /** Shape and value in one, for where numbers must be equal. */
  #wholes = new Uint32Array(FIRST_CAPACITY);
  #starts = new Uint32Array(FIRST_CAPACITY);
  #pieces = new Uint32Array(FIRST_CAPACITY);
  #scratch = new Uint32Array(0);
  #lastNumberAt = -1;

  constructor({ capacity }: { readonly capacity: number }) {
    this.#capacity = capacity;
  }

  /** Adds a symbol that was known with the given piece of the stream. When full, it forgets the older half. */
  add({ shape, value, startAt }: TextSymbol, piece: number): void {
    if (this.length === this.#shapes.length) this.#makeRoom();
    const at = this.length;
    this.#shapes[at] = shape;
    this.#values[at] = value;
    this.#wholes[at] = shape ^ Math.imul(value, VALUE_FACTOR);
    this.#starts[at] = startAt;
    this.#pieces[at] = piece;
    if (value !== 0) this.#lastNumberAt = at;
    this.length += 1;
  }

  /** Forgets all. */
  clear(): void {
    this.length = 0;
    this.#lastNumberAt = -1;
  }

  /** Where a symbol begins in the answer. */
  startOf(at: number): number {
    return this.#starts[at] ?? 0;
  }

  /** With which piece of the stream a symbol was known. */
  pieceOf(at: number): number {
    return this.#pieces[at] ?? 0;
  }

  /** Whether one of the last symbols is a letter or a digit. */
  hasText(count: number): boolean {
    for (let at = Math.max(0, this.length - count); at < this.length; at += 1) {
      if (((this.#shapes[at] ?? 0) & 1) === 1) return true;
    }
    return false;
  }

  /** Whether a symbol looks like the one a period before, its number the same, or going on as it did a period before. */
  repeats(at: number, period: number): boolean {
    if (at < period || this.#shapes[at] !== this.#shapes[at - period]) return false;
    const before = this.#values[at - period] ?? 0;
    const step = (this.#values[at] ?? 0) - before;
    if (step === 0) return true;
    if (at < 2 * period || this.#shapes[at] !== this.#shapes[at - 2 * period]) return false;
    return (step | 0) === ((before - (this.#values[at - 2 * period] ?? 0)) | 0);
  }

  /** How many symbols at the end repeat at a period, as far back as is held. */
  repeatedAtEnd(period: number): number {
    let repeated = 0;
    while (this.repeats(this.length - 1 - repeated, period)) repeated += 1;
    return repeated;
  }

  /** The period at the end that reaches back furthest, among the last so many symbols. */
  tailPeriod(count: number): TailPeriod | null {
    const length = Math.min(count, this.length);
    if (this.#scratch.length < length) this.#scratch = new Uint32Array(this.#shapes.length);
    const tail = { end: this.length, length, scratch: this.#scratch };
    const same = longestTailPeriod({ ...tail, symbols: this.#wholes });
    if (this.#lastNumberAt < this.length - length) return same;
    const alike = longestTailPeriod({ ...tail, symbols: this.#shapes });
    const counting = alike === null ? null : this.#countingPeriod(alike.period);
    return (counting?.repeated ?? 0) > (same?.repeated ?? 0) ? counting : same;
  }

  /** What looks alike at a distance repeats at that distance or a multiple, where its numbers do. */
  #countingPeriod(alike: number): TailPeriod | null {
    let best: TailPeriod | null = null;
    for (let multiple = 1; multiple <= MOST_MULTIPLES; multiple += 1) {
      const period = alike * multiple;
      const repeated = this.repeatedAtEnd(period);
      if (repeated * 2 >= period && repeated > (best?.repeated ?? 0)) best = { period, repeated };
    }
    return best;
  }

  #makeRoom(): void {
    const full = this.length === this.#capacity;
    const dropped = full ? this.length >> 1 : 0;
    const moved = (old: Uint32Array<ArrayBuffer>): Uint32Array<ArrayBuffer> => {
      if (full) return old.copyWithin(0, dropped);
      const larger = new Uint32Array(Math.min(old.length * 4, this.#capacity));
      larger.set(old);
      return larger;
    };
    this.#shapes = moved(this.#shapes);
    this.#values = moved(this.#values);
    this.#wholes = moved(this.#wholes);
    this.#starts = moved(this.#starts);
    this.#pieces = moved(this.#pieces);
    this.length -= dropped;
    this.#lastNumberAt -= dropped;
  }
}
