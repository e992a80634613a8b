import type { Threads } from '../threads/pool.js';
import type { MeasureTask } from '../threads/task.js';
import type { Grey } from './grey.js';

/** What is measured on a page, in a thread: each takes tens of milliseconds, for which no request may wait. */
export interface Measures {
  /** As {@link inkShare}. */
  inkShare(page: Grey, isPage: boolean): Promise<number>;
  /** As {@link skewOf}. */
  skewOf(page: Grey): Promise<number>;
  /** As {@link letterHeight}. */
  letterHeight(page: Grey): Promise<number | null>;
}

/** Measures in these threads. */
export function createMeasures(threads: Threads): Measures {
  const measured = async (task: MeasureTask): Promise<number | null> => {
    const reply = await threads.decode(task);
    if (reply.kind === 'measured') return reply.value;
    throw new TypeError(`Expected a thread to measure, got ${reply.kind}`);
  };
  return {
    inkShare: async (page, isPage) => (await measured({ kind: 'ink', page, isPage })) ?? 0,
    skewOf: async (page) => (await measured({ kind: 'skew', page })) ?? 0,
    letterHeight: async (page) => await measured({ kind: 'letters', page }),
  };
}
