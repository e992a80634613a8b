import {
  type Fleet,
  LANE_DEAD_MS,
  type RunEntry,
  type RunLimits,
  type RunState as Stage,
} from '../../../jobs/fleet.js';
import { EXIT, ExitError } from '../../core/exit.js';
import type { Root } from '../../core/item.js';
import type { RunState } from './run-state.js';

export interface HeraldOptions {
  readonly fleet: Fleet;
  readonly state: RunState;
  readonly roots: readonly Root[];
  readonly limits: RunLimits;
  /** Name of this process. */
  readonly coordinator: string;
  /** Runs of higher priority are served first. */
  readonly priority: number;
  /** When the run was begun, by the fleet's clock: of equal ones the oldest is served first. */
  readonly startedMs: number;
  /** Machine and folder of the run's store, whose lock admits one coordinator: the next one takes over from a dead one at once. */
  readonly holder: string;
}

/** Tells the fleet of the run, again and again, and holds the lease on it; a flushed registry is healed by it. */
export class Herald {
  readonly #options: HeraldOptions;
  readonly #expelled = new Set<string>();
  #stage: Stage = 'producing';
  #ended = false;

  constructor(options: HeraldOptions) {
    this.#options = options;
  }

  /** Lanes put out of the run. */
  get expelled(): readonly string[] {
    return [...this.#expelled];
  }

  /** The run as workers find it. */
  get entry(): RunEntry {
    const { coordinator, limits, priority, roots, startedMs, state } = this.#options;
    const { runId, ask, fingerprint, digest } = state.meta;
    return {
      v: 1,
      runId,
      ask: fingerprint,
      engine: ask.engine,
      model: ask.model,
      digest,
      state: this.#stage,
      roots,
      limits,
      expelled: this.expelled,
      coordinator,
      priority,
      startedMs,
      heartbeatMs: Date.now(),
    };
  }

  /**
   * Takes the lease, which keeps two coordinators apart where they do not share a store's lock.
   *
   * @throws ExitError 6
   */
  async lease(): Promise<void> {
    const { fleet, holder, state } = this.#options;
    const holds = await fleet.lease(state.meta.runId, holder, LANE_DEAD_MS);
    if (holds !== holder) throw new ExitError(EXIT.locked, `The run is led from ${holds}.`);
  }

  async publish(stage: Stage): Promise<void> {
    if (this.#ended) return;
    this.#stage = stage;
    await this.#options.fleet.publish(this.entry, this.#options.state.meta.ask);
  }

  /** Nothing is published any more: the run is about to be forgotten. */
  end(): void {
    this.#ended = true;
  }

  /** Says that the coordinator lives, and learns what workers have pinned. */
  async beat(): Promise<void> {
    await this.lease();
    await this.publish(this.#stage);
    await this.#learnDigest();
  }

  /** Puts a lane out of the run; true where it was still in. */
  async expel(lane: string): Promise<boolean> {
    if (this.#expelled.has(lane)) return false;
    this.#expelled.add(lane);
    await this.publish(this.#stage);
    return true;
  }

  async release(): Promise<void> {
    const { fleet, holder, state } = this.#options;
    await fleet.release(state.meta.runId, holder);
  }

  async #learnDigest(): Promise<void> {
    const { fleet, state } = this.#options;
    const { runId, digest } = state.meta;
    if (digest !== null) return;
    const run = (await fleet.runs()).find((entry) => entry.runId === runId);
    if (run !== undefined && run.digest !== null) await state.pinDigest({ pinned: run.digest, served: run.digest });
  }
}
