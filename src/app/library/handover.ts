interface Given<T> {
  readonly value: T;
  readonly taken: () => void;
}

/** Hands values over one by one: whoever gives waits until the value was taken, so that nothing piles up. */
export class Handover<T> {
  readonly #given: Given<T>[] = [];
  readonly #takers: ((value: T | null) => void)[] = [];
  #isClosed = false;

  /** Resolves when the value was taken, and at once where nobody will: the signal has fired, or it was closed. */
  async give(value: T, signal: AbortSignal): Promise<void> {
    if (this.#isClosed || signal.aborted) return;
    const taker = this.#takers.shift();
    if (taker !== undefined) {
      taker(value);
      return;
    }
    await new Promise<void>((resolve) => {
      const given: Given<T> = {
        value,
        taken: () => {
          signal.removeEventListener('abort', withdraw);
          resolve();
        },
      };
      const withdraw = () => {
        this.#given.splice(this.#given.indexOf(given), 1);
        resolve();
      };
      signal.addEventListener('abort', withdraw, { once: true });
      this.#given.push(given);
    });
  }

  /** The next value; null where it was closed and none is left. */
  async take(): Promise<T | null> {
    const given = this.#given.shift();
    if (given !== undefined) {
      given.taken();
      return given.value;
    }
    if (this.#isClosed) return null;
    return await new Promise<T | null>((resolve) => this.#takers.push(resolve));
  }

  /** Nothing more is given. */
  close(): void {
    this.#isClosed = true;
    for (const taker of this.#takers.splice(0)) taker(null);
  }

  /** Nothing more is taken: what was given is let go. */
  abandon(): void {
    this.close();
    for (const { taken } of this.#given.splice(0)) taken();
  }
}
