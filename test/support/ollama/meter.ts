/** Integrates over time how many slots are busy. */
export class Meter {
  #busy = 0;
  #sinceMs = 0;
  #totalMs = 0;
  #highest = 0;

  constructor(readonly nowMs: () => number) {}

  /** Slots taken (+) or given back (-). */
  change(by: number): void {
    this.#settle();
    this.#busy += by;
    this.#highest = Math.max(this.#highest, this.#busy);
  }

  /** Busy slot-time so far in milliseconds; two slots busy for a second are 2,000. */
  busySlotMs(): number {
    this.#settle();
    return this.#totalMs;
  }

  /** Takes out of the account what a slot was busy with for so long. */
  discount(ms: number): void {
    this.#totalMs -= ms;
  }

  /** Most slots that were busy at once. */
  get highest(): number {
    return this.#highest;
  }

  /** Starts the account again; slots that are busy now stay so. */
  reset(): void {
    this.#settle();
    this.#totalMs = 0;
    this.#highest = this.#busy;
  }

  #settle(): void {
    const nowMs = this.nowMs();
    this.#totalMs += this.#busy * (nowMs - this.#sinceMs);
    this.#sinceMs = nowMs;
  }
}
