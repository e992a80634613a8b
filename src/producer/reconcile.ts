import { setTimeout as sleep } from 'node:timers/promises';
import { outstanding } from '../../jobs/queue.js';
import type { FoundItem } from '../core/item.js';
import type { VisionRecord } from '../core/record.js';
import { addJobs, type Decision, decide, jobOf, type ProduceOptions } from './produce.js';

const LOOK_EVERY_MS = 100;
/** Passes without progress after which an item without a record ends, so that a run always ends. */
const MOST_PASSES = 3;

/**
 * Waits until every item has its record. When the queue is empty and items are left, they are added again: truth lives
 * in the store, and a flushed Redis loses nothing but the work in flight.
 */
export async function reconcile(options: ProduceOptions): Promise<void> {
  let passes = 0;
  let left = Number.POSITIVE_INFINITY;
  while (!options.signal.aborted && options.tally.left > 0) {
    if (outstanding(await options.queue.counts()) > 0) {
      await sleep(LOOK_EVERY_MS, undefined, { signal: options.signal }).catch(() => {});
      continue;
    }
    if (options.tally.left === 0) return;
    passes = options.tally.left < left ? 1 : passes + 1;
    left = options.tally.left;
    if (passes > MOST_PASSES + 1) throw new Error(`Expected every item to have a row, got ${left} that have none`);
    await addMissing(options, passes > MOST_PASSES);
  }
}

/** What one batch of a pass comes to. */
interface Pass {
  readonly options: ProduceOptions;
  readonly missing: FoundItem[];
  /** Records of duplicates. */
  readonly derived: VisionRecord[];
}

async function addMissing(options: ProduceOptions, givenUp: boolean): Promise<void> {
  let index = 0;
  for await (const batch of options.batches()) {
    const pass: Pass = { options, missing: [], derived: [] };
    for (const item of batch) {
      await look({ item, next: await decide(item, index, options) }, pass);
      index += 1;
    }
    if (pass.derived.length > 0) await options.settle(pass.derived);
    if (givenUp) await options.fail(pass.missing.map((item) => ({ item, failure: LOST })));
    else await addAgain(pass.missing, options);
    if (options.signal.aborted) return;
  }
}

async function look({ item, next }: { readonly item: FoundItem; readonly next: Decision }, pass: Pass): Promise<void> {
  const { onKept, pending, tally, write } = pass.options;
  if (next.kind === 'ask' || next.kind === 'alone') pass.missing.push(item);
  else if (next.kind === 'wait') follow(item, pass);
  // Its record came between the look that found none and the adding of its job: nothing else will count it.
  else if (next.kind === 'row' && pending.delete(item.key)) {
    if (next.carried.length > 0) await write(next.carried);
    await onKept(item.key);
    tally.add(next.row);
  }
}

/** A duplicate has its record when its original has; where that does not stand for it, it is asked itself. */
function follow(item: FoundItem, { derived, missing, options }: Pass): void {
  if (item.duplicateOf !== undefined && isAwaited(item.duplicateOf, options)) return;
  const record = options.derive(item);
  if (record === null) missing.push(item);
  else derived.push(record);
}

/** Whether this start waits for an item's record, which an earlier one may have left there. */
function isAwaited(key: string, { outcome, pending, policy }: ProduceOptions): boolean {
  return pending.has(key) && outcome(key)?.start !== policy.start;
}

function addAgain(missing: readonly FoundItem[], options: ProduceOptions): Promise<void> {
  const jobs = missing.map((item) => jobOf(item, options));
  return addJobs(jobs, options, { replace: true });
}

const LOST = {
  code: 'UNEXPECTED',
  message: 'The queue lost this item again and again. Run the same command again; if it stays, report it as a bug.',
} as const;
