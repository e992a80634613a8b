import { setTimeout as sleep } from 'node:timers/promises';
import { Queue as BullQueue } from 'bullmq';
import { messageOf } from '../src/core/errors.js';
import { unlessAborted } from '../src/core/unless-aborted.js';
import { BullmqClock } from './bullmq-clock.js';
import type { BullmqConnection } from './bullmq-connection.js';
import { watchDelays } from './bullmq-delays.js';
import { BullmqLane, BullmqRescue, type BullmqRescueOptions, LOCK_TIMES, type LockTimes } from './bullmq-lane.js';
import { readEnded, removeAll } from './bullmq-records.js';
import type { Delivery, HandBackTimes, Lane, LaneHandler, Queue, QueueCounts } from './queue.js';
import { HAND_BACK_DEFAULTS } from './queue.js';
import { jobId, type VisionJob } from './vision-job.js';

/** Waits of a queue, in milliseconds. */
export interface BullmqQueueTimes extends HandBackTimes, LockTimes {
  /** Between two looks for records where there were none. */
  readonly pollMs: number;
}

export const BULLMQ_QUEUE_TIMES: BullmqQueueTimes = { ...HAND_BACK_DEFAULTS, ...LOCK_TIMES, pollMs: 200 };

export interface BullmqQueueOptions {
  /** Stays open when the queue is closed. */
  readonly connection: BullmqConnection;
  readonly runId: string;
  /** Of all keys in Redis, such as `{visionbatch}`; the braces keep them in one slot of a cluster. */
  readonly prefix: string;
  /** Overrides of {@link BULLMQ_QUEUE_TIMES}. */
  readonly times?: Partial<BullmqQueueTimes>;
}

/** A run's queue on Redis, where any number of processes may serve it. Outages are waited out. */
export function createBullmqQueue(options: BullmqQueueOptions): Queue {
  return new BullmqQueue(options.connection, {
    name: `run-${options.runId}`,
    prefix: options.prefix,
    times: { ...BULLMQ_QUEUE_TIMES, ...options.times },
  });
}

const JOB_NAME = 'item';

/** Ids that one step of a removal covers, so that Redis answers others in between. */
const STEP = 1_000;

/** Jobs added by a machine whose clock runs ahead are withdrawn too. */
const CLOCK_SKEW_MS = 86_400_000;

class BullmqQueue implements Queue {
  readonly #connection: BullmqConnection;
  readonly #clock: BullmqClock;
  readonly #queue: BullQueue;
  readonly #settings: { readonly name: string; readonly prefix: string; readonly times: BullmqQueueTimes };
  readonly #closing = new AbortController();
  #open = false;

  constructor(
    connection: BullmqConnection,
    settings: { readonly name: string; readonly prefix: string; readonly times: BullmqQueueTimes },
  ) {
    this.#connection = connection;
    this.#clock = new BullmqClock(connection);
    this.#settings = settings;
    this.#queue = new BullQueue(settings.name, {
      connection: connection.redis,
      prefix: settings.prefix,
      streams: { events: { maxLen: 100 } },
      // Attempts are counted by us; the collector removes what it stored.
      defaultJobOptions: { attempts: 1, removeOnComplete: false, removeOnFail: false, stackTraceLimit: 0 },
    });
    this.#queue.on('error', (error) => connection.logger.debug(`Queue ${settings.name}: ${messageOf(error)}`));
  }

  async add(jobs: readonly VisionJob[], options: { readonly replace?: boolean } = {}): Promise<void> {
    const nowMs = await this.#clock.now();
    const added = nowMs === null ? {} : { timestamp: nowMs };
    const entries = jobs.map((job) => ({
      name: JOB_NAME,
      data: travelling(job),
      opts: { jobId: jobId(job), ...added },
    }));
    await this.#openOnce();
    if (options.replace) await this.#remove(entries.map((entry) => entry.opts.jobId));
    if (entries.length > 0) await this.#connection.persist(() => this.#queue.addBulk(entries));
  }

  serve(handler: LaneHandler): Lane {
    return new BullmqLane({ ...this.#place, handler, clock: this.#clock, handBack: this.#settings.times });
  }

  async *records(signal: AbortSignal): AsyncGenerator<Delivery> {
    const rescue = new BullmqRescue(this.#place);
    const { mostMs, stalledMs: everyMs } = this.#settings.times;
    const unwatch = watchDelays({ connection: this.#connection, queue: this.#queue, mostMs, everyMs });
    try {
      yield* this.#ended(AbortSignal.any([signal, this.#closing.signal]));
    } finally {
      unwatch();
      await rescue.close();
    }
  }

  async *#ended(ends: AbortSignal): AsyncGenerator<Delivery> {
    while (!ends.aborted) {
      const page = await unlessAborted(
        ends,
        this.#connection.persist(() => readEnded(this.#queue)),
      );
      if (page === null) return;
      const { batch, ids } = page;
      const ack = async () => void (await unlessAborted(ends, this.#remove(ids)));
      if (batch.length > 0) yield { batch, ack };
      else if (ids.length > 0) await ack();
      else await sleep(this.#settings.times.pollMs, undefined, { signal: ends }).catch(() => undefined);
    }
  }

  async counts(): Promise<QueueCounts> {
    const states = ['waiting', 'active', 'delayed', 'completed', 'failed'] as const;
    const found = await this.#connection.persist(() => this.#queue.getJobCounts(...states));
    const count = (state: (typeof states)[number]) => found[state] ?? 0;
    return {
      waiting: count('waiting'),
      active: count('active'),
      delayed: count('delayed'),
      completed: count('completed'),
      failed: count('failed'),
    };
  }

  async withdraw(): Promise<void> {
    for (const state of ['wait', 'delayed'] as const) {
      const step = () => this.#connection.persist(() => this.#queue.clean(-CLOCK_SKEW_MS, STEP, state));
      while ((await step()).length > 0);
    }
  }

  async purge(): Promise<void> {
    await this.#connection.persist(() => this.#queue.obliterate({ force: true, count: STEP }));
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await this.#queue.close();
  }

  /** Where lanes find the queue. */
  get #place(): BullmqRescueOptions {
    const { name: queueName, prefix, times: locks } = this.#settings;
    return { connection: this.#connection, queueName, prefix, locks };
  }

  async #remove(ids: readonly string[]): Promise<void> {
    await this.#connection.persist(() => removeAll(this.#queue, ids));
  }

  /** A purge pauses the queue; one that was broken off would leave it paused for whoever continues the run. */
  async #openOnce(): Promise<void> {
    if (this.#open) return;
    await this.#connection.persist(() => this.#queue.resume());
    this.#open = true;
  }
}

function travelling(job: VisionJob): VisionJob {
  if (job.sources.some((source) => 'bytes' in source)) {
    throw new TypeError('Expected `sources` to be paths or URLs, got bytes: they never enter Redis');
  }
  return job;
}
