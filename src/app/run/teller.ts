import type { LaneStatus, RunCounts } from '../../core/telling.js';
import type { Progress } from '../../telemetry/progress.js';
import { RateEstimator } from '../../telemetry/rate.js';

export interface TellerOptions {
  readonly progress: Progress;
  readonly counts: () => RunCounts;
  /** Rows that this start made. */
  readonly made: () => number;
  readonly discovering: () => boolean;
  readonly lanes: () => readonly LaneStatus[];
  readonly waitingFor: () => string | null;
}

const RATE_WINDOW_MS = 60_000;

/** Tells how far a run is, at its rate of late. */
export class Teller {
  readonly #options: TellerOptions;
  readonly #rate = new RateEstimator(RATE_WINDOW_MS);
  #lanes: readonly LaneStatus[] = [];

  constructor(options: TellerOptions) {
    this.#options = options;
  }

  tell(): void {
    const { progress, counts, made, discovering, waitingFor } = this.#options;
    const now = counts();
    this.#rate.observe(made(), performance.now());
    const ratePerS = this.#rate.perS;
    const etaMs = discovering() ? null : this.#rate.etaMs(now.left);
    this.#lanes = this.#options.lanes();
    progress.update({
      counts: now,
      discovering: discovering(),
      ratePerS,
      etaMs,
      lanes: this.#lanes,
      waitingFor: waitingFor(),
    });
  }

  /** Lanes of all processes, as last told. */
  lanesSeen(): readonly LaneStatus[] {
    const now = this.#options.lanes();
    return now.length > 0 ? now : this.#lanes;
  }
}
