import type { LaneStatus, RunCounts } from '../core/telling.js';

/** A run at one moment. */
export interface Snapshot {
  readonly counts: RunCounts;
  /** Whether items are still being looked for: the total is not final. */
  readonly discovering: boolean;
  /** Items per second. */
  readonly ratePerS: number;
  /** Null where it cannot be told. */
  readonly etaMs: number | null;
  readonly lanes: readonly LaneStatus[];
  /** What the run cannot go on without, such as hosts that answer; null where it goes on. */
  readonly waitingFor: string | null;
}

/** Items that have a row. */
export function doneOf({ ok, blank, notOk }: RunCounts): number {
  return ok + blank + notOk;
}

/** Items that are to get a row. */
export function totalOf({ items, skipped }: RunCounts): number {
  return items - skipped;
}
