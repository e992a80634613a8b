import { setTimeout as sleep } from 'node:timers/promises';
import type { HostSpec } from '../../config/schema.js';
import { messageOf } from '../core/errors.js';
import { withoutUserinfo } from '../core/redact.js';
import type { Logger } from '../core/telling.js';

/** Serves one host until it is to leave, or the process is. Whoever began it closes it. */
export interface ServingHost {
  /** Whether it is at work on a run. */
  readonly isServing: boolean;
  run(): Promise<void>;
  close(): Promise<void>;
}

/** Waits before a host that could not be served is begun with again, each twice as long as the one before. */
export interface AgainTimes {
  readonly leastMs: number;
  readonly mostMs: number;
}

export const AGAIN_TIMES: AgainTimes = { leastMs: 1_000, mostMs: 60_000 };

export interface WorkerHostOptions {
  readonly spec: HostSpec;
  readonly serve: (host: HostSpec, leaving: AbortSignal) => ServingHost;
  /** Fires when the process is to stop. */
  readonly stopping: AbortSignal;
  readonly logger: Logger;
  /** @defaultValue {@link AGAIN_TIMES} */
  readonly times?: AgainTimes;
}

/** A host of a worker. Whatever goes wrong with it, it is begun with again until it is to leave. */
export class WorkerHost {
  readonly spec: HostSpec;
  /** Resolves when it has left. */
  readonly ended: Promise<void>;
  readonly #options: WorkerHostOptions;
  readonly #leaving = new AbortController();
  #serving: ServingHost | null = null;

  constructor(options: WorkerHostOptions) {
    this.spec = options.spec;
    this.#options = options;
    this.ended = this.#run();
  }

  /** Whether it is at work on a run. */
  get isServing(): boolean {
    return this.#serving?.isServing ?? false;
  }

  get isLeaving(): boolean {
    return this.#leaving.signal.aborted;
  }

  /** Finishes what it has in hand, and takes nothing new. */
  leave(): void {
    this.#leaving.abort();
  }

  async #run(): Promise<void> {
    const { logger, spec, stopping, times = AGAIN_TIMES } = this.#options;
    const url = withoutUserinfo(spec.url);
    const signal = AbortSignal.any([stopping, this.#leaving.signal]);
    let waitMs = times.leastMs;
    while (!signal.aborted) {
      const beganMs = performance.now();
      const trouble = await this.#serve();
      if (trouble === null || signal.aborted) return;
      if (performance.now() - beganMs > times.mostMs) waitMs = times.leastMs; // that was another trouble
      logger.error(`${url} is not served for ${waitMs / 1_000} s: ${trouble}`);
      await sleep(waitMs, undefined, { signal }).catch(() => {}); // leaving ends it early
      waitMs = Math.min(2 * waitMs, times.mostMs);
    }
  }

  /** Serves once; tells what went wrong, or null. */
  async #serve(): Promise<string | null> {
    const { serve, spec } = this.#options;
    try {
      this.#serving = serve(spec, this.#leaving.signal);
      await this.#serving.run();
      return null;
    } catch (error) {
      return messageOf(error);
    } finally {
      const serving = this.#serving;
      this.#serving = null;
      await serving?.close().catch(() => {}); // nothing is in hand
    }
  }
}
