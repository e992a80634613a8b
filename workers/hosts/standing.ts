import { FAILURES, type Failure } from '../../src/core/errors.js';
import type { LaneState, Logger } from '../../src/core/telling.js';

/** How a lane stands, and what is in its way: for people, and for the lanes of other processes. */
export class Standing {
  readonly #host: string;
  readonly #logger: Logger;
  #state: LaneState = 'starting';
  #trouble: Failure | null = null;

  constructor(host: string, logger: Logger) {
    this.#host = host;
    this.#logger = logger;
  }

  get state(): LaneState {
    return this.#state;
  }

  get trouble(): Failure | null {
    return this.#trouble;
  }

  /** Its host is looked at, or looked at again. */
  start(): void {
    this.#state = 'starting';
  }

  serve(): void {
    this.#state = 'serving';
    this.#trouble = null;
  }

  /** Waits for what is no trouble worth a warning. */
  wait(state: 'queued' | 'resting', message: string): void {
    this.#state = state;
    this.#trouble = { code: 'HOST_BUSY', message };
  }

  /** Something is wrong with the host; told once for as long as it is the same. */
  note(failure: Failure): void {
    const fate = FAILURES[failure.code];
    this.#state = fate === 'leave' || fate === 'stop' ? 'left' : 'waiting';
    const known = this.#trouble?.code === failure.code;
    this.#trouble = failure;
    if (!known) this.#logger.warn(`${this.#host}: ${failure.message}`, { code: failure.code });
  }

  /** Leaves the run for good. */
  leave(failure: Failure): void {
    this.#state = 'left';
    this.#trouble = failure;
    this.#logger.warn(`${this.#host} leaves the run: ${failure.message}`, { code: failure.code });
  }

  /** Ends with the run; a lane that has left stays one that has. */
  close(): void {
    if (this.#state !== 'left') this.#state = 'closing';
  }
}
