/** Answers without trouble before a host gets one slot more; twice as many each time that this was one too many. */
const FIRST_ANSWERS = 32;
const MOST_ANSWERS = 1_024;

/**
 * Holds a host that refused, or ran out of memory, to fewer slots than it was found to have, and gives them back one by
 * one while it answers. Trouble passes, and the largest pages of a run may lie side by side only once.
 */
export class SlotLimit {
  #most = Number.POSITIVE_INFINITY;
  #answers = 0;
  #patience = FIRST_ANSWERS;
  #wasRaised = false;

  /** No more slots than these. */
  get most(): number {
    return this.#most;
  }

  /** So many were too many. What was one more than had worked before is taken back; else `fewer` is the new limit. */
  lower(slots: number, fewer: number): void {
    if (this.#wasRaised) this.#patience = Math.min(MOST_ANSWERS, 2 * this.#patience);
    this.#most = Math.max(1, this.#wasRaised ? slots - 1 : fewer);
    this.#wasRaised = false;
    this.#answers = 0;
  }

  /** An answer without trouble, of a host that was found to have so many; tells whether it gets one more from now on. */
  count(found: number): boolean {
    if (this.#most >= found) return false;
    this.#answers += 1;
    if (this.#answers < this.#patience) return false;
    this.#answers = 0;
    this.#most += 1;
    this.#wasRaised = true;
    return true;
  }

  /** It may be another host by now. */
  forget(): void {
    this.#most = Number.POSITIVE_INFINITY;
    this.#answers = 0;
    this.#patience = FIRST_ANSWERS;
    this.#wasRaised = false;
  }
}
