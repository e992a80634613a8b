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

  /**
   * Waits for its turn; the returned function is to be called when the request is over. Who is aborted meanwhile stands in
   * nobody's way any more.
   */
  async enter(alone: boolean, signal: AbortSignal): Promise<() => void> {
    signal.throwIfAborted();
    if (this.#waiting.length === 0 && this.#admits(alone)) this.#admit(alone);
    else await this.#turn(alone, signal);
    return () => this.#leave();
  }

  #turn(alone: boolean, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const waiting = {
        alone,
        go: () => {
          signal.removeEventListener('abort', giveUp);
          resolve();
        },
      };
      const giveUp = () => {
        this.#waiting.splice(this.#waiting.indexOf(waiting), 1);
        this.#admitNext();
        reject(signal.reason);
      };
      signal.addEventListener('abort', giveUp, { once: true });
      this.#waiting.push(waiting);
    });
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
    this.#admitNext();
  }

  #admitNext(): void {
    for (let next = this.#waiting[0]; next !== undefined && this.#admits(next.alone); next = this.#waiting[0]) {
      this.#waiting.shift();
      this.#admit(next.alone);
      next.go();
    }
  }
}
