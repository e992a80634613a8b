interface Sample {
  readonly done: number;
  readonly atMs: number;
}

/**
 * How fast something counts up, over a sliding window. What was done before the first look counts as nothing: a
 * continued run does not start with yesterday's rows as its speed.
 */
export class RateEstimator {
  readonly #windowMs: number;
  readonly #samples: Sample[] = [];

  /** @param windowMs - how far back is looked */
  constructor(windowMs: number) {
    this.#windowMs = windowMs;
  }

  /** Tells how many are done by now; looks must not go back in time. */
  observe(done: number, atMs: number): void {
    const newest = this.#samples.at(-1);
    if (newest !== undefined && atMs - newest.atMs < this.#windowMs / 100) return;
    this.#samples.push({ done, atMs });
    while ((this.#samples[1]?.atMs ?? atMs) < atMs - this.#windowMs) this.#samples.shift();
  }

  /** Per second; 0 until there are two looks. */
  get perS(): number {
    const [oldest, newest] = [this.#samples[0], this.#samples.at(-1)];
    if (oldest === undefined || newest === undefined || newest.atMs === oldest.atMs) return 0;
    return Math.max(0, ((newest.done - oldest.done) / (newest.atMs - oldest.atMs)) * 1_000);
  }

  /** Milliseconds until `left` more are done at this speed; null where nothing moves. */
  etaMs(left: number): number | null {
    return this.perS === 0 ? null : (left / this.perS) * 1_000;
  }
}
