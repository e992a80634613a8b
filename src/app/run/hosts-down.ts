import { isSilence } from '../../core/errors.js';
import { EXIT, ExitError } from '../../core/exit.js';
import type { LaneStatus, Logger } from '../../core/telling.js';
import { duration } from '../../telemetry/words.js';
import type { Workers } from './turn.js';
import { reasonsOf, type Wait, waitOf } from './wait.js';

export interface HostsDownOptions {
  /** Lanes of the run, in all processes. */
  readonly lanes: () => readonly LaneStatus[];
  /** Workers that may join; null where none can: then a run that every host has left ends at once. */
  readonly workers: (() => Promise<Workers>) | null;
  /** Without any host that answers for so long, the run ends. */
  readonly timeoutMs: number;
  /** Whether something is left to ask: what is done needs no host. */
  readonly isNeeded: () => boolean;
  readonly logger: Logger;
}

const TELL_EVERY_MS = 60_000;
const NO_WORKERS: Workers = { count: 0, serving: null, troubled: [] };

/**
 * Notices that nobody serves the run. Where no host answers it says so every minute, and ends the run when the wait is
 * over; another run's turn, and the rest of hosts, are waited for as long as they last.
 */
export class HostsDown {
  readonly #options: HostsDownOptions;
  #wait: Wait | null = null;
  /** Since when no host answers. */
  #sinceMs: number | null = null;
  #toldMs: number | null = null;

  constructor(options: HostsDownOptions) {
    this.#options = options;
  }

  /** What the run waits for, or null. */
  get waitingFor(): string | null {
    return this.#wait?.what ?? null;
  }

  /**
   * Looks once. Returns the error that ends the run, or null.
   *
   * @param nowMs - by a clock that is never set
   */
  async look(nowMs: number): Promise<ExitError | null> {
    const { isNeeded, lanes, workers } = this.#options;
    const all = lanes().filter(({ state }) => state !== 'closing');
    if (!isNeeded()) return this.#forget();
    if (all.some(({ state }) => state === 'serving')) return this.#goesOn();
    if (all.some(({ state }) => state === 'starting')) return null;
    const beside = (await workers?.()) ?? NO_WORKERS;
    const wait = waitOf(all, beside);
    if (wait.trouble === null) return this.#isPatient(wait);
    this.#sinceMs ??= nowMs;
    if (workers === null && all.length > 0 && all.every(({ state }) => state === 'left')) return noHostLeft(all);
    const waitedMs = nowMs - this.#sinceMs;
    if (waitedMs >= this.#options.timeoutMs) return this.#timedOut(all.length > 0 ? all : beside.troubled);
    this.#wait = waitedMs < wait.tellAfterMs ? null : wait;
    if (this.#wait !== null) this.#warn(wait.trouble, nowMs);
    return null;
  }

  #goesOn(): null {
    if (this.#toldMs !== null) this.#options.logger.info('A host answers; going on.');
    return this.#forget();
  }

  #forget(): null {
    this.#wait = null;
    this.#sinceMs = null;
    this.#toldMs = null;
    return null;
  }

  #isPatient(wait: Wait): null {
    if (wait.what !== this.#wait?.what) this.#options.logger.info(`Waiting for ${wait.what}.`);
    this.#forget();
    this.#wait = wait;
    return null;
  }

  #warn(trouble: string, nowMs: number): void {
    if (this.#toldMs !== null && nowMs - this.#toldMs < TELL_EVERY_MS) return;
    this.#toldMs = nowMs;
    const { logger, timeoutMs } = this.#options;
    logger.warn(`${trouble} Waiting up to ${duration(timeoutMs)} (--hosts-down-timeout).`);
  }

  #timedOut(all: readonly LaneStatus[]): ExitError {
    if (leftByDigest(all)) return noHostLeft(all);
    const reasons = all.length === 0 ? 'no worker joined the run' : reasonsOf(all);
    return new ExitError(EXIT.dependency, `No host answered for ${duration(this.#options.timeoutMs)}: ${reasons}`, {
      fix: 'Nothing is lost: the same command continues when a host is back.',
    });
  }
}

/** Why a run whose every host has left, or never answered, cannot go on: the reason of each. */
export function noHostLeft(lanes: readonly LaneStatus[]): ExitError {
  if (leftByDigest(lanes)) {
    return new ExitError(EXIT.usage, `The model is another one than the run began with: ${reasonsOf(lanes)}`, {
      fix: 'Choose: --on-change keep (only new and changed items are asked of the new one) or --on-change redo (all are).',
    });
  }
  return new ExitError(EXIT.dependency, `No host can serve this run:\n${reasonsOf(lanes)}`);
}

/** Whether every host that answers has another model than the run began with. */
function leftByDigest(lanes: readonly LaneStatus[]): boolean {
  const answering = lanes.filter(({ code }) => !isSilence(code));
  return answering.length > 0 && answering.every(({ code }) => code === 'MODEL_DIGEST_DIFFERS');
}
