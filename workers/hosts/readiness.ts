import type { RunLimits } from '../../jobs/fleet.js';
import { VisionError } from '../../src/core/errors.js';
import type { JsonSchema } from '../../src/core/json-schema.js';
import { ofHost } from '../../src/core/of-host.js';
import type { Logger } from '../../src/core/telling.js';
import type { Engine, HostFacts, TrialOptions } from '../../src/engines/engine.js';
import { findSlots } from '../../src/engines/slots/find-slots.js';

/** What was found on hosts before, and is tried first. */
export interface SlotMemory {
  recall(host: string, model: string | null): number | null;
  remember(host: string, model: string | null, slots: number): void;
}

export interface ReadinessOptions {
  readonly engine: Engine;
  readonly model: string | null;
  /** Of every answer of the run; null where they are free. */
  readonly schema: JsonSchema | null;
  readonly limits: RunLimits;
  /** Null: the host is asked how many stream at once. */
  readonly slots: number | null;
  readonly slotMemory: SlotMemory;
  /** Slots of the host as another process that serves it has found; null where there is none. */
  readonly slotsElsewhere: () => number | null;
  /** Looks at the host: it answers, has the model, and may serve with it. Throws HOST_*, MODEL_*. */
  readonly preflight: (signal: AbortSignal) => Promise<HostFacts>;
  /** Pins the digest of the first host that serves the run; returns the one that the host is to have. */
  readonly pinDigest: (digest: string) => Promise<string>;
  /** What would fit into a context of so many tokens, in words for people; null where all does. */
  readonly contextAdvice: (contextTokens: number) => string | null;
  readonly logger: Logger;
}

/** A host that can be asked. */
export interface Ready {
  readonly digest: string | null;
  readonly slots: number;
}

/** A search for slots may take so long. */
const SEARCH_MS = 5_000;
/** A search tries no more at once. */
export const MOST_SLOTS = 32;

/** Gets a host ready for a run's model: reachable, its digest the run's, loaded, generating, its slots known. */
export class Readiness {
  readonly #options: ReadinessOptions;
  #hasWarned = false;
  #version: string | null = null;

  constructor(options: ReadinessOptions) {
    this.#options = options;
  }

  /**
   * Looks at the host. Throws HOST_*, MODEL_*, ASK_REFUSED.
   *
   * @param known - its slots where a search would find them no better; null where they are to be found
   */
  async look(signal: AbortSignal, known: number | null = null): Promise<Ready> {
    const { contextAdvice: advice, engine, limits, model } = this.#options;
    const seen = await this.#options.preflight(signal);
    this.#noteVersion(seen.version);
    const digest = seen.digest === null ? null : await this.#pinned(seen.digest);
    const { numCtx } = limits;
    this.#warn(await engine.preload({ model, numCtx, loadTimeoutMs: limits.budgets.loadMs, signal, advice }));
    return { digest, slots: await this.#slots(seen, { signal, known }) };
  }

  async #slots(
    { singleParallel }: HostFacts,
    { signal, known }: { readonly signal: AbortSignal; readonly known: number | null },
  ): Promise<number> {
    const { engine, schema, slots, slotsElsewhere } = this.#options;
    // Lists and loads are no proof that it generates, and only a server that has tried a schema knows it.
    await engine.trial({ ...this.#asking, signal, ...(schema === null ? {} : { schema }) });
    if (slots !== null) return slots;
    if (singleParallel || !engine.generates) return 1;
    return Math.min(slotsElsewhere() ?? known ?? (await this.#find(signal)), MOST_SLOTS);
  }

  get #asking(): Pick<TrialOptions, 'model' | 'numCtx' | 'limitMs'> {
    const { limits, model } = this.#options;
    return { model, numCtx: limits.numCtx, limitMs: limits.budgets.firstTokenMs };
  }

  async #find(signal: AbortSignal): Promise<number> {
    const { engine, model, slotMemory } = this.#options;
    const trial = (ending: AbortSignal) => engine.trial({ ...this.#asking, signal: ending });
    const guess = slotMemory.recall(engine.host, model);
    const found = await findSlots({ trial, guess, most: MOST_SLOTS, limitMs: SEARCH_MS, signal });
    slotMemory.remember(engine.host, model, found);
    return found;
  }

  #noteVersion(version: string): void {
    const { engine, logger } = this.#options;
    if (this.#version !== null && this.#version !== version) {
      logger.warn(`${engine.host} came back with version ${version}, it was ${this.#version}`);
    }
    this.#version = version;
  }

  #warn({ warnings }: HostFacts): void {
    if (this.#hasWarned) return;
    this.#hasWarned = true;
    const { engine, logger } = this.#options;
    for (const warning of warnings) logger.warn(ofHost(engine.host, warning));
  }

  async #pinned(digest: string): Promise<string> {
    const pinned = await this.#options.pinDigest(digest);
    if (pinned === digest) return digest;
    throw new VisionError(
      'MODEL_DIGEST_DIFFERS',
      `The host's model has digest ${digest.slice(0, 12)}, the run began with ${pinned.slice(0, 12)}.`,
      { fix: 'Pull the same version of the model on every host (`ollama pull`), or decide with --on-change.' },
    );
  }
}
