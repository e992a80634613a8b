import { isSilence } from '../../core/errors.js';
import { EXIT, ExitError } from '../../core/exit.js';
import type { LaneStatus, Logger } from '../../core/telling.js';

export interface HostsDownOptions {
  /** Lanes of the run, in all processes. */
  readonly lanes: () => readonly LaneStatus[];
  /** Without any host that answers for so long, the run ends. */
  readonly timeoutMs: number;
  /** Whether hosts may come from elsewhere; if not, a run that every host has left ends at once. */
  readonly mayJoin: boolean;
  /** Whether something is left to ask: what is done needs no host. */
  readonly isNeeded: () => boolean;
  readonly logger: Logger;
}

const TELL_EVERY_MS = 60_000;

/** Notices that no host is left: waits for one, says so every minute, and ends the run when the wait is over. */
export class HostsDown {
  readonly #options: HostsDownOptions;
  #sinceMs: number | null = null;
  #toldMs = 0;

  constructor(options: HostsDownOptions) {
    this.#options = options;
  }

  /** What the run waits for, or null. */
  get waitingFor(): string | null {
    if (this.#sinceMs === null) return null;
    return this.#options.lanes().length === 0 ? 'a worker' : 'a host that answers';
  }

  /** Looks once. Returns the error that ends the run, or null. */
  look(nowMs: number): ExitError | null {
    const { isNeeded, lanes, timeoutMs, mayJoin } = this.#options;
    if (!isNeeded()) return null;
    const all = lanes();
    if (all.some(({ state }) => state === 'serving' || state === 'starting' || state === 'resting')) {
      if (this.#sinceMs !== null && all.some(({ state }) => state === 'serving')) this.#goesOn();
      return null;
    }
    if (this.#sinceMs === null) {
      this.#sinceMs = nowMs;
      this.#toldMs = nowMs - TELL_EVERY_MS;
    }
    if (!mayJoin && all.length > 0 && all.every(({ state }) => state === 'left')) return noHostLeft(all);
    if (nowMs - this.#sinceMs >= timeoutMs) return this.#timedOut(all);
    if (nowMs - this.#toldMs >= TELL_EVERY_MS) {
      this.#toldMs = nowMs;
      this.#options.logger.warn(
        `${this.#sentence()} Waiting up to ${Math.round(timeoutMs / 60_000)} min (--hosts-down-timeout).`,
      );
    }
    return null;
  }

  #goesOn(): void {
    this.#options.logger.info('A host answers; going on.');
    this.#sinceMs = null;
  }

  #sentence(): string {
    const all = this.#options.lanes();
    return all.length === 0
      ? 'No worker serves this run yet.'
      : `No host answers (${all.map(({ host }) => host).join(', ')}).`;
  }

  #timedOut(all: readonly LaneStatus[]): ExitError {
    if (leftByDigest(all)) return noHostLeft(all);
    const reasons = all.length === 0 ? 'no worker joined the run' : reasonsOf(all);
    return new ExitError(
      EXIT.dependency,
      `No host answered for ${Math.round(this.#options.timeoutMs / 1_000)} s: ${reasons}`,
      {
        fix: 'Nothing is lost: the same command continues when a host is back.',
      },
    );
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

function reasonsOf(lanes: readonly LaneStatus[]): string {
  return lanes.map(({ host, reason }) => `${host}: ${reason ?? 'no reason given'}`).join('\n');
}
