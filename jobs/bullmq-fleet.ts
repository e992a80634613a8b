import type { Ask } from '../src/core/ask.js';
import { fingerprint } from '../src/core/fingerprint.js';
import type { LaneStatus } from '../src/core/telling.js';
import { type BullmqConnection, within } from './bullmq-connection.js';
import { byName, type Fleet, LANE_DEAD_MS, type RunEntry } from './fleet.js';
import { laneOf, runFields, runOf } from './fleet-entries.js';

export interface BullmqFleetOptions {
  /** Stays open when the fleet is closed. */
  readonly connection: BullmqConnection;
  /** Of all keys in Redis, such as `{visionbatch}`. */
  readonly prefix: string;
}

/**
 * The registry in Redis: `runs` (ZSET, run → start), `run:<id>` (HASH, a JSON value a field), `ask:<fingerprint>`,
 * `lanes:<id>` (HASH, lane → JSON), `lease:<id>`. Redis tells the time at which an entry is written, and the reader gets
 * it in its own clock: machines whose clocks differ do not take each other for dead.
 */
export function createBullmqFleet(options: BullmqFleetOptions): Fleet {
  return new BullmqFleet(options.connection, options.prefix);
}

const WEEK_SECS = 7 * 86_400;

/** KEYS[1] the lease, ARGV holder and milliseconds → the holder. */
const LEASE = `
local holder = redis.call('GET', KEYS[1])
if holder and holder ~= ARGV[1] then return holder end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return ARGV[1]`;

/** KEYS[1] the lease, ARGV holder. */
const RELEASE = `if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end`;

class BullmqFleet implements Fleet {
  readonly #connection: BullmqConnection;
  readonly #prefix: string;

  constructor(connection: BullmqConnection, prefix: string) {
    this.#connection = connection;
    this.#prefix = prefix;
  }

  async publish(run: RunEntry, ask: Ask): Promise<void> {
    const { digest, ...fields } = runFields({ ...run, heartbeatMs: await this.#redisMs() });
    const key = this.#key('run', run.runId);
    await this.#do(async ({ redis }) => {
      if (digest !== undefined && run.digest !== null) await redis.hsetnx(key, 'digest', digest);
      await redis.hset(key, fields);
      await redis.zadd(this.#key('runs'), String(run.startedMs), run.runId);
      await redis.set(this.#key('ask', run.ask), JSON.stringify(ask), 'EX', WEEK_SECS);
    });
  }

  async runs(): Promise<readonly RunEntry[]> {
    const aheadMs = await this.#redisAheadMs();
    const ids = await this.#do(({ redis }) => redis.zrange(this.#key('runs'), '0', '-1'));
    const found = await Promise.all(ids.map((id) => this.#do(({ redis }) => redis.hgetall(this.#key('run', id)))));
    return found.flatMap((fields) => {
      const run = runOf(fields);
      return run === null ? [] : [{ ...run, heartbeatMs: run.heartbeatMs - aheadMs }];
    });
  }

  async ask(asked: string): Promise<Ask | null> {
    const text = await this.#do(({ redis }) => redis.get(this.#key('ask', asked)));
    const ask: Ask | null = text === null ? null : JSON.parse(text);
    // Whatever has this fingerprint is the ask that was published.
    return ask !== null && fingerprint(ask) === asked ? ask : null;
  }

  async pinDigest(runId: string, digest: string): Promise<string> {
    const key = this.#key('run', runId);
    await this.#do(({ redis }) => redis.hsetnx(key, 'digest', JSON.stringify(digest)));
    const pinned = await this.#do(({ redis }) => redis.hget(key, 'digest'));
    return pinned === null ? digest : String(JSON.parse(pinned));
  }

  async unpinDigest(runId: string): Promise<void> {
    await this.#do(({ redis }) => redis.hdel(this.#key('run', runId), 'digest'));
  }

  async writeLane(runId: string, lane: LaneStatus): Promise<void> {
    const key = this.#key('lanes', runId);
    const text = JSON.stringify({ ...lane, atMs: await this.#redisMs() });
    await this.#do(async ({ redis }) => {
      await redis.hset(key, lane.lane, text);
      await redis.expire(key, WEEK_SECS);
    });
  }

  async removeLane(runId: string, lane: string): Promise<void> {
    await this.#soon(({ redis }) => redis.hdel(this.#key('lanes', runId), lane));
  }

  async lanes(runId: string): Promise<readonly LaneStatus[]> {
    const aheadMs = await this.#redisAheadMs();
    const texts = await this.#do(({ redis }) => redis.hvals(this.#key('lanes', runId)));
    const aliveMs = Date.now() - LANE_DEAD_MS;
    const alive = texts.flatMap((text) => {
      const lane = laneOf(text);
      if (lane === null || lane.atMs - aheadMs <= aliveMs) return [];
      return [{ ...lane, atMs: lane.atMs - aheadMs }];
    });
    return alive.sort(byName);
  }

  async remove(runId: string): Promise<void> {
    await this.#do(async ({ redis }) => {
      await redis.zrem(this.#key('runs'), runId);
      await redis.del(this.#key('run', runId), this.#key('lanes', runId));
    });
  }

  async lease(runId: string, holder: string, ttlMs: number): Promise<string> {
    const key = this.#key('lease', runId);
    return String(await this.#do(({ redis }) => redis.eval(LEASE, 1, key, holder, String(ttlMs))));
  }

  async release(runId: string, holder: string): Promise<void> {
    await this.#soon(({ redis }) => redis.eval(RELEASE, 1, this.#key('lease', runId), holder));
  }

  async close(): Promise<void> {}

  #key(...parts: readonly string[]): string {
    return [this.#prefix, ...parts].join(':');
  }

  #do<T>(command: (connection: BullmqConnection) => Promise<T>): Promise<T> {
    return this.#connection.persist(() => command(this.#connection));
  }

  /** What is said at an end is not waited for through an outage: the entry lapses by itself. */
  async #soon(command: (connection: BullmqConnection) => Promise<unknown>): Promise<void> {
    await within(this.#connection.times.closeMs, this.#do(command));
  }

  /** Redis's clock in milliseconds since 1970. */
  async #redisMs(): Promise<number> {
    const [seconds, microseconds] = await this.#do(({ redis }) => redis.time());
    return Number(seconds) * 1_000 + Math.floor(Number(microseconds) / 1_000);
  }

  /** How far Redis's clock runs ahead of ours. */
  async #redisAheadMs(): Promise<number> {
    return (await this.#redisMs()) - Date.now();
  }
}
