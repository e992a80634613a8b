import type { LaneSet } from '../lanes/lane-set.js';
import type { Outputs } from '../outputs.js';
import type { Herald } from './herald.js';
import type { HostsDown } from './hosts-down.js';
import type { Teller } from './teller.js';

export interface PulseOptions {
  readonly hostsDown: HostsDown;
  readonly herald: Herald;
  readonly lanes: LaneSet;
  readonly teller: Teller;
  readonly outputs: Outputs;
  readonly saveCounts: () => Promise<void>;
  /** Fires when the run stops: hosts are no longer waited for. */
  readonly stopping: AbortSignal;
  /** Something that ends the run. */
  readonly onError: (error: unknown) => void;
}

/** Tells how far the run is, exports now and then; looks at hosts. */
const TICK_MS = 1_000;
/** Says in Redis that the coordinator lives. */
const BEAT_MS = 5_000;

/** What a run does by the clock. Steps of one kind never overlap. */
export class Pulse {
  readonly #options: PulseOptions;
  readonly #timers: NodeJS.Timeout[];
  readonly #underWay = new Map<string, Promise<void>>();

  constructor(options: PulseOptions) {
    this.#options = options;
    this.#timers = [
      setInterval(() => this.#step('tick', () => this.#tick()), TICK_MS),
      setInterval(() => this.#step('hosts', () => this.#lookAtHosts()), TICK_MS),
      setInterval(() => this.#step('beat', () => this.#beat()), BEAT_MS),
    ];
  }

  /** Ends the clock and waits for what is under way. */
  async stop(): Promise<void> {
    for (const timer of this.#timers) clearInterval(timer);
    await this.#underWay.get('tick');
  }

  #step(kind: string, step: () => Promise<void>): void {
    if (this.#underWay.has(kind)) return;
    const running = step()
      .catch(this.#options.onError)
      .finally(() => this.#underWay.delete(kind));
    this.#underWay.set(kind, running);
  }

  async #tick(): Promise<void> {
    const { outputs, saveCounts, teller } = this.#options;
    teller.tell();
    await saveCounts();
    await outputs.exportNowAndThen();
  }

  /** Apart from the rest: a Redis that is away may not say what workers do. */
  async #lookAtHosts(): Promise<void> {
    const { hostsDown, stopping } = this.#options;
    const end = stopping.aborted ? null : await hostsDown.look(performance.now());
    if (end !== null) throw end;
  }

  async #beat(): Promise<void> {
    const { herald, lanes } = this.#options;
    await herald.beat();
    await lanes.expel(herald.expelled);
  }
}
