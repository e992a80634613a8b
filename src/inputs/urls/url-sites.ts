import { setTimeout as delay } from 'node:timers/promises';
import pLimit from 'p-limit';
import { unlessAborted } from '../../core/unless-aborted.js';

/** How a site is treated. A site is a host with its port. */
export interface SiteOptions {
  /** Requests that a site is sent at once, 1 or more. */
  readonly concurrency: number;
  /** From the start of one request to the start of the next one to the same site. */
  readonly delayMs: number;
}

/** What came of a request, as far as it tells how its site is. */
export interface SiteAnswer {
  /** How long the whole site is left alone; absent where it has no trouble. Null where it does not say how long. */
  readonly pauseMs?: number | null;
}

/** The first pause of a site that does not say how long; doubled with each further refusal. */
const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 30_000;
/** A site that was not asked for so long is as one that never was. */
const FORGIVEN_MS = 60_000;
/** Sites that are kept before those at rest are forgotten. */
const LEAST_SWEPT = 1_000;

/** Gives requests their turn, site by site. It keeps only sites that have something to do or to wait for. */
export class Sites {
  readonly #options: SiteOptions;
  readonly #sites = new Map<string, Site>();
  #sweepAt = LEAST_SWEPT;

  constructor(options: SiteOptions) {
    this.#options = options;
  }

  /** Sites that are kept. */
  get size(): number {
    return this.#sites.size;
  }

  /**
   * Makes a request when it is its turn at the site.
   *
   * @throws the signal's reason where it fires before the turn has come
   */
  async turn<T extends SiteAnswer>(site: string, signal: AbortSignal, request: () => Promise<T>): Promise<T> {
    const known = this.#sites.get(site) ?? new Site(this.#options);
    this.#sites.set(site, known);
    try {
      return await known.turn(signal, request);
    } finally {
      if (this.#sites.size >= this.#sweepAt) this.#sweep();
    }
  }

  #sweep(): void {
    for (const [name, site] of this.#sites) if (site.isAtRest) this.#sites.delete(name);
    this.#sweepAt = Math.max(LEAST_SWEPT, 2 * this.#sites.size);
  }
}

class Site {
  readonly #options: SiteOptions;
  readonly #limit: ReturnType<typeof pLimit>;
  /** When the next request may start, by `performance.now()`. */
  #nextMs = 0;
  /** Refusals since the last answer without trouble. */
  #refusals = 0;

  constructor(options: SiteOptions) {
    this.#options = options;
    this.#limit = pLimit(options.concurrency);
  }

  /** Whether it differs in nothing from a site that was never asked. */
  get isAtRest(): boolean {
    const { activeCount, pendingCount } = this.#limit;
    const untilMs = this.#nextMs + (this.#refusals === 0 ? 0 : FORGIVEN_MS);
    return activeCount + pendingCount === 0 && untilMs <= performance.now();
  }

  async turn<T extends SiteAnswer>(signal: AbortSignal, request: () => Promise<T>): Promise<T> {
    const asked = this.#limit(async () => {
      await this.#wait(signal);
      const answer = await request();
      this.#note(answer);
      return { answer };
    });
    const done = await unlessAborted(signal, asked);
    if (done === null) throw signal.reason;
    return done.answer;
  }

  async #wait(signal: AbortSignal): Promise<void> {
    for (let now = performance.now(); now < this.#nextMs; now = performance.now()) {
      await delay(this.#nextMs - now, undefined, { signal }).catch(() => {});
      signal.throwIfAborted();
    }
    signal.throwIfAborted();
    this.#nextMs = performance.now() + this.#options.delayMs;
  }

  /** One that refuses is asked by one request at a time until it answers again. */
  #note({ pauseMs }: SiteAnswer): void {
    if (pauseMs === undefined) {
      this.#refusals = 0;
      this.#limit.concurrency = this.#options.concurrency;
      return;
    }
    const unsaidMs = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** this.#refusals);
    this.#refusals += 1;
    this.#limit.concurrency = 1;
    this.#nextMs = Math.max(this.#nextMs, performance.now() + (pauseMs ?? unsaidMs));
  }
}
