import { setTimeout as sleep } from 'node:timers/promises';
import type { Queue } from '../../../jobs/queue.js';
import type { Collector } from '../../../workers/collector.js';
import { unlessAborted } from '../../core/unless-aborted.js';
import type { LaneSet } from '../lanes/lane-set.js';
import type { Shutdown } from '../shutdown.js';

/** How a start ended: every item has its row, or it was stopped before. */
export type RunEnd = 'finished' | 'stopped';

export interface CoordinateOptions {
  readonly queue: Queue;
  readonly lanes: LaneSet;
  readonly collector: Collector;
  readonly shutdown: Shutdown;
  /** Discovers, adds what is missing and waits until every item has its record; false where the signal ended it early. */
  readonly produce: (signal: AbortSignal) => Promise<boolean>;
  /** Rejects when the run cannot go on. */
  readonly fatal: Promise<never>;
  /** Tells workers elsewhere of a stop. */
  readonly onStopping: (stage: 'paused' | 'stopping') => Promise<void>;
}

const LOOK_EVERY_MS = 50;
/** What outcomes that are ready get after an abort. */
const LAST_COLLECT_MS = 2_000;
/** What an abort may take; a Redis that is away, say, is not waited for any longer. */
const ABORT_MS = 4_000;
/** What production gets to notice that the run has ended. */
const WORK_MS = 2_000;

/** Runs producer, lanes and collector until every item has its record, a stop, or something fatal, which is thrown. */
export async function coordinate(options: CoordinateOptions): Promise<RunEnd> {
  const { collector, lanes, queue, shutdown, fatal } = options;
  const collect = new AbortController();
  const producing = new AbortController();
  const collecting = collector.run(collect.signal);
  const failed = Promise.race([fatal, collecting.then(() => new Promise<never>(() => {}))]);
  failed.catch(() => {}); // awaited below, wherever the run stands
  const late = lateAfter(shutdown.aborting);
  const working = worked(options, producing.signal);
  try {
    return await Promise.race([working, failed, late.end]);
  } finally {
    late.cancel();
    producing.abort();
    await lanes.close({ abort: true });
    const enough = setTimeout(() => collect.abort(), LAST_COLLECT_MS);
    await Promise.race([drained(queue, collect.signal), failed]).catch(() => {});
    clearTimeout(enough);
    collect.abort();
    await settledWithin(ABORT_MS, collecting);
    await settledWithin(WORK_MS, working); // the store is closed next
  }
}

/**
 * Collects what is there, produces until every item has its record or a stop, and then drains.
 *
 * @param over - fires when the run has ended without it, as by something fatal: nothing is waited for any more
 */
async function worked(options: CoordinateOptions, over: AbortSignal): Promise<RunEnd> {
  const until = AbortSignal.any([over, options.shutdown.draining]);
  await drained(options.queue, until);
  if (await options.produce(until)) return 'finished';
  if (!over.aborted) await drain(options, over);
  return 'stopped';
}

async function settledWithin(boundMs: number, work: Promise<unknown>): Promise<void> {
  const settled = new AbortController();
  const bound = sleep(boundMs, undefined, { signal: settled.signal }).catch(() => {});
  await Promise.race([work.catch(() => {}), bound]);
  settled.abort();
}

/** `end` resolves where an abort takes too long. */
function lateAfter(aborting: AbortSignal): { readonly end: Promise<RunEnd>; cancel(): void } {
  const cancelled = new AbortController();
  const { signal } = cancelled;
  const never = new Promise<never>(() => {});
  const end = unlessAborted(aborting, never).then(() => sleep(ABORT_MS, 'stopped' as const, { signal }));
  end.catch(() => {}); // cancelled
  return { end, cancel: () => cancelled.abort() };
}

/** Until nothing waits to be collected. */
async function drained(queue: Queue, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const counts = await unlessAborted(signal, queue.counts());
    if (counts === null || counts.completed + counts.failed === 0) return;
    await sleep(LOOK_EVERY_MS, undefined, { signal }).catch(() => {});
  }
}

/**
 * First stage: nothing new is taken, what is in hand ends. Second: it is aborted and handed back. What waits is
 * withdrawn at once, so that lanes elsewhere find nothing before they hear of the stop; and again what comes back.
 */
async function drain({ lanes, onStopping, queue, shutdown }: CoordinateOptions, over: AbortSignal): Promise<void> {
  const ended = AbortSignal.any([over, shutdown.aborting]);
  await Promise.all([lanes.pause(), onStopping('paused'), queue.withdraw()]);
  while (!ended.aborted && (await inHand(queue)) > 0) {
    await sleep(LOOK_EVERY_MS, undefined, { signal: ended }).catch(() => {});
  }
  if (over.aborted) return;
  if (shutdown.aborting.aborted) await onStopping('stopping');
  await lanes.close({ abort: true });
  await queue.withdraw();
}

async function inHand(queue: Queue): Promise<number> {
  const { active, completed, failed } = await queue.counts();
  return active + completed + failed;
}
