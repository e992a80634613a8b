import type { Job, Queue } from 'bullmq';
import { z } from 'zod';
import { visionRecordSchema } from '../src/core/record.js';
import { accidentOf } from './accident.js';
import { DELIVERY_SIZE, type Delivered } from './queue.js';
import { attemptSchema, visionJobSchema } from './vision-job.js';

/** What a worker returned, as another machine of another version may have written it. */
const finishedSchema = z.object({
  record: visionRecordSchema,
  attempts: z.array(attemptSchema),
  lane: z.string(),
  job: visionJobSchema.optional(),
});

/** A page of what ended: what to deliver, and the ids to remove once it is stored. */
export interface EndedPage {
  readonly batch: readonly Delivered[];
  readonly ids: readonly string[];
}

/** Reads the oldest jobs that ended: completed ones, and where there are none, failed ones. */
export async function readEnded(queue: Queue): Promise<EndedPage> {
  const completed = await readPage(queue, 'completed', finishedOf);
  return completed.ids.length > 0 ? completed : await readPage(queue, 'failed', accidentOfFailed);
}

/** Removes jobs that were stored, or that nobody can read. */
export async function removeAll(queue: Queue, ids: readonly string[]): Promise<void> {
  await Promise.all(ids.map((id) => queue.remove(id, { removeChildren: false })));
}

async function readPage(
  queue: Queue,
  state: 'completed' | 'failed',
  read: (job: Job) => Delivered | null,
): Promise<EndedPage> {
  const ids = await queue.getRanges([state], 0, DELIVERY_SIZE - 1, true);
  const jobs = await Promise.all(ids.map((id) => jobOf(queue, id)));
  return { ids, batch: jobs.flatMap((job) => (job === null ? [] : (read(job) ?? []))) };
}

/** Null for an id whose job is gone or was not written by BullMQ: it is removed like the rest. */
async function jobOf(queue: Queue, id: string): Promise<Job | null> {
  try {
    return (await queue.getJob(id)) ?? null;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

function finishedOf(job: Job): Delivered | null {
  const parsed = finishedSchema.safeParse(job.returnvalue);
  if (parsed.success) {
    const { job: asked, ...finished } = parsed.data;
    return asked === undefined ? finished : { ...finished, job: asked };
  }
  return accidentOf(job.data, 'UNEXPECTED', `A worker returned no record: ${z.prettifyError(parsed.error)}`);
}

/** BullMQ's own words (lua: moveStalledJobsToWait) for a job whose worker died more often than it may. */
const STALLED_TOO_OFTEN = 'job stalled more than allowable limit';

function accidentOfFailed(job: Job): Delivered | null {
  const reason = job.failedReason ?? 'the queue gave up on it';
  if (reason !== STALLED_TOO_OFTEN) return accidentOf(job.data, 'UNEXPECTED', reason);
  return accidentOf(job.data, 'ITEM_CRASHES_WORKER', 'Every worker that took this item died.');
}
