import type { HandBackTimes, Lane, LaneHandler } from './queue.js';
import { type ServingLane, type Step, serveJob } from './serve-job.js';

/** A job that a lane took: its payload, and since when it waited. */
export interface TakenJob {
  readonly payload: unknown;
  /** By a clock that is never set. */
  readonly sinceMs: number;
}

/** What a lane asks of its queue. */
export interface JobSource<J extends TakenJob> {
  take(): J | undefined;
  /** Carries out what became of a job that was taken. */
  settle(job: J, step: Step): void;
  leave(lane: MemoryLane<J>): void;
}

export interface MemoryLaneOptions<J extends TakenJob> {
  readonly source: JobSource<J>;
  readonly handler: LaneHandler;
  readonly handBack: HandBackTimes;
}

/** Pulls jobs from a queue in this process whenever a slot is free. */
export class MemoryLane<J extends TakenJob> implements Lane, ServingLane {
  readonly handler: LaneHandler;
  readonly handBack: HandBackTimes;
  readonly #source: JobSource<J>;
  readonly #inHand = new Map<Promise<void>, AbortController>();
  #slots: number;
  #paused = false;
  #closing = false;
  #refused = false;

  constructor(options: MemoryLaneOptions<J>) {
    this.handler = options.handler;
    this.handBack = options.handBack;
    this.#source = options.source;
    this.#slots = options.handler.slots;
  }

  takes(): boolean {
    return !this.#paused && !this.#closing;
  }

  /** Takes one job if a slot is free and one waits; tells whether it did. */
  pull(): boolean {
    if (!this.takes() || this.#inHand.size >= this.#slots) return false;
    const job = this.#source.take();
    if (job === undefined) return false;
    const abort = new AbortController();
    const served = this.#serve(job, abort.signal).finally(() => {
      this.#inHand.delete(served);
      this.#fill();
    });
    this.#inHand.set(served, abort);
    return true;
  }

  setSlots(slots: number): void {
    this.#slots = slots;
    this.#fill();
  }

  async pause(): Promise<void> {
    this.#paused = true;
  }

  async resume(): Promise<void> {
    this.#paused = false;
    this.#fill();
  }

  async refuse(message: string): Promise<void> {
    await this.pause();
    if (this.#refused) return;
    this.#refused = true;
    this.handler.refused(message);
  }

  async close(options: { readonly abort?: boolean } = {}): Promise<void> {
    this.#closing = true;
    if (options.abort) for (const abort of this.#inHand.values()) abort.abort(new Error('The lane is closing'));
    await Promise.all(this.#inHand.keys());
    this.#source.leave(this);
  }

  async #serve(job: J, signal: AbortSignal): Promise<void> {
    const queuedMs = Math.round(performance.now() - job.sinceMs);
    this.#source.settle(job, await serveJob(job.payload, this, { signal, queuedMs }));
  }

  #fill(): void {
    while (this.pull());
  }
}
