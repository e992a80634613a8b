import type { BullmqRegistry } from './bullmq-registry.js';
import { byName, type Fleet, LANE_DEAD_MS } from './fleet.js';
import { laneOf, workerOf } from './fleet-entries.js';

type Lanes = Pick<Fleet, 'writeLane' | 'removeLane' | 'lanes' | 'writeWorker' | 'removeWorker' | 'workers'>;

const WEEK_SECS = 7 * 86_400;
/** When the last worker was killed, nobody takes its entry away. */
const WORKERS_SECS = LANE_DEAD_MS / 1_000;

/** Lanes and worker processes, as they say that they live. */
export function bullmqLanes(registry: BullmqRegistry): Lanes {
  const lanesKey = (runId: string) => registry.key('lanes', runId);
  const workersKey = registry.key('workers');

  const write = async (key: string, name: string, { status, keptSecs }: { status: object; keptSecs: number }) => {
    const text = JSON.stringify({ ...status, atMs: await registry.serverMs() });
    await registry.do(async (redis) => {
      await redis.hset(key, name, text);
      await redis.expire(key, keptSecs);
    });
  };

  return {
    writeLane: (runId, lane) => write(lanesKey(runId), lane.lane, { status: lane, keptSecs: WEEK_SECS }),
    removeLane: (runId, lane) => registry.soon((redis) => redis.hdel(lanesKey(runId), lane)),
    async lanes(runId) {
      const alive = await registry.fresh(lanesKey(runId), { parse: laneOf, withinMs: LANE_DEAD_MS });
      return alive.toSorted((a, b) => byName(a.lane, b.lane));
    },

    writeWorker: (worker) => write(workersKey, worker.name, { status: worker, keptSecs: WORKERS_SECS }),
    removeWorker: (name) => registry.soon((redis) => redis.hdel(workersKey, name)),
    async workers() {
      const alive = await registry.fresh(workersKey, { parse: workerOf, withinMs: LANE_DEAD_MS });
      return alive.toSorted((a, b) => byName(a.name, b.name));
    },
  };
}
