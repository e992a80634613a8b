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
  /** Whether hosts may serve that have another version of the model than the first one. */
  readonly allowMixed: boolean;
  /** Whether images may leave the hosts, as the model runs in a cloud. */
  readonly allowRemote: boolean;
  /** Answers of a host after which it loads the model anew; null for never. */
  readonly recycleAfter: number | null;
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
  /** Name of the coordinator's process. */
  readonly coordinator: string;
  /** Runs of higher priority are served first, −100…100. */
  readonly priority: number;
  /** When the run was begun for the first time, as {@link Fleet.began} says. */
  readonly startedMs: number;
  readonly heartbeatMs: number;
}

/** A lane is dead when it has not written for this long. */
export const LANE_DEAD_MS = 15_000;

/** How often coordinator and lanes rewrite what they say of themselves; a flushed registry is healed by it. */
export const REWRITE_MS = 5_000;

/** For how long a {@link SlotGrant} holds. */
export const GRANT_TTL_MS = 15_000;

/** How long a holder keeps its slots while others of the same model go without. */
export const TURN_MS = 30_000;

/** What a lane wants of a host that others may use too. */
export interface SlotClaim {
  /** What all machines call the host. */
  readonly host: string;
  /** Name of the lane, unique among all that claim the host. */
  readonly holder: string;
  readonly runId: string;
  /** As of the {@link RunEntry}. */
  readonly startedMs: number;
  readonly priority: number;
  /** What the host has to load: the model, and all else that makes it load anew. Null where the engine has none. */
  readonly model: string | null;
  /** Slots that the host has, as this holder knows; at least 1. */
  readonly slots: number;
  /** Requests of this holder that are open now. */
  readonly using: number;
  /**
   * Slots that it could use now, those in use counted; 0 where it has nothing to do. Where it then uses none either,
   * another run's model may be loaded, and this one's comes back after that run only.
   */
  readonly wants: number;
  /** Whether one of its requests, waiting or open, is to be the only one at the host: all others' come after it. */
  readonly alone: boolean;
}

/**
 * What a holder may do until its next claim. It has lapsed {@link GRANT_TTL_MS} after the *call* that brought it, by the
 * holder's own clock: from then on it counts as 0 slots, since others may have them.
 */
export interface SlotGrant {
  /**
   * Open requests that the holder may have from now on: never more than the host's slots for all holders together. May be
   * fewer than are open: these go on to their end. Until the answer to a claim is there, the grant before it holds; so
   * what a smaller grant frees is others' with the holder's next claim, which it makes at once.
   */
  readonly slots: number;
  /** Whether others claim the host too. */
  readonly shared: boolean;
  /**
   * Whether, as it asked for, no other holder has a request open, nor may open one before this grant has lapsed. What a
   * holder has open that lapsed itself, cut off or frozen, nobody knows of; nor do looks at a host count.
   */
  readonly alone: boolean;
  /**
   * Why it has none: the model of another run is served first, such as
   * `qwen2.5vl:7b (num_ctx 8192) of run 0198…`; or null.
   */
  readonly waitsFor: string | null;
}

/** What people said of a host, to all workers: take no items for it, or serve it too. */
export type HostOrder =
  | { readonly url: string; readonly order: 'drain' }
  /** `description`: as `--host` takes it, without credentials. */
  | { readonly url: string; readonly order: 'add'; readonly description: string };

/** Takes back that a host is drained, or that it was added. */
export interface HostOrderEnd {
  readonly url: string;
  readonly order: 'resume' | 'remove';
}

/** - `idle`: waits for runs. `serving`: has one. `draining`: told to stop, finishes what is in hand. */
export const WORKER_STATES = ['idle', 'serving', 'draining'] as const;
export type WorkerState = (typeof WORKER_STATES)[number];

/** What a worker process says of itself; repeated every {@link REWRITE_MS}. */
export interface WorkerStatus {
  /** Unique among all, such as `box:4711:9f3a02bc`. */
  readonly name: string;
  readonly machine: string;
  readonly pid: number;
  readonly version: string;
  /** Its hosts, as all machines call them. */
  readonly hosts: readonly string[];
  readonly state: WorkerState;
  /** Milliseconds since 1970 at which this was written. */
  readonly atMs: number;
}

/** Sorts names, so that every look lists them alike. */
export function byName(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

/** Sorts orders by host, what was added before what was drained. */
export function byUrl(a: HostOrder, b: HostOrder): number {
  return byName(a.url, b.url) || byName(a.order, b.order);
}

/** The order in which runs are served: highest priority first, then the oldest. */
export function byTurn(a: RunEntry, b: RunEntry): number {
  return b.priority - a.priority || a.startedMs - b.startedMs;
}

/** The registry through which coordinators and workers find each other, and share hosts. */
export interface Fleet {
  /**
   * When a run was begun that calls itself so old, in milliseconds since 1970 by the fleet's one clock: machines' own need
   * not agree. What was published stays.
   */
  began(runId: string, ageMs: number): Promise<number>;
  /** Writes the run and its ask; repeated every {@link REWRITE_MS}. A digest that is already pinned stays. */
  publish(run: RunEntry, ask: Ask): Promise<void>;
  /**
   * Runs by priority, then oldest first, those that are `done` too until they are removed. A run that is missing is not
   * thereby done.
   */
  runs(): Promise<readonly RunEntry[]>;
  ask(fingerprint: string): Promise<Ask | null>;
  /** Pins the digest of the first host that serves the run; returns the pinned one. Nothing is pinned of a run that was removed. */
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
  /**
   * Claims slots of a host. Repeated every {@link REWRITE_MS}, sooner where the holder waits, its demand has changed or
   * its grant was lowered; one call at a time for a holder.
   */
  claim(claim: SlotClaim): Promise<SlotGrant>;
  /** Gives all slots back, once nothing is open. Bounded in time: what cannot be given back lapses. */
  giveUp(host: string, holder: string): Promise<void>;
  /** What was ordered and not taken back, by URL. */
  hostOrders(): Promise<readonly HostOrder[]>;
  orderHost(order: HostOrder | HostOrderEnd): Promise<void>;
  writeWorker(worker: WorkerStatus): Promise<void>;
  /** Bounded in time: an entry that cannot be removed lapses. */
  removeWorker(name: string): Promise<void>;
  /** Workers that wrote within {@link LANE_DEAD_MS}, by name. */
  workers(): Promise<readonly WorkerStatus[]>;
  close(): Promise<void>;
}
