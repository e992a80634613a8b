import { setTimeout as sleep } from 'node:timers/promises';
import type { PullOptions, PullProgress } from '../engine.js';
import { pullFailure } from './pull-errors.js';

/** One line of a pull, as the server sends it; zeros are left out. */
export interface PullLine {
  readonly status?: string;
  readonly digest?: string;
  readonly total?: number;
  readonly completed?: number;
}

export interface Pulling extends PullOptions {
  /** Named in failures. */
  readonly host: string;
  readonly model: string;
  /** Starts the pull once and hands on every line. Throws what broke it. */
  readonly pull: (onLine: (line: PullLine) => void) => Promise<void>;
  /**
   * Pauses before each further try, in milliseconds. A try that got further than the one before begins with the first.
   *
   * @defaultValue 1 s, doubling to 30 s, seven tries in all
   */
  readonly pausesMs?: readonly number[];
}

const PAUSES_MS = [1_000, 2_000, 4_000, 8_000, 16_000, 30_000];

/** Pulls a model, and goes on with it where the way to the host or to the registry was cut. Throws VisionErrors. */
export async function pullModel(pulling: Pulling): Promise<void> {
  const { pausesMs = PAUSES_MS, signal } = pulling;
  const progress = new PullSum(pulling.onProgress);
  for (let tries = 0; ; tries += 1) {
    const doneBefore = progress.doneBytes;
    try {
      return await pulling.pull((line) => progress.take(line));
    } catch (thrown) {
      signal.throwIfAborted();
      const { error, isPassing } = pullFailure(thrown, pulling);
      if (progress.doneBytes > doneBefore) tries = 0;
      const pauseMs = pausesMs[tries];
      if (!isPassing || pauseMs === undefined) throw error;
      pulling.onProgress({ ...progress.now, trouble: `trying again in ${pauseMs / 1_000} s: ${error.sentence}` });
      await sleep(pauseMs, undefined, { signal });
    }
  }
}

/** A pull as a whole: the server tells of each part of the model for itself. */
class PullSum {
  readonly #tell: (progress: PullProgress) => void;
  readonly #parts = new Map<string, { readonly total: number; readonly completed: number }>();
  #status = '';

  constructor(tell: (progress: PullProgress) => void) {
    this.#tell = tell;
  }

  get doneBytes(): number {
    return this.#sum(({ completed }) => completed);
  }

  get now(): PullProgress {
    const totalBytes = this.#sum(({ total }) => total);
    return { status: this.#status, trouble: null, totalBytes, doneBytes: this.doneBytes };
  }

  take({ status = '', digest, total = 0, completed = 0 }: PullLine): void {
    this.#status = status;
    if (digest !== undefined) this.#parts.set(digest, { total, completed });
    this.#tell(this.now);
  }

  #sum(of: (part: { readonly total: number; readonly completed: number }) => number): number {
    return [...this.#parts.values()].reduce((sum, part) => sum + of(part), 0);
  }
}
