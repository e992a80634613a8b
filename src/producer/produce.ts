import { setTimeout as sleep } from 'node:timers/promises';
import pLimit from 'p-limit';
import { outstanding, type Queue } from '../../jobs/queue.js';
import { type VisionJob, visionJob } from '../../jobs/vision-job.js';
import type { Failure } from '../core/errors.js';
import type { FoundItem } from '../core/item.js';
import type { VisionRecord } from '../core/record.js';
import type { Counted, Tally } from '../core/tally.js';
import type { StoredOutcome } from '../results/layout.js';
import type { FinishedItem } from '../results/store.js';
import { type AgainPolicy, standing } from './standing.js';
import type { Window } from './window.js';

export interface ProduceOptions {
  /** Items in input order; every call begins anew. */
  readonly batches: () => AsyncIterable<readonly FoundItem[]>;
  readonly runId: string;
  readonly fingerprint: string;
  readonly policy: AgainPolicy;
  /** Only the first so many items of the input are asked; null is all. */
  readonly limit: number | null;
  readonly queue: Queue;
  readonly window: Window;
  readonly tally: Tally;
  /** Keys in the queue whose records this start waits for. */
  readonly pending: Set<string>;
  readonly outcome: (key: string) => StoredOutcome | undefined;
  /** Unclean ends in a row that found the item in flight. */
  readonly uncleanEnds: (key: string) => number;
  /**
   * What is to be written so that an item's record is carried over: its files, where they are touched, have the bytes
   * they had, and the question is the same where its row in a manifest has other words. Null where it is not.
   */
  readonly carryOver: (item: FoundItem, touched: boolean) => Promise<readonly FinishedItem[] | null>;
  /** Writes records that are carried over. */
  readonly write: (batch: readonly FinishedItem[]) => Promise<void>;
  /** Told of every item whose row stands although this start did not wait for it. */
  readonly onKept: (key: string) => Promise<void>;
  /** The record of a duplicate, made of its original's; null where that does not stand for it and it is asked itself. */
  readonly derive: (item: FoundItem) => VisionRecord | null;
  /** Writes the records of duplicates. */
  readonly settle: (records: readonly VisionRecord[]) => Promise<void>;
  /** Writes the records of items that never become a job. */
  readonly fail: (items: readonly ItemFailure[]) => Promise<void>;
  readonly signal: AbortSignal;
}

/** An item that ends without having been asked, and why. */
export interface ItemFailure {
  readonly item: FoundItem;
  readonly failure: Failure;
}

/** Unclean ends with an item in flight after which it runs alone; one more and it is to blame. */
const SUSPECT_AFTER = 3;
const LOOK_EVERY_MS = 50;

/** Skips what is done and adds the rest to the queue, within the window. */
export async function produce(options: ProduceOptions): Promise<void> {
  let index = 0;
  const ahead = { ...options, carryOver: severalAtOnce(options.carryOver) };
  for await (const batch of options.batches()) {
    if (options.signal.aborted) return;
    const sorted: Sorted = { jobs: [], failed: [], carried: [], kept: [] };
    const decisions = decided(batch, index, ahead);
    index += batch.length;
    for (const { item, decision } of decisions) {
      const next = await decision;
      options.tally.found();
      if (next.kind === 'alone') await runAlone(item, options);
      else sort(item, next, sorted, options);
    }
    await settle(sorted, options);
  }
}

/** The decisions on a batch, all begun. */
function decided(batch: readonly FoundItem[], index: number, options: ProduceOptions) {
  return batch.map((item, at) => {
    const decision = decide(item, index + at, options);
    decision.catch(() => {}); // thrown where it is awaited
    return { item, decision };
  });
}

/** Items of which files are read at once to see whether they have changed: what lies elsewhere waits for the network. */
const READ_HERE = 4;
const READ_ELSEWHERE = 16;

function severalAtOnce(carryOver: ProduceOptions['carryOver']): ProduceOptions['carryOver'] {
  const here = pLimit(READ_HERE);
  const elsewhere = pLimit(READ_ELSEWHERE);
  return (item, touched) => {
    const isElsewhere = item.sources.some(({ ref }) => 'url' in ref);
    return (isElsewhere ? elsewhere : here)(carryOver, item, touched);
  };
}

/** What a batch comes to: a commit for each item would cost more than all the rest. */
interface Sorted {
  readonly jobs: VisionJob[];
  readonly failed: ItemFailure[];
  readonly carried: FinishedItem[];
  /** Keys of items whose rows stand. */
  readonly kept: string[];
}

async function settle({ carried, failed, jobs, kept }: Sorted, options: ProduceOptions): Promise<void> {
  if (carried.length > 0) await options.write(carried);
  for (const key of kept) await options.onKept(key);
  await options.fail(failed);
  await addJobs(jobs, options);
}

function sort(item: FoundItem, next: Decision, sorted: Sorted, options: ProduceOptions): void {
  if (next.kind === 'row') {
    options.tally.add(next.row);
    sorted.carried.push(...next.carried);
    sorted.kept.push(item.key);
  } else if (next.kind === 'skip') options.tally.skip();
  else if (next.kind === 'fail') sorted.failed.push({ item, failure: next.failure });
  else if (next.kind === 'ask') sorted.jobs.push(jobOf(item, options));
}

/** Adds jobs and waits for their records from here on. */
export async function addJobs(
  jobs: readonly VisionJob[],
  { pending, window }: Pick<ProduceOptions, 'pending' | 'window'>,
  how: { readonly replace?: boolean } = {},
): Promise<void> {
  for (const job of jobs) pending.add(job.key);
  await window.add(jobs, how);
}

/** What is to be done with an item. `wait`: its original is asked, and `reconcile` makes its record of that one's. */
export type Decision =
  /** `carried` is to be written first. */
  | { readonly kind: 'row'; readonly row: Counted; readonly carried: readonly FinishedItem[] }
  | { readonly kind: 'skip' | 'ask' | 'alone' | 'wait' }
  | { readonly kind: 'fail'; readonly failure: Failure };

/** Decides on one item, given its place in the input. */
export async function decide(item: FoundItem, index: number, options: ProduceOptions): Promise<Decision> {
  const outcome = options.outcome(item.key);
  const found = standing(item, outcome, options.policy);
  const isLooked = found === 'touched' || (item.row !== undefined && outcome?.start !== options.policy.start);
  const carried = found === 'ask' ? null : isLooked ? await options.carryOver(item, found === 'touched') : [];
  if (carried !== null && outcome !== undefined) return { kind: 'row', row: countedOf(outcome), carried };
  if (options.limit !== null && index >= options.limit) return { kind: 'skip' };
  if (item.problem !== undefined) return { kind: 'fail', failure: item.problem };
  if (item.duplicateOf !== undefined) return { kind: 'wait' };
  const ends = options.uncleanEnds(item.key);
  if (ends > SUSPECT_AFTER) return { kind: 'fail', failure: crashesWorker(ends) };
  return { kind: ends === SUSPECT_AFTER ? 'alone' : 'ask' };
}

function countedOf({ status, code, duplicateOf }: StoredOutcome): Counted {
  return { status, code, isDuplicate: duplicateOf !== null };
}

/** Asks one item with nothing else in flight: if the process dies again, it is the item's doing. */
async function runAlone(item: FoundItem, options: ProduceOptions): Promise<void> {
  await untilIdle(options);
  await addJobs([jobOf(item, options)], options);
  await untilIdle(options);
}

async function untilIdle({ queue, signal }: ProduceOptions): Promise<void> {
  while (!signal.aborted && outstanding(await queue.counts()) > 0) {
    await sleep(LOOK_EVERY_MS, undefined, { signal }).catch(() => {});
  }
}

function crashesWorker(ends: number): Failure {
  const message = `The process ended ${ends} times with this item in flight, the last time with nothing else running. Open the file in an image editor and save it again, then run with --retry-failed=ITEM_CRASHES_WORKER.`;
  return { code: 'ITEM_CRASHES_WORKER', message };
}

/** The job that asks an item. */
export function jobOf(item: FoundItem, options: Pick<ProduceOptions, 'runId' | 'fingerprint'>): VisionJob {
  const { key, page, pages, row, sources } = item;
  const refs = sources.length === 0 ? [{ root: '', path: key }] : sources.map(({ ref }) => ref);
  const counted = pages === undefined ? {} : { pages };
  const seen = sources.map(({ mtimeMs, size }) => ({ size, mtimeMs }));
  const asked = { key, page, ...counted, sources: refs, seen, ...(row === undefined ? {} : { row }) };
  return visionJob(options.runId, options.fingerprint, asked);
}
