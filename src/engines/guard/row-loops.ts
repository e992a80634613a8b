import { ROW_CHARACTERS } from './bars.js';
import type { Copies } from './loop.js';
import type { TextSymbol } from './symbol-reader.js';

/** What is compared of a row, and what it counts. */
export interface Row {
  /** A hash over its symbols' shapes. */
  readonly shape: number;
  /** A linear combination of its numbers, modulo 2³²: rows that count evenly have values at even distances. */
  readonly value: number;
  /** Rows of a page that it takes; 0 of a rule. */
  readonly weight: number;
  /** 0 for plain text, deeper in JSON. */
  readonly level: number;
  /** Where it ends, in characters of the answer. */
  readonly endAt: number;
}

/** A row or a block of rows that repeats more often than a page has room for. */
export interface RowLoop extends Copies {
  /** Rows of one copy. */
  readonly periodRows: number;
}

const HASH_FACTOR = 0x01000193;
/** A dash alone is a bullet. Compared with a length that holds the line end too. */
const FEWEST_MARKS_OF_RULE = 3;

/** Adds up the symbols of one row. */
export class RowDigest {
  #shape = 0;
  #value = 0;
  #symbols = 0;
  #hasText = false;
  #startAt = 0;

  add({ shape, value, startAt }: TextSymbol): void {
    if (this.#symbols === 0) this.#startAt = startAt;
    this.#symbols += 1;
    this.#shape = (Math.imul(this.#shape ^ (this.#shape >>> 13), HASH_FACTOR) + shape) >>> 0;
    this.#value = (Math.imul(this.#value, HASH_FACTOR) + value) >>> 0;
    if ((shape & 1) === 1) this.#hasText = true;
  }

  /** The row up to here, and an empty one from here on; null where it is blank. */
  take({ level, endAt }: { readonly level: number; readonly endAt: number }): Row | null {
    if (this.#symbols === 0) return null;
    const characters = endAt - this.#startAt;
    const isRule = !this.#hasText && characters > FEWEST_MARKS_OF_RULE;
    const weight = isRule ? 0 : Math.ceil(characters / ROW_CHARACTERS);
    const row = { shape: this.#shape, value: this.#value, weight, level, endAt };
    this.#shape = 0;
    this.#value = 0;
    this.#symbols = 0;
    this.#hasText = false;
    return row;
  }
}

/** Blocks are up to 60 lines; pretty JSON and brackets take more rows for the same. */
const LONGEST_PERIOD = 128;
/** Two periods and the row itself, as a power of two. */
const RING = 512;
const MASK = RING - 1;
const FEWEST_COPIES = 3;

/** Finds rows that repeat. For each period it counts how many rows in a row equal the one a period before them. */
export class RowLoops {
  readonly #maxRows: number;
  readonly #shapes = new Uint32Array(RING);
  readonly #values = new Uint32Array(RING);
  readonly #weights = new Uint32Array(RING);
  readonly #levels = new Uint32Array(RING);
  readonly #ends = new Uint32Array(RING);
  readonly #repeated = new Uint32Array(LONGEST_PERIOD + 1);
  readonly #firstEnds = new Uint32Array(LONGEST_PERIOD + 1);
  #rows = 0;

  constructor({ maxRows }: { readonly maxRows: number }) {
    this.#maxRows = maxRows;
  }

  /** Takes the next row, and returns the loop of which it is the last. */
  push(row: Row): RowLoop | null {
    const at = this.#rows;
    const slot = at & MASK;
    this.#shapes[slot] = row.shape;
    this.#values[slot] = row.value;
    this.#weights[slot] = row.weight;
    this.#levels[slot] = row.level;
    this.#ends[slot] = row.endAt;
    this.#rows += 1;
    const longest = Math.min(LONGEST_PERIOD, at);
    for (let period = 1; period <= longest; period += 1) {
      const repeated = this.#repeats(at, period) ? (this.#repeated[period] ?? 0) + 1 : 0;
      this.#repeated[period] = repeated;
      if (repeated === 0) continue;
      if (repeated === 1) this.#firstEnds[period] = this.#ends[(at - 1) & MASK] ?? 0;
      if (repeated % period === 0 && this.#isLoop(period, repeated / period + 1)) {
        return this.#loop(period, repeated / period + 1);
      }
    }
    return null;
  }

  /** Looks alike, and the numbers stay, or go on as they went on a period before. */
  #repeats(at: number, period: number): boolean {
    const slot = at & MASK;
    const before = (at - period) & MASK;
    if (this.#shapes[before] !== this.#shapes[slot]) return false;
    const step = (this.#values[slot] ?? 0) - (this.#values[before] ?? 0);
    if (step === 0) return true;
    const earlier = (at - 2 * period) & MASK;
    if (at < 2 * period || this.#shapes[earlier] !== this.#shapes[slot]) return false;
    return (step | 0) === (((this.#values[before] ?? 0) - (this.#values[earlier] ?? 0)) | 0);
  }

  #isLoop(period: number, copies: number): boolean {
    return copies >= FEWEST_COPIES && copies * this.#pageRowsOf(period) > this.#maxRows;
  }

  /** Rows of a page that the last period takes: of its rows only the shallowest count, and at least one does. */
  #pageRowsOf(period: number): number {
    let shallowest = Number.POSITIVE_INFINITY;
    let weight = 0;
    for (let at = this.#rows - period; at < this.#rows; at += 1) {
      const level = this.#levels[at & MASK] ?? 0;
      if (level > shallowest) continue;
      if (level < shallowest) weight = 0;
      shallowest = level;
      weight += this.#weights[at & MASK] ?? 0;
    }
    return Math.max(1, weight);
  }

  #loop(periodRows: number, copies: number): RowLoop {
    const last = this.#rows - 1;
    return {
      periodRows,
      copies,
      firstEndAt: this.#firstEnds[periodRows] ?? 0,
      periodCharacters: (this.#ends[last & MASK] ?? 0) - (this.#ends[(last - periodRows) & MASK] ?? 0),
    };
  }
}
