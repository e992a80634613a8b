/** A request's place in the order in which requests were sent to one host. */
export interface Turn {
  /** Resolves when fewer than `slots` earlier requests of ours are in flight: its clocks start. */
  readonly started: Promise<void>;
  leave(): void;
}

/**
 * Knows which requests of ours a host can be working on. A request sent ahead waits in the host's own queue, and that
 * wait is held against nobody.
 */
export class Turns {
  readonly #inFlight: { start(): void }[] = [];
  #slots: number;

  constructor(slots: number) {
    this.#slots = slots;
  }

  get inFlight(): number {
    return this.#inFlight.length;
  }

  /** What has begun goes on where there are fewer slots by now. */
  setSlots(slots: number): void {
    this.#slots = slots;
    this.#startThoseInTurn();
  }

  enter(): Turn {
    let start: () => void = () => {};
    const started = new Promise<void>((resolve) => {
      start = resolve;
    });
    const place = { start };
    this.#inFlight.push(place);
    this.#startThoseInTurn();
    return { started, leave: () => this.#leave(place) };
  }

  #leave(place: { start(): void }): void {
    const index = this.#inFlight.indexOf(place);
    if (index < 0) return;
    this.#inFlight.splice(index, 1);
    this.#startThoseInTurn();
  }

  #startThoseInTurn(): void {
    for (const place of this.#inFlight.slice(0, this.#slots)) place.start();
  }
}
