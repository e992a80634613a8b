import type { FailureCode, Status } from './errors.js';

/** What a station may say to people; telemetry decides where it goes. */
export interface Logger {
  debug(message: string, fields?: Readonly<Record<string, unknown>>): void;
  info(message: string, fields?: Readonly<Record<string, unknown>>): void;
  warn(message: string, fields?: Readonly<Record<string, unknown>>): void;
  error(message: string, fields?: Readonly<Record<string, unknown>>): void;
}

/** A logger that says nothing. */
export const SILENT: Logger = { debug() {}, info() {}, warn() {}, error() {} };

/**
 * From best to worst for a host.
 *
 * - `starting`: preflight and preload. `serving`: takes items. `queued`: others use its host, and it waits for its turn.
 *   `resting`: its host is drained or asleep. `waiting`: its host does not answer or is busy, and is tried again. `left`:
 *   left the run; `reason` says why. `closing`: takes nothing new.
 */
export const LANE_STATES = ['serving', 'starting', 'closing', 'queued', 'resting', 'waiting', 'left'] as const;
export type LaneState = (typeof LANE_STATES)[number];

/** What a lane says of itself, in this process or through Redis. */
export interface LaneStatus {
  /** Unique for a lane: host and process. */
  readonly lane: string;
  readonly host: string;
  /** Name of its process, which no other has. */
  readonly worker: string;
  readonly machine: string;
  readonly pid: number;
  readonly version: string;
  /** Requests that it may have open at once. */
  readonly slots: number;
  /** Slots of the host as it was found, of which others may have some. */
  readonly hostSlots: number;
  readonly busy: number;
  readonly done: number;
  readonly failed: number;
  readonly state: LaneState;
  readonly code: FailureCode | null;
  readonly reason: string | null;
  /** Milliseconds since 1970 at which this was written. */
  readonly atMs: number;
}

/** A run in numbers: `items = ok + blank + notOk + skipped + left`. */
export interface RunCounts {
  readonly items: number;
  readonly ok: number;
  readonly blank: number;
  readonly notOk: number;
  /** Left unasked on purpose (`--limit`). */
  readonly skipped: number;
  /** Not reached before a stop. */
  readonly left: number;
  /** Rows that were made of another item's, as their bytes are the same; absent where there is none. */
  readonly duplicates?: number;
  /** Rows of each status. */
  readonly statuses: Readonly<Partial<Record<Status, number>>>;
  /** Rows of each failure code. */
  readonly codes: Readonly<Partial<Record<FailureCode, number>>>;
}
