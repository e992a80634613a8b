import type { Queue } from 'bullmq';
import { messageOf } from '../src/core/errors.js';
import type { BullmqConnection } from './bullmq-connection.js';

export interface DelayWatchOptions {
  readonly connection: BullmqConnection;
  readonly queue: Queue;
  /** The longest that a hand-back makes a job wait. */
  readonly mostMs: number;
  /** How often somebody looks. */
  readonly everyMs: number;
}

/** Jobs that one look brings back. */
const PAGE = 500;
/** Scores of BullMQ's delayed set are milliseconds times this, and a counter (lua: getDelayedScore). */
const SCORES_A_MS = 0x1000;

/**
 * Brings back jobs that are due later than any hand-back can mean, by the clock of Redis. A lane writes in its machine's
 * time when a job is due: one whose clock runs an hour ahead, and that is then gone, leaves its jobs to wait for an hour.
 *
 * @returns what ends it
 */
export function watchDelays(options: DelayWatchOptions): () => void {
  const { connection, everyMs } = options;
  const look = () =>
    bringBack(options).catch((error: unknown) => connection.logger.debug(`Delayed jobs: ${messageOf(error)}`));
  const timer = setInterval(() => void look(), everyMs);
  return () => clearInterval(timer);
}

async function bringBack({ connection, queue, mostMs }: DelayWatchOptions): Promise<void> {
  const [seconds] = await connection.redis.time();
  const far = (Number(seconds) * 1_000 + 2 * mostMs) * SCORES_A_MS;
  const ids = await connection.redis.zrangebyscore(queue.toKey('delayed'), far, '+inf', 'LIMIT', 0, PAGE);
  for (const id of ids) await (await queue.getJob(id))?.promote();
}
