import { FAILURES, type Failure } from '../../src/core/errors.js';
import { ofHost } from '../../src/core/of-host.js';
import type { LaneState, Logger } from '../../src/core/telling.js';

/** How a lane stands, and what is in its way: for people, and for the lanes of other processes. */
export class Standing {
  readonly #host: string;
  readonly #logger: Logger;
  #state: LaneState = 'starting';
  #trouble: Failure | null = null;
  #hasServed = false;
  /** Whether people were told that it does not serve. */
  #isToldAway = false;

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

  /** Whether it has served at any time. */
  get hasServed(): boolean {
    return this.#hasServed;
  }

  /** Its host is looked at, or looked at again. */
  start(): void {
    this.#state = 'starting';
  }

  serve(): void {
    this.#state = 'serving';
    this.#hasServed = true;
    this.#trouble = null;
    if (this.#isToldAway) this.#logger.info(`${this.#host} serves again.`);
    this.#isToldAway = false;
  }

  /** Waits for what is no trouble worth a warning; a rest is told once. */
  wait(state: 'queued' | 'resting', message: string): void {
    if (state === 'resting' && this.#trouble?.message !== message) {
      this.#logger.info(`${this.#host} takes no items: ${message}.`);
      this.#isToldAway = true;
    }
    this.#state = state;
    this.#trouble = { code: 'HOST_BUSY', message };
  }

  /** Something is wrong with the host; told once for as long as it is the same. */
  note(failure: Failure): void {
    const fate = FAILURES[failure.code];
    const known = isTrouble(this.#state) && this.#trouble?.code === failure.code;
    this.#state = fate === 'leave' || fate === 'stop' ? 'left' : 'waiting';
    this.#trouble = failure;
    if (known) return;
    this.#logger.warn(ofHost(this.#host, failure.message), { code: failure.code });
    this.#isToldAway = true;
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

function isTrouble(state: LaneState): boolean {
  return state === 'waiting' || state === 'left';
}
