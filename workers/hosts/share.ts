import { setTimeout as sleep } from 'node:timers/promises';
import { type Fleet, GRANT_TTL_MS, REWRITE_MS, type SlotClaim, type SlotGrant } from '../../jobs/fleet.js';
import { messageOf } from '../../src/core/errors.js';
import type { Logger } from '../../src/core/telling.js';
import { unlessAborted } from '../../src/core/unless-aborted.js';
import { Hold } from './hold.js';
import { Latch } from './latch.js';

export interface HostShareOptions {
  readonly fleet: Pick<Fleet, 'claim' | 'giveUp'>;
  /** Who claims, and for which run. */
  readonly claimant: Omit<SlotClaim, 'slots' | 'using' | 'wants' | 'alone'>;
  /** Slots of the host; null while nobody has found them. */
  readonly slots: number | null;
  /** Requests of ours that are open at the host. */
  readonly using: () => number;
  /** What it may use is another number than before. */
  readonly onChange: (allowed: SlotGrant) => void;
  readonly logger: Logger;
}

/** How soon a claim is made again that did not get what it wants. */
const SOON_MS = 500;
/** A host whose slots are not known yet: what others say of it holds. */
const UNKNOWN_SLOTS = 1_000_000;

const NONE: SlotGrant = { slots: 0, shared: false, alone: false, waitsFor: null };

/**
 * One lane's share of a host that other processes may use too. Claims slots again and again; a grant that could not be
 * renewed in time lapses by our own clock, as others may have it by then.
 */
export class HostShare {
  readonly #options: HostShareOptions;
  readonly #closing = new AbortController();
  #wake = new AbortController();
  #slots: number;
  /** Opened by the next claim. */
  readonly #claimed: Latch[] = [];
  #wants = 1;
  #rests = false;
  /** Whether the fleet may have a claim of ours. */
  #isHolder = false;
  #allowed = NONE;
  #lapsesMs = 0;
  #lapse: NodeJS.Timeout | undefined;
  #running: Promise<void> | undefined;
  #hold: Hold | null = null;
  #released = Promise.resolve();

  constructor(options: HostShareOptions) {
    this.#options = options;
    this.#slots = options.slots ?? UNKNOWN_SLOTS;
  }

  /** A process that was frozen finds its grant lapsed before any timer has told so. */
  get allowed(): SlotGrant {
    return performance.now() < this.#lapsesMs ? this.#allowed : NONE;
  }

  /** How many slots the host has, once that is known; resolves when what may be used was claimed anew. */
  async setSlots(slots: number): Promise<void> {
    if (slots === this.#slots) return;
    this.#slots = slots;
    if (this.#running === undefined || this.#closing.signal.aborted) return;
    await this.#claimAnew();
  }

  /** How many it could use now; at least one, so that nobody loads another model in between. */
  want(slots: number): void {
    const wants = Math.max(1, slots);
    if (wants === this.#wants) return;
    const isMore = wants > this.#wants;
    this.#wants = wants;
    if (isMore) this.#wake.abort();
  }

  /**
   * Waits until nobody else has a request open at the host, nor may open one before the hold ends. One at a time; null
   * where the host goes to another model first, or is left alone. Throws the signal's reason.
   */
  async hold(signal: AbortSignal): Promise<Hold | null> {
    await unlessAborted(signal, this.#released); // others may have waited for as long
    const hold = new Hold(() => this.#release());
    this.#hold = hold;
    this.#wake.abort();
    if (this.#rests) hold.refuse();
    else await unlessAborted(signal, hold.decided);
    if (!hold.isGiven || signal.aborted) hold.end();
    signal.throwIfAborted();
    return hold.isGiven ? hold : null;
  }

  /** Claims from now on. */
  start(): void {
    if (this.#rests) this.#wake.abort();
    this.#rests = false;
    this.#running ??= this.#renew();
  }

  /** Claims nothing until it is started again, but for what is still open at the host. */
  rest(): void {
    this.#rests = true;
    this.#hold?.refuse();
    this.#wake.abort();
  }

  /** Gives everything back, once nothing is open at the host. */
  async close(): Promise<void> {
    this.#closing.abort();
    this.#wake.abort();
    await this.#running;
    await this.#giveUp();
  }

  async #renew(): Promise<void> {
    while (!this.#closing.signal.aborted) {
      this.#wake = new AbortController();
      const waiting = this.#claimed.splice(0);
      const lowered = this.#isOver ? await this.#giveUp() : await this.#claim();
      for (const claimed of waiting) claimed.open();
      if (!lowered && this.#claimed.length === 0) await this.#rest();
    }
    for (const claimed of this.#claimed.splice(0)) claimed.open();
  }

  /** Nothing is to be claimed, nor held back from others. */
  get #isOver(): boolean {
    return this.#rests && this.#hold === null && this.#options.using() === 0;
  }

  async #giveUp(): Promise<boolean> {
    if (!this.#isHolder) return false;
    this.#isHolder = false;
    clearTimeout(this.#lapse);
    this.#allowed = NONE; // its lane knows
    const { claimant, fleet, logger } = this.#options;
    await fleet.giveUp(claimant.host, claimant.holder).catch((error: unknown) => {
      logger.debug(`${claimant.host}: slots could not be given back: ${messageOf(error)}`); // they lapse
    });
    return false;
  }

  /** Claims once; tells whether the grant was lowered, so that what was freed is told at once. */
  async #claim(): Promise<boolean> {
    const { claimant, fleet, logger, using } = this.#options;
    const before = this.#allowed.slots;
    const calledMs = performance.now();
    try {
      const alone = this.#hold !== null;
      const wants = this.#rests ? Number(alone) : this.#wants;
      const claim = { ...claimant, slots: this.#slots, using: using(), wants, alone };
      this.#isHolder = true;
      const granted = await unlessAborted(this.#closing.signal, fleet.claim(claim)); // a Redis that is away may not answer
      if (granted === null) return false;
      clearTimeout(this.#lapse);
      if (performance.now() >= this.#lapsesMs) this.#hold?.note(false); // frozen, it found out before the timer did
      this.#lapsesMs = calledMs + GRANT_TTL_MS;
      this.#lapse = setTimeout(() => this.#become(NONE), this.#lapsesMs - performance.now());
      this.#become(granted);
    } catch (error) {
      logger.debug(`${claimant.host}: slots could not be claimed: ${messageOf(error)}`);
    }
    return this.#allowed.slots < before;
  }

  async #rest(): Promise<void> {
    const lacksSlots = this.#allowed.slots < this.#wants; // one that rests has its last requests open
    const isSoon = this.#isHolder && (lacksSlots || this.#hold?.isGiven === false);
    await sleep(isSoon ? SOON_MS : REWRITE_MS, undefined, { signal: this.#wake.signal }).catch(() => {}); // woken
  }

  /** The fleet hears of it before this lane may be alone again. */
  #release(): void {
    this.#hold = null;
    this.#released = this.#claimAnew();
  }

  /** Claims at once; resolves when that was done. */
  #claimAnew(): Promise<void> {
    const claimed = new Latch();
    this.#claimed.push(claimed);
    this.#wake.abort();
    return claimed.opened;
  }

  #become(allowed: SlotGrant): void {
    this.#hold?.note(allowed.alone);
    if (allowed.slots === 0 && allowed.waitsFor !== null) this.#hold?.refuse();
    const isSame = allowed.slots === this.#allowed.slots && allowed.shared === this.#allowed.shared;
    this.#allowed = allowed;
    if (!isSame) this.#options.onChange(allowed);
  }
}
