import type { Fleet, RunEntry } from '../../jobs/fleet.js';
import type { Queue } from '../../jobs/queue.js';

export interface PurgeOptions {
  readonly fleet: Fleet;
  readonly queueOf: (run: RunEntry) => Queue;
  /** Unique among all that may purge. */
  readonly holder: string;
}

/** How long a purge keeps others off; one that takes longer is only one of two. */
const PURGE_MS = 60_000;

/** Removes a run that nobody leads, under its coordinator's lease: of two at once, one would find its queue resumed. */
export async function purgeRun(run: RunEntry, { fleet, holder, queueOf }: PurgeOptions): Promise<void> {
  if ((await fleet.lease(run.runId, holder, PURGE_MS)) !== holder) return;
  try {
    await withQueue(queueOf(run), (queue) => queue.purge());
    await fleet.remove(run.runId);
  } finally {
    await fleet.release(run.runId, holder);
  }
}

/** Lends a queue, which is closed afterwards. */
export async function withQueue<T>(queue: Queue, use: (queue: Queue) => Promise<T>): Promise<T> {
  try {
    return await use(queue);
  } finally {
    await queue.close();
  }
}
