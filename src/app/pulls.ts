import { toVisionError, VisionError } from '../core/errors.js';
import type { Logger } from '../core/telling.js';
import { unlessAborted } from '../core/unless-aborted.js';
import type { Engine, PullProgress } from '../engines/engine.js';
import { duration, percent } from '../telemetry/words.js';
import { inBytes } from './models/words.js';

export interface ModelPullsOptions {
  readonly logger: Logger;
  /** Ends every pull; a host keeps what it has of the model. */
  readonly signal: AbortSignal;
  /**
   * Between two lines about a pull that goes on.
   *
   * @defaultValue 10 s
   */
  readonly tellEveryMs?: number;
}

const TELL_EVERY_MS = 10_000;

/** Brings models onto hosts that lack them (`--pull`): each once at a time, whoever waits for it, with lines for people. */
export class ModelPulls {
  readonly #options: ModelPullsOptions;
  readonly #underWay = new Map<string, Promise<void>>();
  /** Pulls that failed: people know of it, and each later look tries once, without a word. */
  readonly #failed = new Set<string>();
  /** How pulls failed before the run could begin: the first look at the host is told so, instead of pulling again. */
  readonly #failures = new Map<string, VisionError>();

  constructor(options: ModelPullsOptions) {
    this.#options = options;
  }

  /**
   * Resolves when one of the hosts has the model, or none can have it; the others go on pulling. What is wrong with a
   * host is told where it is looked at, and before that where others keep the run waiting.
   */
  async begin(hosts: readonly { readonly engine: Engine }[], model: string): Promise<void> {
    const { signal } = this.#options;
    let open = hosts.length;
    let waits = true;
    const having = hosts.map(async ({ engine }) => {
      try {
        await this.ensure(engine, { model, signal });
      } catch (thrown) {
        open -= 1;
        if (waits && !signal.aborted) this.#keep(toVisionError(thrown), { key: keyOf(engine, model), tells: open > 0 });
        throw thrown;
      }
    });
    await Promise.any(having).catch(() => {});
    waits = false;
  }

  /** Resolves when the host has the model. Throws what keeps it from having it, or the signal's reason. */
  async ensure(
    engine: Engine,
    { model, signal }: { readonly model: string; readonly signal: AbortSignal },
  ): Promise<void> {
    const key = keyOf(engine, model);
    const failure = this.#failures.get(key);
    if (this.#failures.delete(key)) throw failure;
    const had = this.#underWay.get(key);
    const having = had ?? this.#have(engine, model);
    if (had === undefined) {
      this.#underWay.set(key, having);
      const forget = () => this.#underWay.delete(key);
      having.then(forget, forget);
    }
    await unlessAborted(signal, having);
    signal.throwIfAborted();
  }

  #keep(failure: VisionError, { key, tells }: { readonly key: string; readonly tells: boolean }): void {
    if (this.#failed.has(key)) this.#failures.set(key, failure);
    if (tells) this.#options.logger.warn(failure.sentence, { code: failure.code });
  }

  async #have(engine: Engine, model: string): Promise<void> {
    const { signal } = this.#options;
    const key = keyOf(engine, model);
    try {
      await engine.digest(model, signal);
    } catch (thrown) {
      if (!(thrown instanceof VisionError) || thrown.code !== 'MODEL_MISSING') throw thrown;
      const isAgain = this.#failed.has(key);
      this.#failed.add(key);
      await this.#pull(engine, { model, isAgain });
    }
    this.#failed.delete(key);
  }

  async #pull(
    engine: Engine,
    { isAgain, model }: { readonly isAgain: boolean; readonly model: string },
  ): Promise<void> {
    const { logger, signal, tellEveryMs = TELL_EVERY_MS } = this.#options;
    const { host } = engine;
    const startedMs = performance.now();
    logger[isAgain ? 'debug' : 'info'](`${host} pulls ${model}.`);
    const lines = new PullLines({ host, model, logger, tellEveryMs });
    await engine.pull(model, { signal, once: isAgain, onProgress: (progress) => lines.take(progress) });
    const { totalBytes } = lines;
    const size = totalBytes === 0 ? '' : ` (${inBytes(totalBytes)})`;
    logger.info(`${host} has ${model} now${size}, after ${duration(performance.now() - startedMs)}.`);
  }
}

function keyOf({ host }: Engine, model: string): string {
  return JSON.stringify([host, model]);
}

interface PullLinesOptions {
  readonly host: string;
  readonly model: string;
  readonly logger: Logger;
  readonly tellEveryMs: number;
}

/** A host tells of a pull many times a second; people hear of it now and then, and at once when it is in trouble. */
class PullLines {
  readonly #options: PullLinesOptions;
  #toldMs = performance.now();
  #totalBytes = 0;

  constructor(options: PullLinesOptions) {
    this.#options = options;
  }

  get totalBytes(): number {
    return this.#totalBytes;
  }

  take({ doneBytes, status, totalBytes, trouble }: PullProgress): void {
    const { host, logger, model, tellEveryMs } = this.#options;
    this.#totalBytes = totalBytes;
    const now = performance.now();
    if (trouble === null && now - this.#toldMs < tellEveryMs) return;
    this.#toldMs = now;
    const part = totalBytes === 0 ? '' : `, ${percent(doneBytes, totalBytes)} of ${inBytes(totalBytes)}`;
    if (trouble !== null) logger.warn(`${host} pulls ${model}${part}: ${trouble}`);
    else logger.info(`${host} pulls ${model}${part}: ${status}`);
  }
}
