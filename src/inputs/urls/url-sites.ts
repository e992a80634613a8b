import pLimit from 'p-limit';
import { unlessAborted } from '../../core/unless-aborted.js';
import { type Clock, SYSTEM_CLOCK } from './url-clock.js';
import { SiteAtRest, siteRefuses, siteSilent } from './url-failures.js';

/** How a site is treated. A site is a host with its port. */
export interface SiteOptions {
  /** Requests that a site is sent at once, 1 or more. */
  readonly concurrency: number;
  /** From the start of one request to the start of the next one to the same site. */
  readonly delayMs: number;
  /** @defaultValue the system's */
  readonly clock?: Clock | undefined;
}

/** What came of a request, as far as it tells how its site is. */
export interface SiteAnswer {
  /** How long the whole site is left alone; absent where it has no trouble. Null where it does not say how long. */
  readonly pauseMs?: number | null;
  /** Whether nothing came: no connection, or no answer in time. */
  readonly isSilent?: boolean;
}

/** What a request waits for its site; whoever would wait longer is told to come back. */
export const LONGEST_WAIT_MS = 5_000;
/** The first pause of a site that does not say how long; doubled with each further refusal. */
const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 30_000;
/** A site that is in trouble for longer, or asks to be left alone for longer, is not waited for. */
const PATIENCE_MS = 300_000;
/** Requests in a row without an answer after which a site is closed: asked by one request after each pause only. */
const MOST_SILENCES = 3;
/** The first pause of a closed site; doubled with each request that it does not answer. */
const FIRST_CLOSED_MS = 30_000;
const LONGEST_CLOSED_MS = 600_000;
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
   * @throws SiteAtRest where the site is to be left alone for longer than a request waits
   * @throws SiteGivenUp where the site has never answered, or was in trouble for too long: it is not asked
   * @throws the signal's reason where it fires before the turn has come
   */
  async turn<T extends SiteAnswer>(site: string, signal: AbortSignal, request: () => Promise<T>): Promise<T> {
    const known = this.#sites.get(site) ?? new Site(site, this.#options);
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
  readonly #name: string;
  readonly #options: SiteOptions;
  readonly #clock: Clock;
  readonly #limit: ReturnType<typeof pLimit>;
  /** When the next request may start, by the clock. */
  #nextMs = 0;
  /** Whether it has answered without trouble. One that has may come back; one that never did may not be there at all. */
  #hasAnswered = false;
  /** When the trouble began that it has now. */
  #troubledSinceMs = 0;
  /** Refusals since the last answer without trouble. */
  #refusals = 0;
  /** Requests in a row that were not answered. */
  #silences = 0;
  /** How long the site is left alone between two requests for not answering; 0 where it is open. */
  #closedMs = 0;

  constructor(name: string, options: SiteOptions) {
    this.#name = name;
    this.#options = options;
    this.#clock = options.clock ?? SYSTEM_CLOCK;
    this.#limit = pLimit(options.concurrency);
  }

  /** Whether it differs in nothing from a site that was never asked. */
  get isAtRest(): boolean {
    const { activeCount, pendingCount } = this.#limit;
    const untilMs = this.#nextMs + (this.#refusals + this.#silences === 0 ? 0 : FORGIVEN_MS);
    return activeCount + pendingCount === 0 && untilMs <= this.#clock.now();
  }

  async turn<T extends SiteAnswer>(signal: AbortSignal, request: () => Promise<T>): Promise<T> {
    this.#mustBeWorthWaiting();
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
    for (let now = this.#clock.now(); now < this.#nextMs; now = this.#clock.now()) {
      signal.throwIfAborted();
      this.#mustBeWorthWaiting();
      await this.#clock.wait(this.#nextMs - now, signal);
    }
    signal.throwIfAborted();
    this.#closedMs = Math.min(LONGEST_CLOSED_MS, 2 * this.#closedMs);
    this.#nextMs = this.#clock.now() + Math.max(this.#options.delayMs, this.#closedMs);
  }

  #mustBeWorthWaiting(): void {
    const waitMs = this.#nextMs - this.#clock.now();
    const isClosed = this.#closedMs > 0;
    if (waitMs <= 0 || !(isClosed || this.#refusals > 0)) return;
    const isTooLong = this.#nextMs - this.#troubledSinceMs > PATIENCE_MS;
    if (isClosed && (isTooLong || !this.#hasAnswered)) throw siteSilent(this.#name);
    if (isTooLong) throw siteRefuses(this.#name, waitMs);
    if (waitMs > LONGEST_WAIT_MS) throw new SiteAtRest(this.#name, waitMs);
  }

  #note({ isSilent = false, pauseMs }: SiteAnswer): void {
    if (isSilent) this.#noteSilence();
    else if (pauseMs === undefined) this.#noteAnswer();
    else this.#noteRefusal(pauseMs);
  }

  #noteAnswer(): void {
    if (this.#closedMs > 0) this.#nextMs = this.#clock.now() + this.#options.delayMs;
    this.#hasAnswered = true;
    this.#refusals = 0;
    this.#silences = 0;
    this.#closedMs = 0;
    this.#limit.concurrency = this.#options.concurrency;
  }

  /** One that refuses is asked by one request at a time until it answers again. */
  #noteRefusal(pauseMs: number | null): void {
    const now = this.#clock.now();
    const unsaidMs = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** this.#refusals);
    if (this.#closedMs > 0) this.#nextMs = now;
    else if (this.#refusals === 0) this.#troubledSinceMs = now;
    this.#refusals += 1;
    this.#silences = 0;
    this.#closedMs = 0;
    this.#limit.concurrency = 1;
    this.#nextMs = Math.max(this.#nextMs, now + (pauseMs ?? unsaidMs));
  }

  #noteSilence(): void {
    this.#silences += 1;
    if (this.#silences < MOST_SILENCES || this.#closedMs > 0) return;
    const now = this.#clock.now();
    if (this.#refusals === 0) this.#troubledSinceMs = now;
    this.#closedMs = FIRST_CLOSED_MS;
    this.#nextMs = Math.max(this.#nextMs, now + FIRST_CLOSED_MS);
  }
}
