import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll } from 'vitest';
import { createBullmqConnection } from '../../jobs/bullmq-connection.js';
import { createBullmqFleet } from '../../jobs/bullmq-fleet.js';
import { createMemoryFleet } from '../../jobs/memory-fleet.js';
import { SILENT } from '../../src/core/telling.js';
import { removeKeys, sharedRedis } from '../support/redis.js';
import { fleetConformance } from './fleet-conformance.js';

fleetConformance('memory', async () => {
  let behindMs = 0;
  const fleet = createMemoryFleet({ now: () => Date.now() - behindMs });
  return {
    fleet,
    async age(runId, lane, ms) {
      const status = (await fleet.lanes(runId)).find((each) => each.lane === lane);
      if (status === undefined) throw new Error(`Expected a lane ${lane}`);
      behindMs = ms;
      await fleet.writeLane(runId, status);
      behindMs = 0;
    },
    [Symbol.asyncDispose]: () => fleet.close(),
  };
});

let redis: Awaited<ReturnType<typeof sharedRedis>>;
beforeAll(async () => {
  redis = await sharedRedis();
});
afterAll(async () => {
  await redis[Symbol.asyncDispose]();
});

fleetConformance('BullMQ', async () => {
  const prefix = `{test-${randomUUID()}}`;
  const connection = await createBullmqConnection({ url: redis.url, logger: SILENT });
  const fleet = createBullmqFleet({ connection, prefix });
  return {
    fleet,
    async age(runId, lane, ms) {
      const key = `${prefix}:lanes:${runId}`;
      const text = await connection.redis.hget(key, lane);
      await connection.redis.hset(key, lane, JSON.stringify({ ...JSON.parse(text ?? ''), atMs: Date.now() - ms }));
    },
    async [Symbol.asyncDispose]() {
      await fleet.close();
      await connection.close();
      await removeKeys(redis.url, prefix);
    },
  };
});
