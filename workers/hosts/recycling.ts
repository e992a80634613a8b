import type { Logger } from '../../src/core/telling.js';
import type { Engine } from '../../src/engines/engine.js';

export interface RecyclingOptions {
  readonly engine: Pick<Engine, 'host' | 'unload'>;
  readonly model: string | null;
  /** Answers after which the model is loaded anew; null for never. */
  readonly after: number | null;
  readonly logger: Logger;
}

/** Frees what a server piles up with every image: after so many answers it takes the model out of its memory. */
export class Recycling {
  readonly #options: RecyclingOptions;
  #answers = 0;

  constructor(options: RecyclingOptions) {
    this.#options = options;
  }

  get isDue(): boolean {
    const { after } = this.#options;
    return after !== null && this.#answers >= after;
  }

  count(): void {
    this.#answers += 1;
  }

  /** Unloads the model, at which nothing may be open; the look that follows loads it again, or says what is wrong. */
  async run(signal: AbortSignal): Promise<void> {
    const { engine, logger, model } = this.#options;
    this.#answers = 0;
    if (signal.aborted) return;
    logger.debug(`${engine.host}: the model is loaded anew`);
    await engine.unload(model, signal).catch(() => {});
  }
}
