import { DelayedError, type Job, WaitingError, Worker, type WorkerOptions } from 'bullmq';
import { messageOf } from '../src/core/errors.js';
import type { BullmqClock } from './bullmq-clock.js';
import { type BullmqConnection, within } from './bullmq-connection.js';
import { isOutage } from './bullmq-outage.js';
import type { HandBackTimes, Lane, LaneHandler } from './queue.js';
import { type Finished, type ServingLane, type Step, serveJob } from './serve-job.js';

/** How soon the jobs of a worker that died run again. All lanes of a queue use the same times. */
export interface LockTimes {
  /** How long a worker that says nothing keeps its jobs. */
  readonly lockMs: number;
  /** How often somebody looks for such jobs. */
  readonly stalledMs: number;
  /** Deaths of its worker that a job survives; the next one makes it an accident. */
  readonly maxDeaths: number;
}

/**
 * Work in flight on a killed worker is in the queue again after 5 to 13 s, so that a lane that looks for runs every 2 s
 * has it within 15 s; a Redis that is away for longer repeats it too.
 */
export const LOCK_TIMES: LockTimes = { lockMs: 10_000, stalledMs: 3_000, maxDeaths: 5 };

export interface BullmqLaneOptions {
  readonly connection: BullmqConnection;
  readonly queueName: string;
  readonly prefix: string;
  readonly handler: LaneHandler;
  readonly clock: BullmqClock;
  readonly handBack: HandBackTimes;
  readonly locks: LockTimes;
}

/** A BullMQ Worker as a lane. An outcome is the job's return value, so that completion and result are one atomic write. */
export class BullmqLane implements Lane, ServingLane {
  readonly handler: LaneHandler;
  readonly handBack: HandBackTimes;
  readonly #connection: BullmqConnection;
  readonly #clock: BullmqClock;
  readonly #lockMs: number;
  readonly #worker: LaneWorker;
  #paused = false;
  #closing = false;
  #refused = false;

  constructor(options: BullmqLaneOptions) {
    this.handler = options.handler;
    this.handBack = options.handBack;
    this.#connection = options.connection;
    this.#clock = options.clock;
    this.#lockMs = options.locks.lockMs;
    // Three plain parameters: BullMQ makes a signal only for a processor whose length is 3.
    const processor = (job: Job, token?: string, signal?: AbortSignal) => this.#process(job, token, signal);
    this.#worker = new LaneWorker(options.queueName, processor, workerOptions(options));
    this.#worker.on('error', (error) => {
      this.#connection.logger.debug(`Lane ${this.handler.name}: ${messageOf(error)}`);
    });
    this.#worker.on('lockRenewalFailed', (ids) => {
      for (const id of ids) this.#worker.cancelJob(id, 'The job is another lane’s by now');
    });
  }

  takes(): boolean {
    return !this.#paused && !this.#closing;
  }

  setSlots(slots: number): void {
    const more = slots > this.#worker.concurrency;
    this.#worker.concurrency = slots;
    if (more && this.takes()) void this.#lookAgain();
  }

  async pause(): Promise<void> {
    this.#paused = true;
    await this.#worker.pause(true);
  }

  async resume(): Promise<void> {
    this.#paused = false;
    await this.#worker.resume();
  }

  async refuse(message: string): Promise<void> {
    await this.pause();
    if (this.#refused) return;
    this.#refused = true;
    this.handler.refused(message);
  }

  async close(options: { readonly abort?: boolean } = {}): Promise<void> {
    this.#closing = true;
    await this.#worker.pause(true);
    if (options.abort) this.#worker.cancelAllJobs('The lane is closing');
    await this.#worker.closeOn(this.#connection);
  }

  /** A worker whose slots are all taken looks at its concurrency with its next job only, unless it is resumed. */
  async #lookAgain(): Promise<void> {
    await this.#worker.pause(true);
    if (this.takes()) await this.#worker.resume();
  }

  async #process(job: Job, token: string | undefined, signal: AbortSignal | undefined): Promise<Finished> {
    const queuedMs = queuedMsOf(job, await this.#clock.now());
    const context = { signal: signal ?? new AbortController().signal, queuedMs };
    const step = await serveJob(job.data, this, context);
    if (step.do === 'finish') return step.finished;
    if (step.do === 'fail') throw new Error(step.message);
    return await this.#giveBack(job, token ?? '', step);
  }

  /** Always throws what tells BullMQ that the job is no longer this worker's. */
  async #giveBack(job: Job, token: string, step: Extract<Step, { do: 'front' | 'later' }>): Promise<never> {
    return await unlessRefused(() => this.#moveBack(job, token, step));
  }

  async #moveBack(job: Job, token: string, step: Extract<Step, { do: 'front' | 'later' }>): Promise<never> {
    // updateData looks at no lock: without this, a lane that lost the job would overwrite another's carry.
    if ((await job.extendLock(token, this.#lockMs)) !== 1) throw new WaitingError();
    if (step.carry !== undefined) await job.updateData({ ...job.data, carry: step.carry });
    await job.updateProgress((await this.#clock.now()) ?? false);
    // To the head of the queue only where this lane takes nothing more: it would take the same job again at once.
    if (step.do === 'later') {
      await job.moveToDelayed(Date.now() + step.delayMs, token);
      throw new DelayedError();
    }
    await job.moveToWait(token);
    throw new WaitingError();
  }
}

/** Since the job was added or handed back, by the server's clock; a hand-back leaves its time as the job's progress. */
function queuedMsOf({ progress, timestamp }: Job, nowMs: number | null): number | null {
  if (nowMs === null || progress === false) return null;
  const sinceMs = typeof progress === 'number' ? Math.max(timestamp, progress) : timestamp;
  return Math.max(0, nowMs - sinceMs);
}

function workerOptions(options: BullmqLaneOptions): WorkerOptions {
  return {
    ...lockOptions(options),
    name: options.handler.name,
    concurrency: options.handler.slots,
    lockDuration: options.locks.lockMs,
    runRetryDelay: options.connection.times.againMs,
  };
}

function lockOptions({ connection, locks, prefix }: BullmqRescueOptions): WorkerOptions {
  return {
    connection: connection.redis,
    prefix,
    stalledInterval: locks.stalledMs,
    maxStalledCount: locks.maxDeaths,
  };
}

export type BullmqRescueOptions = Pick<BullmqLaneOptions, 'connection' | 'queueName' | 'prefix' | 'locks'>;

/**
 * Brings the jobs of workers that died back into the queue, as every lane does: for a coordinator, whose run all lanes
 * may have left when nothing waited any more.
 */
export class BullmqRescue {
  readonly #connection: BullmqConnection;
  readonly #worker: LaneWorker;

  constructor(options: BullmqRescueOptions) {
    const { connection, queueName } = options;
    this.#connection = connection;
    this.#worker = new LaneWorker(queueName, null, lockOptions(options));
    this.#worker.on('error', (error) => connection.logger.debug(`Rescue of ${queueName}: ${messageOf(error)}`));
    void this.#worker.startStalledCheckTimer();
  }

  async close(): Promise<void> {
    await this.#worker.closeOn(this.#connection);
  }
}

/**
 * What Redis refuses during an outage is no failure of the job: it stays this worker's until its lock lapses, and then
 * runs again.
 */
async function unlessRefused<T>(command: () => Promise<T>): Promise<T> {
  try {
    return await command();
  } catch (error) {
    if (isOutage(messageOf(error))) throw new WaitingError();
    throw error;
  }
}

class LaneWorker extends Worker<unknown, Finished> {
  protected override async handleCompleted(
    ...job: Parameters<Worker<unknown, Finished>['handleCompleted']>
  ): Promise<Job<unknown, Finished>> {
    return await unlessRefused(() => super.handleCompleted(...job));
  }

  /** Closes when the jobs in hand are finished; lets go of a Redis that does not answer at two looks in a row. */
  async closeOn(connection: BullmqConnection): Promise<void> {
    const ms = connection.times.closeMs;
    const closed = this.close();
    for (let silent = 0; silent < 2; ) {
      const answers = connection.answers();
      if (await within(ms, closed)) return;
      silent = (await answers) ? 0 : silent + 1;
    }
    await this.lockManager.close();
    await within(ms, this.backend.close(true));
  }
}
