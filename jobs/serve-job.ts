import { isFileClaim, messageOf } from '../src/core/errors.js';
import type { Delivered, HandBackTimes, JobContext, LaneHandler } from './queue.js';
import { type Carry, type Outcome, parseVisionJob, type VisionJob } from './vision-job.js';

/** What a job that ended well leaves for the collector. */
export type Finished = Extract<Delivered, { record: unknown }>;

/**
 * What a queue does with a job that was served.
 * - `finish`: it is completed. `front`: its lane takes nothing more, another one takes it next. `later`: it waits out
 *   of everybody's way. `fail`: it ended by accident.
 */
export type Step =
  | { readonly do: 'finish'; readonly finished: Finished }
  | { readonly do: 'front'; readonly carry?: Carry }
  | { readonly do: 'later'; readonly carry: Carry; readonly delayMs: number }
  | { readonly do: 'fail'; readonly message: string };

/** A lane as {@link serveJob} needs it. */
export interface ServingLane {
  readonly handler: LaneHandler;
  readonly handBack: HandBackTimes;
  /** Whether it takes jobs: neither paused nor closing. */
  takes(): boolean;
  pause(): Promise<void>;
  /** Pauses the lane and tells its handler, once, that it must leave. */
  refuse(message: string): Promise<void>;
}

/** Serves one payload and decides, for every queue alike, what happens to the job next. Never throws. */
export async function serveJob(payload: unknown, lane: ServingLane, context: JobContext): Promise<Step> {
  const job = parseVisionJob(payload);
  if ('refused' in job) {
    if (job.refused === 'shape') return { do: 'fail', message: job.message };
    await lane.refuse(job.message);
    return { do: 'front' };
  }
  if (!lane.takes()) return { do: 'front' };
  return await handled(job, lane, context);
}

async function handled(job: VisionJob, lane: ServingLane, context: JobContext): Promise<Step> {
  try {
    return await stepOf(await lane.handler.handle(job, context), { job, lane });
  } catch (thrown) {
    return { do: 'fail', message: messageOf(thrown) };
  }
}

async function stepOf(outcome: Outcome, { job, lane }: { job: VisionJob; lane: ServingLane }): Promise<Step> {
  if ('record' in outcome) {
    const code = outcome.record.error?.code;
    const asked = code !== undefined && isFileClaim(code) ? { job } : {};
    return { do: 'finish', finished: { ...outcome, lane: lane.handler.name, ...asked } };
  }
  if ('leave' in outcome || 'stop' in outcome) {
    await lane.pause();
    return { do: 'front' };
  }
  const { carry, handBack } = outcome;
  if (!lane.takes()) return { do: 'front', carry };
  return { do: 'later', carry, delayMs: handBack.delayMs ?? delayAfter(carry.handBacks, lane.handBack) };
}

/**
 * A hand-back for a reason that lies outside the item is not counted, and waits as a first one does. Up to half as much
 * again is left to chance: two jobs that each avoid one of two hosts would else come back in step, each to the host that
 * it avoids, for ever.
 */
function delayAfter(handBacks: number, times: HandBackTimes): number {
  const leastMs = Math.min(times.mostMs, times.firstMs * 2 ** Math.max(0, handBacks - 1));
  return Math.round(leastMs * (1 + Math.random() / 2));
}

/** The payload a job goes back with. */
export function carrying(job: VisionJob, carry: Carry | undefined): VisionJob {
  return carry === undefined ? job : { ...job, carry };
}
