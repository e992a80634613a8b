import type { Meter } from './meter.js';
import type { RunnerSettings } from './model-options.js';
import type { ModelSpec } from './options.js';
import { pause } from './pause.js';
import { REFUSALS } from './refusal.js';
import { Runner } from './runner.js';

/** What a request needs of the scheduler. */
export interface Need {
  readonly model: ModelSpec;
  readonly settings: RunnerSettings;
  readonly keepAliveMs: number | null;
  /** Aborted when the client leaves. */
  readonly controller: AbortController;
}

/** A slot on a loaded model. */
export interface Lease {
  readonly runner: Runner;
  /** When the model was in memory, by `performance.now()`; the wait for the slot came after it. */
  readonly readyMs: number;
  readonly release: () => void;
}

interface Pending {
  readonly need: Need;
  /** Wrapped, so that giving out a place in the runner's line does not wait for the slot itself. */
  readonly resolve: (place: { readonly lease: Promise<Lease> }) => void;
  readonly reject: (reason: unknown) => void;
}

export interface SchedulerOptions {
  readonly slots: number;
  readonly maxQueue: number;
  readonly maxLoadedModels: number;
  readonly loadMs: number;
  readonly keepAliveMs: number;
  readonly frozenPingMs: number;
  readonly meter: Meter;
}

/** Families that get one slot, whatever OLLAMA_NUM_PARALLEL says. */
const ALONE: ReadonlySet<string> = new Set(
  'mllama qwen3vl qwen3vlmoe qwen35 qwen35moe qwen3next lfm2 lfm2moe nemotron_h nemotron_h_moe nemotron_h_omni'.split(
    ' ',
  ),
);

/**
 * Which model is in memory, and who may use it. A request for a model that is loaded as it needs it goes straight to
 * the runner's slots; all others stand in one line of limited length and are served strictly one after the other.
 */
export class Scheduler {
  readonly #options: SchedulerOptions;
  readonly #pending: Pending[] = [];
  #runners: readonly Runner[] = [];
  #working = false;
  readonly #loads: string[] = [];

  constructor(options: SchedulerOptions) {
    this.#options = options;
  }

  /** Models in memory, dead ones too until the next request for them. */
  get runners(): readonly Runner[] {
    return this.#runners;
  }

  /** Names of the models that were loaded so far, in order. */
  get loads(): readonly string[] {
    return this.#loads;
  }

  /** Waits for the model and a slot. Refuses with 503 when too many wait for a load, with 500 when the load fails. */
  async acquire(need: Need): Promise<Lease> {
    const runner = this.#ready(need);
    if (runner !== undefined) return this.#use(runner, need);
    const { lease } = await this.#enqueue(need);
    return lease;
  }

  /** Takes a model out of memory as soon as nobody uses it. */
  unload(model: ModelSpec): void {
    this.#runners.find((runner) => runner.model.digest === model.digest)?.keepFor(0);
  }

  /** Forgets everything, as a machine that lost power or a process that was killed. */
  reset(): void {
    for (const runner of this.#runners) runner.unload();
    this.#runners = [];
  }

  #ready(need: Need): Runner | undefined {
    const runner = this.#sameModel(need);
    const fits = runner?.settings.launchKey === need.settings.launchKey && !runner.dead && !runner.frozen;
    return fits ? runner : undefined;
  }

  #sameModel({ model }: Need): Runner | undefined {
    return this.#runners.find((runner) => runner.model.digest === model.digest);
  }

  /** A request's keep_alive re-arms the runner even while another model waits for its place: the wedge of real servers. */
  async #use(runner: Runner, need: Need): Promise<Lease> {
    const readyMs = performance.now();
    const slot = runner.take(need.controller);
    if (need.keepAliveMs !== null) runner.keepFor(need.keepAliveMs);
    return { runner, readyMs, release: await slot };
  }

  #enqueue(need: Need): Promise<{ readonly lease: Promise<Lease> }> {
    if (this.#pending.length >= this.#options.maxQueue) throw REFUSALS.queueFull();
    return new Promise((resolve, reject) => {
      this.#pending.push({ need, resolve, reject });
      void this.#work();
    });
  }

  async #work(): Promise<void> {
    if (this.#working) return;
    this.#working = true;
    for (let next = this.#pending.shift(); next !== undefined; next = this.#pending.shift()) {
      const { need, resolve, reject } = next;
      await this.#prepare(need).then((runner) => resolve({ lease: this.#use(runner, need) }), reject);
    }
    this.#working = false;
  }

  /** Makes room and loads. A client that leaves meanwhile takes its load with it. */
  async #prepare(need: Need): Promise<Runner> {
    const { signal } = need.controller;
    for (;;) {
      signal.throwIfAborted();
      const ready = this.#ready(need);
      if (ready !== undefined) return ready;
      const victim = this.#sameModel(need) ?? this.#crowdedOut();
      if (victim === undefined) return this.#load(need);
      await this.#evict(victim, signal);
    }
  }

  #crowdedOut(): Runner | undefined {
    if (this.#runners.length < this.#options.maxLoadedModels) return undefined;
    return [...this.#runners].sort((a, b) => a.expiresAt.getTime() - b.expiresAt.getTime())[0];
  }

  async #evict(runner: Runner, signal: AbortSignal): Promise<void> {
    if (runner.frozen) await pause(this.#options.frozenPingMs, signal);
    if (runner.frozen || runner.dead) runner.unload();
    else runner.keepFor(0);
    await runner.gone;
  }

  async #load(need: Need): Promise<Runner> {
    await pause(this.#options.loadMs, need.controller.signal);
    if (need.model.loadError !== null) throw REFUSALS.loadFailed(need.model.loadError);
    this.#loads.push(need.model.name);
    const { keepAliveMs, meter } = this.#options;
    const slots = ALONE.has(need.model.family) ? 1 : this.#options.slots;
    const runner = new Runner({ model: need.model, settings: need.settings, slots, keepAliveMs, meter });
    this.#runners = [...this.#runners, runner];
    void runner.gone.then(() => {
      this.#runners = this.#runners.filter((other) => other !== runner);
    });
    return runner;
  }
}
