import { randomUUID } from 'node:crypto';
import { Queue as BullQueue } from 'bullmq';
import { afterAll, beforeAll } from 'vitest';
import { createBullmqConnection } from '../../jobs/bullmq-connection.js';
import { createBullmqQueue } from '../../jobs/bullmq-queue.js';
import { createMemoryQueue } from '../../jobs/memory-queue.js';
import { jobId, type VisionJob } from '../../jobs/vision-job.js';
import { SILENT } from '../../src/core/telling.js';
import { removeKeys, sharedRedis } from '../support/redis.js';
import { type QueueFixture, queueConformance } from './queue-conformance.js';

const HAND_BACK = { firstMs: 50, mostMs: 400 };

queueConformance('memory', async () => {
  const queue = createMemoryQueue({ handBack: HAND_BACK });
  return {
    queue,
    plant: (payload) => queue.add([payload as VisionJob]),
    [Symbol.asyncDispose]: () => queue.close(),
  };
});

let redis: Awaited<ReturnType<typeof sharedRedis>>;
beforeAll(async () => {
  redis = await sharedRedis();
});
afterAll(async () => {
  await redis[Symbol.asyncDispose]();
});

queueConformance('BullMQ', async (): Promise<QueueFixture> => {
  const prefix = `{test-${randomUUID()}}`;
  const connection = await createBullmqConnection({ url: redis.url, logger: SILENT });
  const runId = randomUUID();
  const queue = createBullmqQueue({ connection, runId, prefix, times: { ...HAND_BACK, pollMs: 20 } });
  const raw = new BullQueue(`run-${runId}`, { connection: connection.redis, prefix });
  return {
    queue,
    plant: async (payload) => void (await raw.add('item', payload, { jobId: jobId(payload as VisionJob) })),
    async [Symbol.asyncDispose]() {
      await raw.close();
      await queue.close();
      await connection.close();
      await removeKeys(redis.url, prefix);
    },
  };
});
