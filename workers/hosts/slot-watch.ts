import type { Answered } from './asker.js';

/** Answers a slot, of which the host's own account is believed. */
const ANSWERS_A_SLOT = 4;
/** Fewer slots are at work than were thought where so many of them, as a share, would do. */
const MOST_SHARE = 0.6;

/**
 * Holds the number of slots of a host to what its answers say: by the host's own account each took so much work, by our
 * clock so much time; where the host works on fewer at once than we think, the rest of the time was waiting (Little's
 * law). The way there and decoding on the host hide in the waiting too, so only a large gap counts, and only as a doubt:
 * a search decides. Once is enough, until the host was away.
 */
export class SlotWatch {
  #hasDoubted = false;
  #count = 0;
  #workMs = 0;
  #elapsedMs = 0;

  /** How many slots seem to be at work, once enough was answered and they are far fewer than `slots`; else null. */
  observe({ answer, elapsedMs }: Answered, slots: number): number | null {
    const { prompt, generate } = answer.timingMs;
    if (prompt === null || generate === null || slots === 1 || this.#hasDoubted) return null;
    this.#count += 1;
    this.#workMs += prompt + generate;
    this.#elapsedMs += elapsedMs;
    if (this.#count < ANSWERS_A_SLOT * slots) return null;
    const atWork = (slots * this.#workMs) / Math.max(1, this.#elapsedMs);
    this.reset();
    this.#hasDoubted = atWork <= MOST_SHARE * slots;
    return this.#hasDoubted ? Math.max(1, Math.round(atWork)) : null;
  }

  /** It may be another host by now. */
  forget(): void {
    this.reset();
    this.#hasDoubted = false;
  }

  /** Counts from here on. */
  reset(): void {
    this.#count = 0;
    this.#workMs = 0;
    this.#elapsedMs = 0;
  }
}
