import { Latch } from './latch.js';

/** Whether a lane may use its host at all: it is neither drained nor asleep, and others leave it slots. */
export class Permit {
  #restsFor: string | null = null;
  #changed = new Latch();

  /** Why the host is left alone for now; null where it is not. */
  get restsFor(): string | null {
    return this.#restsFor;
  }

  /** Tells whether that is another reason than before. */
  rest(why: string | null): boolean {
    if (why === this.#restsFor) return false;
    this.#restsFor = why;
    this.look();
    return true;
  }

  /** What it depends on has changed. */
  look(): void {
    this.#changed.open();
  }

  /** Waits until the host may be used or the signal fires; `onWait` is told before each wait. */
  async granted({
    slots,
    signal,
    onWait,
  }: {
    readonly slots: () => number;
    readonly signal: AbortSignal;
    readonly onWait: () => void;
  }): Promise<void> {
    while ((this.#restsFor !== null || slots() === 0) && !signal.aborted) {
      this.#changed = new Latch();
      onWait();
      await this.#changed.opened;
    }
  }
}
