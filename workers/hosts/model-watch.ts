import { isSilence, toVisionError, VisionError } from '../../src/core/errors.js';
import type { Engine } from '../../src/engines/engine.js';

export interface ModelWatchOptions {
  readonly engine: Pick<Engine, 'host' | 'digest'>;
  readonly model: string | null;
  /** What the lane's rows say of the model; null where the engine has none. */
  readonly digest: () => string | null;
  readonly signal: AbortSignal;
  readonly times?: ModelWatchTimes;
}

/** In milliseconds. */
export interface ModelWatchTimes {
  /** A request that waited so long for a load came upon a model that was loaded anew. */
  readonly loadMs: number;
  /** Answers are believed for so long after the host was asked what it serves. */
  readonly trustMs: number;
}

export const MODEL_WATCH_TIMES: ModelWatchTimes = { loadMs: 200, trustMs: 5_000 };

/**
 * Notices that a host serves another model under the name than the one that it was looked at with: somebody pulled a new
 * version. No answer of such a model becomes a row.
 */
export class ModelWatch {
  readonly #options: ModelWatchOptions;
  readonly #times: ModelWatchTimes;
  #checking: Promise<void> | undefined;
  #checkedMs = performance.now();

  constructor(options: ModelWatchOptions) {
    this.#options = options;
    this.#times = options.times ?? MODEL_WATCH_TIMES;
  }

  /** The host was looked at just now. */
  trust(): void {
    this.#checkedMs = performance.now();
  }

  /** Throws where the answer is not the model's that it shall be. `loadMs`: what the request waited for a load. */
  async check(loadMs: number | null): Promise<void> {
    if (this.#options.digest() === null) return;
    const isAnew = loadMs !== null && loadMs >= this.#times.loadMs;
    if (!isAnew && performance.now() - this.#checkedMs < this.#times.trustMs) return;
    this.#checking ??= this.#ask().finally(() => {
      this.#checking = undefined;
    });
    await this.#checking.catch((thrown: unknown) => {
      // A host that went away right after its answer has not taken it back.
      if (isAnew || !isSilence(toVisionError(thrown).code)) throw thrown;
    });
  }

  async #ask(): Promise<void> {
    const { digest, engine, model, signal } = this.#options;
    const now = await engine.digest(model, signal);
    if (now !== digest()) {
      const message = `${engine.host} serves another version of ${model} since a moment ago.`;
      throw new VisionError('HOST_CRASHED', message, { blameless: true });
    }
    this.trust();
  }
}
