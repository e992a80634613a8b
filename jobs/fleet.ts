import type { Ask, EngineName } from '../src/core/ask.js';
import type { Budgets } from '../src/core/budgets.js';
import type { Root } from '../src/core/item.js';
import type { LaneStatus } from '../src/core/telling.js';

/**
 * - `producing`: items are still being added. `draining`: all are added. `paused`: lanes take nothing new (first stop
 *   signal). `stopping`: requests are aborted (second). `done`: every item has a record.
 */
export const RUN_STATES = ['producing', 'draining', 'paused', 'stopping', 'done'] as const;
export type RunState = (typeof RUN_STATES)[number];

/** What every lane of a run is told besides the ask; none of it changes an answer's fingerprint. */
export interface RunLimits {
  readonly numCtx: number;
  /** Counted attempts an item gets. */
  readonly attempts: number;
  readonly budgets: Budgets;
  /** Whether hosts are asked for token probabilities. */
  readonly wantsConfidence: boolean;
  /** Share of the pages that are read a second time by the built-in OCR, 0…1; null for none. */
  readonly verifyShare: number | null;
}

/** A run as workers find it. */
export interface RunEntry {
  readonly v: 1;
  readonly runId: string;
  /** Fingerprint under which the ask is found. */
  readonly ask: string;
  readonly engine: EngineName;
  readonly model: string | null;
  /** The pinned digest of the model; null until the first host served. */
  readonly digest: string | null;
  readonly state: RunState;
  readonly roots: readonly Root[];
  readonly limits: RunLimits;
  /** Names of lanes put out of the run: their worker cannot see its files. */
  readonly expelled: readonly string[];
  /** Machine and process of the coordinator. */
  readonly coordinator: string;
  readonly startedMs: number;
  readonly heartbeatMs: number;
}

/** A lane is dead when it has not written for this long. */
export const LANE_DEAD_MS = 15_000;

/** How often coordinator and lanes rewrite what they say of themselves; a flushed registry is healed by it. */
export const REWRITE_MS = 5_000;

/** Sorts lanes by name, so that every look lists them alike. */
export function byName(a: LaneStatus, b: LaneStatus): number {
  return a.lane < b.lane ? -1 : 1;
}

/** The registry through which coordinators and workers find each other. */
export interface Fleet {
  /** Writes the run and its ask; repeated every {@link REWRITE_MS}. A digest that is already pinned stays. */
  publish(run: RunEntry, ask: Ask): Promise<void>;
  /** Runs, oldest first, those that are `done` too until they are removed. A run that is missing is not thereby done. */
  runs(): Promise<readonly RunEntry[]>;
  ask(fingerprint: string): Promise<Ask | null>;
  /** Pins the digest of the first host that serves the run; returns the pinned one. */
  pinDigest(runId: string, digest: string): Promise<string>;
  /** Forgets the pinned digest: the next host that serves pins its own. */
  unpinDigest(runId: string): Promise<void>;
  writeLane(runId: string, lane: LaneStatus): Promise<void>;
  /** Bounded in time: an entry that cannot be removed lapses. */
  removeLane(runId: string, lane: string): Promise<void>;
  /** Lanes that wrote within {@link LANE_DEAD_MS}, by name. */
  lanes(runId: string): Promise<readonly LaneStatus[]>;
  /** Forgets the run and its lanes. */
  remove(runId: string): Promise<void>;
  /** Takes or renews the coordinator's lease on a run; returns the holder, which is `holder` where it was granted. */
  lease(runId: string, holder: string, ttlMs: number): Promise<string>;
  /** Gives the lease back, if `holder` has it. Bounded in time: one that cannot be given back lapses. */
  release(runId: string, holder: string): Promise<void>;
  close(): Promise<void>;
}
