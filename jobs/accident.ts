import type { FailureCode } from '../src/core/errors.js';
import type { Delivered } from './queue.js';
import { parseVisionJob } from './vision-job.js';

/**
 * What the collector is told of a job that ended by accident; null where its payload is none of ours, since then there
 * is no item to tell about: it is dropped, and the reconcile adds the item again.
 */
export function accidentOf(payload: unknown, code: FailureCode, message: string): Delivered | null {
  const job = parseVisionJob(payload);
  return 'refused' in job ? null : { accident: { code, message }, job };
}
