import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll } from 'vitest';
import { createBullmqConnection } from '../../jobs/bullmq-connection.js';
import { createBullmqFleet } from '../../jobs/bullmq-fleet.js';
import { createMemoryFleet } from '../../jobs/memory-fleet.js';
import { SILENT } from '../../src/core/telling.js';
import { removeKeys, sharedRedis } from '../support/redis.js';
import { fleetConformance, type OpenFleet } from './fleet-conformance.js';
import { loseSlots, passSlots } from './redis-slots.js';
import { lostSlotsConformance, slotsConformance } from './slots-conformance.js';

const openMemory: OpenFleet = async () => {
  let aheadMs = 0;
  const fleet = createMemoryFleet({ now: () => Date.now() + aheadMs });
  return {
    fleet,
    async age(runId, lane, ms) {
      const status = (await fleet.lanes(runId)).find((each) => each.lane === lane);
      if (status === undefined) throw new Error(`Expected a lane ${lane}`);
      aheadMs = -ms;
      await fleet.writeLane(runId, status);
      aheadMs = 0;
    },
    async pass(ms) {
      aheadMs += ms;
    },
    [Symbol.asyncDispose]: () => fleet.close(),
  };
};

let redis: Awaited<ReturnType<typeof sharedRedis>>;
beforeAll(async () => {
  redis = await sharedRedis();
});
afterAll(async () => {
  await redis[Symbol.asyncDispose]();
});

const openBullmq: OpenFleet = async () => {
  const prefix = `{test-${randomUUID()}}`;
  const connection = await createBullmqConnection({ url: redis.url, logger: SILENT });
  let aheadMs = 0;
  const fleet = createBullmqFleet({ connection, prefix, now: () => performance.now() + aheadMs });
  return {
    fleet,
    async age(runId, lane, ms) {
      const key = `${prefix}:lanes:${runId}`;
      const text = await connection.redis.hget(key, lane);
      await connection.redis.hset(key, lane, JSON.stringify({ ...JSON.parse(text ?? ''), atMs: Date.now() - ms }));
    },
    async pass(ms) {
      aheadMs += ms;
      await passSlots(connection.redis, { prefix, ms });
    },
    loseSlots: () => loseSlots(connection.redis, prefix),
    async [Symbol.asyncDispose]() {
      await fleet.close();
      await connection.close();
      await removeKeys(redis.url, prefix);
    },
  };
};

fleetConformance('memory', openMemory);
fleetConformance('BullMQ', openBullmq);
slotsConformance('memory', openMemory);
slotsConformance('BullMQ', openBullmq);
lostSlotsConformance('BullMQ', openBullmq);
