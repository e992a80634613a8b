import { setTimeout as sleep } from 'node:timers/promises';
import { outstanding, type Queue } from '../../jobs/queue.js';
import type { VisionJob } from '../../jobs/vision-job.js';

/** Jobs in one call of `add`. */
export const BATCH = 500;

const LEAST_WINDOW = 2_000;
const WINDOW_PER_SLOT = 20;
const LOOK_EVERY_MS = 100;

/** Jobs that may be outstanding at once: max(2,000, 20 × slots of the live lanes). */
export function windowSize(slots: number): number {
  return Math.max(LEAST_WINDOW, WINDOW_PER_SLOT * slots);
}

export interface WindowOptions {
  readonly queue: Queue;
  /** Jobs that may be outstanding at once, now. */
  readonly size: () => number;
  readonly signal: AbortSignal;
}

/** Adds jobs no faster than they are collected, so that memory and Redis stay flat for any folder size. */
export class Window {
  readonly #options: WindowOptions;
  /** Room left as of the last look. */
  #room = 0;

  constructor(options: WindowOptions) {
    this.#options = options;
  }

  /** Adds jobs when there is room. Returns early, having added fewer, when the signal fires. */
  async add(jobs: readonly VisionJob[], options: { readonly replace?: boolean } = {}): Promise<void> {
    for (let at = 0; at < jobs.length; ) {
      await this.#untilRoom();
      if (this.#options.signal.aborted) return;
      const batch = jobs.slice(at, at + Math.min(BATCH, this.#room));
      await this.#options.queue.add(batch, options);
      this.#room -= batch.length;
      at += batch.length;
    }
  }

  async #untilRoom(): Promise<void> {
    const { queue, size, signal } = this.#options;
    while (this.#room <= 0 && !signal.aborted) {
      this.#room = size() - outstanding(await queue.counts());
      if (this.#room <= 0) await sleep(LOOK_EVERY_MS, undefined, { signal }).catch(() => {});
    }
  }
}
