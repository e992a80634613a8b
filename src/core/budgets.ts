/** How long an item may take, in milliseconds. `connect < firstToken`, `silence < item` is proven by the config schema. */
export interface Budgets {
  /** From the start of the first-token clock to the first token. */
  readonly firstTokenMs: number;
  /** Between two tokens. */
  readonly silenceMs: number;
  /** All attempts at an item together. */
  readonly itemMs: number;
  /** Loading the model before the first item. */
  readonly loadMs: number;
  readonly connectMs: number;
}

const ANSWERS_BEFORE_ADAPTING = 20;
const ANSWERS_REMEMBERED = 200;
const LEAST_FIRST_TOKEN_MS = 60_000;

/**
 * A host's own first-token limit. The user's value is the ceiling; after 20 answers the limit is 10 × the host's own
 * 99th percentile, and never below 60 s.
 */
export class FirstTokenLimit {
  readonly #ceilingMs: number;
  readonly #seen: number[] = [];

  constructor(ceilingMs: number) {
    this.#ceilingMs = ceilingMs;
  }

  /** Tells how long the host took to the first token of an answer. */
  observe(ms: number): void {
    this.#seen.push(ms);
    if (this.#seen.length > ANSWERS_REMEMBERED) this.#seen.shift();
  }

  get ms(): number {
    if (this.#seen.length < ANSWERS_BEFORE_ADAPTING) return this.#ceilingMs;
    const sorted = Float64Array.from(this.#seen).sort(); // asked for with every item
    const p99 = sorted[Math.ceil(sorted.length * 0.99) - 1] ?? 0;
    return Math.min(this.#ceilingMs, Math.max(LEAST_FIRST_TOKEN_MS, 10 * p99));
  }
}
