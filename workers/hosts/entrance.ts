import type { HostBreaker } from './breaker.js';
import type { HostSlots } from './host-slots.js';
import { type HostLaneOptions, LANE_TIMES } from './lane-options.js';
import type { Permit } from './permit.js';
import { Readiness, type Ready } from './readiness.js';
import type { Standing } from './standing.js';
import { whileItAnswers } from './watch.js';

/** The parts of a lane that have a say in whether its host may be used. */
export interface EntranceParts {
  readonly permit: Permit;
  readonly slots: HostSlots;
  readonly standing: Standing;
  readonly breaker: HostBreaker;
  /** Requests of ours that are open at the host. */
  readonly open: () => number;
  /** The lane takes nothing new any more. */
  readonly signal: AbortSignal;
  /** Told where the host cannot be looked at for now: whoever started the lane is not kept waiting for it. */
  readonly onWait: () => void;
}

/** How a lane gets to its host: it waits until the host may be used, claims slots, and looks at it. */
export class Entrance {
  readonly #options: HostLaneOptions;
  readonly #parts: EntranceParts;
  readonly #readiness: Readiness;

  constructor(options: HostLaneOptions, parts: EntranceParts) {
    this.#options = options;
    this.#parts = parts;
    this.#readiness = new Readiness(options);
  }

  /** Resolves when the host can be asked, to null when the lane closes before. Throws HOST_*, MODEL_*, ASK_REFUSED. */
  async passed(): Promise<Ready | null> {
    const { breaker, permit, signal, slots } = this.#parts;
    const { preflight, sharing } = this.#options;
    // Where others use the host too, its slots are claimed when it answers and has the model, and not before.
    if (sharing !== null && permit.restsFor === null) await preflight(signal);
    await permit.granted({ slots: () => slots.most, signal, onWait: () => this.#onWait() });
    slots.start();
    return signal.aborted ? null : await breaker.look(() => this.#look());
  }

  #onWait(): void {
    const { onWait, permit, slots, standing } = this.#parts;
    const { restsFor } = permit;
    if (restsFor === null) slots.start();
    else {
      slots.rest();
      standing.wait('resting', restsFor);
    }
    if (restsFor !== null || slots.waitsFor !== null) onWait();
  }

  async #look(): Promise<Ready> {
    const { engine, times = LANE_TIMES } = this.#options;
    const { open, signal, slots } = this.#parts;
    const probe = (ending: AbortSignal) => engine.probe(ending);
    const known = slots.known(open());
    const limit = { ...times.watch, host: engine.host, probe, signal };
    return await whileItAnswers(limit, (ending) => this.#readiness.look(ending, known));
  }
}
