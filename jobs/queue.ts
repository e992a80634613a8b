import type { Attempt } from '../src/core/ask.js';
import type { Failure } from '../src/core/errors.js';
import type { VisionRecord } from '../src/core/record.js';
import type { Outcome, VisionJob } from './vision-job.js';

export interface JobContext {
  /** Aborted when the lane is closed with `abort`, or when the job is no longer this lane's to finish. */
  readonly signal: AbortSignal;
  /** Milliseconds since the job was added or handed back, here or on another machine; null where that cannot be told. */
  readonly queuedMs: number | null;
}

/** One host working off the queue, as the queue sees it. */
export interface LaneHandler {
  /** Unique name of the lane, for logs. */
  readonly name: string;
  /** Jobs in hand at once, at least 1. */
  readonly slots: number;
  /** Never throws for an item: every outcome, failed ones too, is returned. */
  handle(job: VisionJob, context: JobContext): Promise<Outcome>;
  /** A payload of another version was handed back: this lane must leave. Called at most once. */
  refused(message: string): void;
}

export interface Lane {
  /** How many jobs it may hold at once, at least 1; takes effect with the next job. */
  setSlots(slots: number): void;
  /** Takes no further job; resolves at once, with jobs in hand still running. */
  pause(): Promise<void>;
  resume(): Promise<void>;
  /** Waits for the jobs in hand; with `abort` their signals fire, and what they hand back costs no attempt. */
  close(options?: { readonly abort?: boolean }): Promise<void>;
}

/** What the collector receives: an outcome, or a job that ended by accident (it killed its workers, or the queue gave up). */
export type Delivered =
  | {
      readonly record: VisionRecord;
      readonly attempts: readonly Attempt[];
      /** Name of the lane that served it ({@link LaneHandler.name}). */
      readonly lane: string;
      /** What it was asked, where the lane says that a file is missing or forbidden. */
      readonly job?: VisionJob;
    }
  | { readonly accident: Failure; readonly job: VisionJob };

export interface Delivery {
  readonly batch: readonly Delivered[];
  /** Removes the batch from the queue; without it, the batch is delivered again (to the next reader, after a crash too). */
  ack(): Promise<void>;
}

export interface QueueCounts {
  readonly waiting: number;
  readonly active: number;
  readonly delayed: number;
  readonly completed: number;
  readonly failed: number;
}

/** A run's own queue. Roughly first in, first out. */
export interface Queue {
  /**
   * Adds jobs, at most 500 a call by convention. Idempotent by job id: an id that is still known, in whatever state, is
   * left as it is. With `replace` what is known of the id is removed first (a job in hand is left alone).
   */
  add(jobs: readonly VisionJob[], options?: { readonly replace?: boolean }): Promise<void>;
  /** Starts a lane; it takes jobs at once. */
  serve(handler: LaneHandler): Lane;
  /**
   * At-least-once batches of at most 500, until the signal fires. One reader at a time. While it reads, the jobs of
   * lanes that died return to the queue, though no lane is left.
   */
  records(signal: AbortSignal): AsyncIterable<Delivery>;
  /** One consistent look. All zero means that nothing is anywhere in the queue. */
  counts(): Promise<QueueCounts>;
  /** Removes the jobs that wait or are delayed, leaving those in hand and those not yet collected. */
  withdraw(): Promise<void>;
  /** Removes everything, in steps that never block the server. No lane may be live. */
  purge(): Promise<void>;
  /** Closes connections; lanes are closed by their owners before. */
  close(): Promise<void>;
}

/** How long a job that was handed back waits at least: `firstMs` after its first hand-back, doubling up to `mostMs`. */
export interface HandBackTimes {
  readonly firstMs: number;
  readonly mostMs: number;
}

export const HAND_BACK_DEFAULTS: HandBackTimes = { firstMs: 1_000, mostMs: 30_000 };

/** Deliveries hold at most this many. */
export const DELIVERY_SIZE = 500;

/** Jobs that are anywhere between `add` and `ack`. */
export function outstanding(counts: QueueCounts): number {
  return counts.waiting + counts.active + counts.delayed + counts.completed + counts.failed;
}
