import type { Timers } from '../../../../src/engines/guard/timers.js';

/** A clock that moves when it is told to. */
export class FakeTimers implements Timers {
  #nowMs = 0;
  readonly #timers = new Map<symbol, { readonly atMs: number; readonly fire: () => void }>();

  /** Timers that would still fire. */
  get pending(): number {
    return this.#timers.size;
  }

  now(): number {
    return this.#nowMs;
  }

  setTimer(ms: number, fire: () => void): () => void {
    const id = Symbol();
    this.#timers.set(id, { atMs: this.#nowMs + ms, fire });
    return () => this.#timers.delete(id);
  }

  /** Lets what is under way settle, then moves the clock and fires what is due, in order. */
  async pass(ms: number): Promise<void> {
    await settled();
    const untilMs = this.#nowMs + ms;
    for (let next = this.#next(untilMs); next !== undefined; next = this.#next(untilMs)) {
      const [id, { atMs, fire }] = next;
      this.#nowMs = atMs;
      this.#timers.delete(id);
      fire();
      await settled();
    }
    this.#nowMs = untilMs;
  }

  #next(untilMs: number) {
    return [...this.#timers].filter(([, timer]) => timer.atMs <= untilMs).sort(([, a], [, b]) => a.atMs - b.atMs)[0];
  }
}

/** After every microtask that is queued now, and those that they queue. */
function settled(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
