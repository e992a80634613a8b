import { setTimeout as sleep } from 'node:timers/promises';
import { DELIVERY_SIZE, type Delivered, type Queue } from '../jobs/queue.js';
import type { VisionJob } from '../jobs/vision-job.js';
import type { Attempt } from '../src/core/ask.js';
import { isFileClaim } from '../src/core/errors.js';
import type { FoundItem, SourceSeen } from '../src/core/item.js';
import { type RecordContext, unaskedRecord } from '../src/core/outcome-record.js';
import type { VisionRecord } from '../src/core/record.js';
import type { Tally } from '../src/core/tally.js';

/** A record and how it came to be. */
export interface Collected {
  readonly record: VisionRecord;
  readonly attempts: readonly Attempt[];
}

/** Tells a lane that cannot see the run's files from a file that is missing. */
export interface BlindCheck {
  /** Whether files that a lane called missing or forbidden can be opened from here; false for this process's own lanes. */
  isThere(job: VisionJob, lane: string): Promise<boolean>;
  /** Puts the lane out of the run and the item back into the queue. */
  expel(lane: string, job: VisionJob): Promise<void>;
}

export interface CollectorOptions {
  readonly queue: Queue;
  /** Resolves when all records are on disk. Throws STORE_FAILED. */
  readonly put: (batch: readonly Collected[]) => Promise<void>;
  /** Keys in the queue whose records this start waits for; a record of any other key is kept, but not counted. */
  readonly pending: Set<string>;
  /** What records of items that no model was asked about have in common. */
  readonly record: () => RecordContext;
  readonly tally: Tally;
  /** Verifies what lanes elsewhere say of missing files. */
  readonly blind: BlindCheck;
  /** Records that are now on disk. */
  readonly onRecords: (records: readonly VisionRecord[]) => Promise<void>;
  /** Those of them that this start waited for, each item once. */
  readonly onAwaited: (records: readonly VisionRecord[]) => Promise<void>;
}

/** Between two deliveries that are not full: a commit for each outcome would cost as much as the rest of an item. */
const GATHER_MS = 100;

const UNSEEN: SourceSeen = { size: null, mtimeMs: null };

/** Drains outcomes into the store: put, flush, acknowledge. The one place where a record is counted. */
export class Collector {
  readonly #options: CollectorOptions;

  constructor(options: CollectorOptions) {
    this.#options = options;
  }

  /** Collects until the signal fires. Throws where the store does. */
  async run(signal: AbortSignal): Promise<void> {
    for await (const delivery of this.#options.queue.records(signal)) {
      const kept: Collected[] = [];
      const blind: { lane: string; job: VisionJob }[] = [];
      for (const delivered of delivery.batch) {
        const collected = this.#collected(delivered);
        if (collected === null) continue;
        const claim = await this.#blindClaim(delivered);
        if (claim === null) kept.push(collected);
        else blind.push(claim);
      }
      await this.#put(kept);
      await this.#count(kept.filter(({ record }) => this.#options.pending.delete(record.id)));
      await delivery.ack();
      for (const { lane, job } of blind) await this.#options.blind.expel(lane, job);
      if (delivery.batch.length < DELIVERY_SIZE) await sleep(GATHER_MS, undefined, { signal }).catch(() => {});
    }
  }

  /** Puts the records of items that never became a job on disk, and counts them. */
  async settle(batch: readonly Collected[]): Promise<void> {
    await this.#put(batch);
    await this.#count(batch);
  }

  async #put(batch: readonly Collected[]): Promise<void> {
    if (batch.length === 0) return;
    await this.#options.put(batch);
    await this.#options.onRecords(batch.map(({ record }) => record));
  }

  async #count(batch: readonly Collected[]): Promise<void> {
    const { onAwaited, tally } = this.#options;
    await onAwaited(batch.map(({ record }) => record));
    for (const { record } of batch) {
      const { duplicate_of, error, status } = record;
      tally.add({ status, code: error?.code ?? null, isDuplicate: duplicate_of !== null });
    }
  }

  #collected(delivered: Delivered): Collected | null {
    const context = this.#options.record();
    const { fingerprint } = context;
    if ('record' in delivered) return delivered.record.ask_fingerprint === fingerprint ? delivered : null;
    const { job, accident } = delivered;
    if (job.ask !== fingerprint) return null;
    const item: FoundItem = {
      key: job.key,
      sources: job.sources.map((ref, at) => ({ ref, ...(job.seen?.[at] ?? UNSEEN) })),
      page: job.page,
      ...(job.pages === undefined ? {} : { pages: job.pages }),
      ...(job.vars === undefined ? {} : { row: job.vars }),
    };
    return {
      record: unaskedRecord(context, item, { failure: accident, nowMs: Date.now() }),
      attempts: [],
    };
  }

  /** The lane that delivered this and cannot see the run's files, and what it was asked; or null. */
  async #blindClaim(delivered: Delivered): Promise<{ lane: string; job: VisionJob } | null> {
    if (!('record' in delivered)) return null;
    const { job, lane, record } = delivered;
    if (job === undefined || record.error === null || !isFileClaim(record.error.code)) return null;
    return (await this.#options.blind.isThere(job, lane)) ? { lane, job } : null;
  }
}
