import type { RunLimits } from '../../jobs/fleet.js';
import type { JobContext, Queue } from '../../jobs/queue.js';
import type { Outcome, VisionJob } from '../../jobs/vision-job.js';
import type { Failure } from '../../src/core/errors.js';
import type { LaneState, Logger } from '../../src/core/telling.js';
import type { AskHost, WatchTimes } from './asker.js';
import { BREAKER_TIMES, type BreakerTimes } from './breaker.js';
import type { ReadinessOptions } from './readiness.js';
import type { HostShareOptions } from './share.js';
import { HOST_WATCH_DEFAULTS } from './watch.js';

/** Serves one item through the lane, which lends its host and says which digest the run is pinned to. */
export type ServeItem = (
  job: VisionJob,
  context: JobContext,
  host: { readonly digest: string | null; readonly askHost: AskHost },
) => Promise<Outcome>;

export interface HostLaneOptions extends ReadinessOptions {
  /** Unique among the lanes of the run. */
  readonly name: string;
  /** Requests sent beyond the slots, so that upload and decoding never idle one. */
  readonly ahead: number;
  /** Items that may be in hand beyond these because they are read a second time, here and not by the host. */
  readonly verifying: number;
  readonly limits: RunLimits;
  readonly queue: Pick<Queue, 'serve'>;
  readonly serveItem: ServeItem;
  /** Where its slots are claimed; null where no other process can use the host for a run. */
  readonly sharing: Pick<HostShareOptions, 'fleet' | 'claimant'> | null;
  /** Whether a live host answers that is none of these. */
  readonly othersAnswer: (thanHosts: readonly string[]) => boolean;
  /** The run cannot go on. */
  readonly onStop: (failure: Failure) => void;
  readonly logger: Logger;
  readonly times?: LaneTimes;
}

/** Waits of a lane, in milliseconds. */
export interface LaneTimes {
  readonly breaker: BreakerTimes;
  /** Before a host that left is looked at again. */
  readonly leftMs: number;
  readonly watch: WatchTimes;
}

export const LANE_TIMES: LaneTimes = { breaker: BREAKER_TIMES, leftMs: 60_000, watch: HOST_WATCH_DEFAULTS };

/** A lane in numbers. */
export interface LaneFigures {
  readonly state: LaneState;
  readonly trouble: Failure | null;
  readonly slots: number;
  readonly hostSlots: number;
  readonly busy: number;
  readonly done: number;
  readonly failed: number;
}
