interface Waiting {
  readonly alone: boolean;
  go(): void;
}

/**
 * Lets requests pass to a host together, or one of them alone: an item that was on a host when it crashed goes by itself,
 * so that a second crash is its own doing and nobody else's. First come, first served.
 */
export class AloneGate {
  readonly #waiting: Waiting[] = [];
  #inside = 0;
  #isTaken = false;

  /** Waits for its turn; the returned function is to be called when the request is over. */
  async enter(alone: boolean): Promise<() => void> {
    if (this.#waiting.length > 0 || !this.#admits(alone)) {
      await new Promise<void>((go) => this.#waiting.push({ alone, go }));
    } else {
      this.#admit(alone);
    }
    return () => this.#leave();
  }

  #admits(alone: boolean): boolean {
    return alone ? this.#inside === 0 : !this.#isTaken;
  }

  #admit(alone: boolean): void {
    this.#inside += 1;
    this.#isTaken = alone;
  }

  #leave(): void {
    this.#inside -= 1;
    this.#isTaken = false;
    for (let next = this.#waiting[0]; next !== undefined && this.#admits(next.alone); next = this.#waiting[0]) {
      this.#waiting.shift();
      this.#admit(next.alone);
      next.go();
    }
  }
}
