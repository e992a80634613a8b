/** Ends what has had nothing to do for so long. */
export class IdleEnd {
  readonly #afterMs: number | null;
  readonly #onEnd: () => void;
  #timer: NodeJS.Timeout | undefined;

  /** @param afterMs - null for never */
  constructor(afterMs: number | null, onEnd: () => void) {
    this.#afterMs = afterMs;
    this.#onEnd = onEnd;
  }

  note(isBusy: boolean): void {
    if (isBusy) {
      clearTimeout(this.#timer);
      this.#timer = undefined;
    } else if (this.#afterMs !== null) {
      this.#timer ??= setTimeout(this.#onEnd, this.#afterMs);
    }
  }

  close(): void {
    clearTimeout(this.#timer);
  }
}
