import type { Ask } from '../src/core/ask.js';
import { fingerprint } from '../src/core/fingerprint.js';
import type { BullmqRegistry } from './bullmq-registry.js';
import { byTurn, type Fleet } from './fleet.js';
import { runFields, runOf } from './fleet-entries.js';

type Runs = Pick<
  Fleet,
  'began' | 'publish' | 'runs' | 'ask' | 'pinDigest' | 'unpinDigest' | 'remove' | 'lease' | 'release'
>;

const WEEK_SECS = 7 * 86_400;

/** KEYS[1] the lease, ARGV holder and milliseconds → the holder. */
const LEASE = `
local holder = redis.call('GET', KEYS[1])
if holder and holder ~= ARGV[1] then return holder end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return ARGV[1]`;

/** KEYS[1] the lease, ARGV holder. */
const RELEASE = `if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end`;

/** KEYS[1] the run, ARGV the digest as JSON → the pinned one. A run that was removed is not brought back by it. */
const PIN = `
if redis.call('EXISTS', KEYS[1]) == 0 then return ARGV[1] end
redis.call('HSETNX', KEYS[1], 'digest', ARGV[1])
return redis.call('HGET', KEYS[1], 'digest')`;

/** Runs, their asks and who leads them. */
export function bullmqRuns(registry: BullmqRegistry): Runs {
  const runKey = (runId: string) => registry.key('run', runId);
  return {
    async began(runId, ageMs) {
      const kept = Number(await registry.do((redis) => redis.hget(runKey(runId), 'startedMs')));
      return kept > 0 ? kept : (await registry.serverMs()) - Math.max(0, Math.round(ageMs));
    },

    async publish(run, ask) {
      const { digest, ...fields } = runFields({ ...run, heartbeatMs: await registry.serverMs() });
      await registry.do(async (redis) => {
        if (digest !== undefined && run.digest !== null) await redis.hsetnx(runKey(run.runId), 'digest', digest);
        await redis.hset(runKey(run.runId), fields);
        await redis.zadd(registry.key('runs'), String(run.startedMs), run.runId);
        await redis.set(registry.key('ask', run.ask), JSON.stringify(ask), 'EX', WEEK_SECS);
      });
    },

    async runs() {
      const aheadMs = await registry.aheadMs();
      const ids = await registry.do((redis) => redis.zrange(registry.key('runs'), '0', '-1'));
      const found = await Promise.all(
        ids.map(async (id) => ({ id, fields: await registry.do((redis) => redis.hgetall(runKey(id))) })),
      );
      const runs = found.flatMap(({ fields, id }) => {
        const run = runOf(fields);
        if (run === null && 'v' in fields) registry.tellStrange(`Run ${id}`); // without, it is being removed
        return run === null ? [] : [{ ...run, heartbeatMs: run.heartbeatMs - aheadMs }];
      });
      return runs.sort(byTurn);
    },

    async ask(asked) {
      const text = await registry.do((redis) => redis.get(registry.key('ask', asked)));
      const ask: Ask | null = text === null ? null : JSON.parse(text);
      // Whatever has this fingerprint is the ask that was published.
      return ask !== null && fingerprint(ask) === asked ? ask : null;
    },

    async pinDigest(runId, digest) {
      const pinned = await registry.do((redis) => redis.eval(PIN, 1, runKey(runId), JSON.stringify(digest)));
      return String(JSON.parse(String(pinned)));
    },

    async unpinDigest(runId) {
      await registry.do((redis) => redis.hdel(runKey(runId), 'digest'));
    },

    async remove(runId) {
      await registry.do(async (redis) => {
        await redis.zrem(registry.key('runs'), runId);
        await redis.del(runKey(runId), registry.key('lanes', runId));
      });
    },

    async lease(runId, holder, ttlMs) {
      const key = registry.key('lease', runId);
      return String(await registry.do((redis) => redis.eval(LEASE, 1, key, holder, String(ttlMs))));
    },

    async release(runId, holder) {
      await registry.soon((redis) => redis.eval(RELEASE, 1, registry.key('lease', runId), holder));
    },
  };
}
