import type { BullmqConnection } from './bullmq-connection.js';

/** How often it is set by the server's. */
const SET_EVERY_MS = 60_000;

/** The server's clock, by which machines can measure what began on another one. It is off by one way to it at most. */
export class BullmqClock {
  readonly #connection: BullmqConnection;
  /** The server's time less what this process has lived; null where the server could not be asked. */
  #offsetMs: Promise<number | null> = Promise.resolve(null);
  #setMs = Number.NEGATIVE_INFINITY;

  constructor(connection: BullmqConnection) {
    this.#connection = connection;
  }

  /** Milliseconds since 1970; null where that cannot be told. */
  async now(): Promise<number | null> {
    if (performance.now() - this.#setMs > SET_EVERY_MS) this.#set();
    const offsetMs = await this.#offsetMs;
    return offsetMs === null ? null : Math.round(performance.now() + offsetMs);
  }

  /** Only the first time is waited for; later ones replace it when they are there. */
  #set(): void {
    const isFirst = this.#setMs === Number.NEGATIVE_INFINITY;
    this.#setMs = performance.now();
    const asked = this.#ask();
    if (isFirst) this.#offsetMs = asked;
    else
      void asked.then((offsetMs) => (this.#offsetMs = offsetMs === null ? this.#offsetMs : Promise.resolve(offsetMs)));
  }

  async #ask(): Promise<number | null> {
    try {
      const [seconds, microseconds] = await this.#connection.persist(() => this.#connection.redis.time());
      return Number(seconds) * 1_000 + Number(microseconds) / 1_000 - performance.now();
    } catch {
      return null;
    }
  }
}
