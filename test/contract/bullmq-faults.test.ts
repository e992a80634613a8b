import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Queue as BullQueue } from 'bullmq';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type BullmqConnection, createBullmqConnection, type RedisTimes } from '../../jobs/bullmq-connection.js';
import { createBullmqFleet } from '../../jobs/bullmq-fleet.js';
import { type BullmqQueueTimes, createBullmqQueue } from '../../jobs/bullmq-queue.js';
import { outstanding, type Queue } from '../../jobs/queue.js';
import { FRESH_CARRY, jobId } from '../../jobs/vision-job.js';
import { purgeRun } from '../../src/app/purge-run.js';
import { EXIT } from '../../src/core/exit.js';
import { SILENT } from '../../src/core/telling.js';
import { anAsk } from '../support/builders.js';
import { type LaneProcess, startLaneProcess } from '../support/lanes.js';
import { type RedisServer, removeKeys, sharedRedis, startRedis, withClient } from '../support/redis.js';
import { aLane, aRun } from './fleet-conformance.js';
import { aGate, aHandler, collect, done, jobs, keysOf } from './queue-conformance.js';

/** Locks that die soon, so that a test need not wait. */
const SHORT: Partial<BullmqQueueTimes> = { lockMs: 600, stalledMs: 300, pollMs: 20 };
/** What the lane's clock is ahead of Redis's adds to a hand-back's delay. */
const HOUR_MS = 3_600_000;
const QUICK: Partial<RedisTimes> = { reconnectMs: 200, tellMs: 300, againMs: 50, closeMs: 300 };

interface OpenRun extends AsyncDisposable {
  readonly connection: BullmqConnection;
  readonly queue: Queue;
  readonly raw: BullQueue;
  readonly runId: string;
  readonly prefix: string;
  /** What was said of outages. */
  readonly said: readonly string[];
  startLane(options: { readonly slots: number; readonly jobMs: number }): LaneProcess;
}

async function openRun(
  url: string,
  times: Partial<BullmqQueueTimes> = SHORT,
  redisTimes: Partial<RedisTimes> = QUICK,
): Promise<OpenRun> {
  const prefix = `{test-${randomUUID()}}`;
  const runId = randomUUID();
  const said: string[] = [];
  const say = (message: string) => void said.push(message);
  const logger = { ...SILENT, warn: say, info: say };
  const connection = await createBullmqConnection({ url, logger, times: redisTimes });
  const queue = createBullmqQueue({ connection, runId, prefix, times });
  const raw = new BullQueue(`run-${runId}`, { connection: connection.redis, prefix });
  raw.on('error', () => {});
  const started: LaneProcess[] = [];
  return {
    connection,
    queue,
    raw,
    runId,
    prefix,
    said,
    startLane({ slots, jobMs }) {
      const lane = startLaneProcess({ url, runId, prefix, name: `lane${started.length}`, slots, jobMs, times });
      started.push(lane);
      return lane;
    },
    async [Symbol.asyncDispose]() {
      for (const lane of started) await lane.kill();
      if (connection.ready) await removeKeys(url, prefix);
      await raw.close();
      await queue.close();
      await connection.close();
    },
  };
}

const soon = { timeout: 30_000, interval: 10 };

let redis: Awaited<ReturnType<typeof sharedRedis>>;
beforeAll(async () => {
  redis = await sharedRedis();
});
afterAll(async () => {
  await redis[Symbol.asyncDispose]();
});

describe('a killed worker', () => {
  it('gives its jobs to other lanes, which lose and double nothing', async () => {
    await using run = await openRun(redis.url);
    await run.queue.add(jobs(40));
    const doomed = run.startLane({ slots: 4, jobMs: 60_000 });
    await vi.waitFor(() => expect(doomed.taken).toHaveLength(4), soon);
    const lane = run.queue.serve(aHandler({ slots: 4 }));
    await doomed.kill();
    const keys = keysOf(await collect(run.queue, 40));
    await lane.close();
    expect(keys.sort()).toEqual(jobs(40).map((job) => job.key));
    expect(outstanding(await run.queue.counts())).toBe(0);
  });

  it('costs what waits no time and what was in flight at most 15 s, with the real times', async () => {
    await using run = await openRun(redis.url, {});
    await run.queue.add(jobs(12));
    const doomed = run.startLane({ slots: 2, jobMs: 60_000 });
    await vi.waitFor(() => expect(doomed.taken).toHaveLength(2), soon);
    await sleep(1_000);
    await doomed.kill();
    const killedMs = performance.now();
    const lane = run.queue.serve(aHandler());
    await collect(run.queue, 10);
    expect(performance.now() - killedMs).toBeLessThan(3_000);
    await collect(run.queue, 2);
    expect(performance.now() - killedMs).toBeLessThan(17_000);
    await lane.close();
  });

  it('gives its jobs back to the queue where no lane is left, while somebody collects', async () => {
    await using run = await openRun(redis.url);
    await run.queue.add(jobs(2));
    const doomed = run.startLane({ slots: 2, jobMs: 60_000 });
    await vi.waitFor(() => expect(doomed.taken).toHaveLength(2), soon);
    await doomed.kill();
    const collecting = new AbortController();
    const collected = run.queue.records(collecting.signal)[Symbol.asyncIterator]().next();
    await vi.waitFor(async () => expect(await run.queue.counts()).toMatchObject({ active: 0, waiting: 2 }), soon);
    collecting.abort();
    expect(await collected).toMatchObject({ done: true });
  });

  it('ends an item that killed every worker as an accident', async () => {
    await using run = await openRun(redis.url, { ...SHORT, maxDeaths: 1 });
    await run.queue.add(jobs(1));
    for (let death = 0; death < 2; death += 1) {
      const doomed = run.startLane({ slots: 1, jobMs: 60_000 });
      await vi.waitFor(() => expect(doomed.taken).toHaveLength(1), soon);
      await doomed.kill();
    }
    const lane = run.queue.serve(aHandler());
    const delivered = await collect(run.queue, 1);
    expect(delivered).toMatchObject([{ accident: { code: 'ITEM_CRASHES_WORKER' }, job: { key: '000000.png' } }]);
    await lane.close();
  });
});

describe('a lane of a machine whose clock runs an hour ahead', () => {
  it('leaves no job to wait for that hour when it is gone', async () => {
    await using run = await openRun(redis.url);
    await run.queue.add(jobs(1));
    const gone = run.queue.serve(
      aHandler({
        handle: async ({ carry = FRESH_CARRY }) => ({ handBack: { reason: 'HOST_BUSY', delayMs: HOUR_MS }, carry }),
      }),
    );
    await vi.waitFor(async () => expect((await run.queue.counts()).delayed).toBe(1), soon);
    await gone.close();
    const lane = run.queue.serve(aHandler());
    expect(await collect(run.queue, 1)).toHaveLength(1);
    await lane.close();
  });
});

describe('a lane that lost a job', () => {
  it('aborts it, and does not overwrite what its new owner does with it', async () => {
    await using run = await openRun(redis.url);
    const gate = aGate(1);
    await run.queue.add(jobs(1));
    const lane = run.queue.serve(gate.handler);
    await vi.waitFor(() => expect(gate.inHand()).toBe(1), soon);
    const id = jobId(jobs(1)[0] ?? never());
    await run.connection.redis.set(run.raw.toKey(`${id}:lock`), 'another lane');
    await vi.waitFor(() => expect(gate.inHand()).toBe(0), soon);
    await lane.close();
    expect(await run.queue.counts()).toMatchObject({ active: 1, waiting: 0, delayed: 0 });
    expect((await run.raw.getJob(id))?.data).toEqual(jobs(1)[0]);
  });
});

describe('an orphaned id', () => {
  it('is ignored by add, and healed by replacing it', async () => {
    await using run = await openRun(redis.url);
    await run.queue.add(jobs(1));
    await run.connection.redis.del(run.raw.toKey('wait'));
    expect(outstanding(await run.queue.counts())).toBe(0);
    await run.queue.add(jobs(1));
    expect(outstanding(await run.queue.counts())).toBe(0);
    await run.queue.add(jobs(1), { replace: true });
    expect((await run.queue.counts()).waiting).toBe(1);
  });

  it('that stands among the completed is removed, so that the run can end', async () => {
    await using run = await openRun(redis.url);
    await run.connection.redis.zadd(run.raw.toKey('completed'), '1', 'nobody');
    await run.queue.add(jobs(1));
    const lane = run.queue.serve(aHandler());
    expect(keysOf(await collect(run.queue, 1))).toEqual(['000000.png']);
    await lane.close();
    expect(outstanding(await run.queue.counts())).toBe(0);
  });
});

describe('a job that returned something else than a record', () => {
  it('is delivered as an accident', async () => {
    await using run = await openRun(redis.url);
    const handle = async () => ({ record: { id: 'x' }, attempts: [] }) as never;
    await run.queue.add(jobs(1));
    const lane = run.queue.serve(aHandler({ handle }));
    expect(await collect(run.queue, 1)).toMatchObject([
      { accident: { code: 'UNEXPECTED' }, job: { key: '000000.png' } },
    ]);
    await lane.close();
  });
});

describe('Redis killed and restarted', () => {
  it('keeps every job: lanes, records and adding wait and go on', async () => {
    await using server = await startRedis();
    await using run = await openRun(server.url);
    const handle = async (job: Parameters<typeof done>[0]) => {
      await sleep(50);
      return done(job);
    };
    await run.queue.add(jobs(200));
    const lane = run.queue.serve(aHandler({ slots: 4, handle }));
    const collecting = collectDistinct(run.queue, 260);
    await vi.waitFor(async () => expect((await run.queue.counts()).waiting).toBeLessThan(150), soon);
    await sleep(1_200); // appendfsync everysec: what is older than a second survives
    await server.kill();
    const adding = run.queue.add(jobs(60, 200));
    const counting = run.queue.counts();
    await sleep(1_000);
    await server.restart();
    await adding;
    expect(outstanding(await counting)).toBeGreaterThan(0);
    expect((await collecting).sort()).toEqual(jobs(260).map((job) => job.key));
    await lane.close();
    expect(run.said[0]).toMatch(/^Redis at redis:\/\/127\.0\.0\.1:\d+\/? is away \(.*\)\. Waiting for it\.$/);
    expect(run.said.at(-1)).toMatch(/is back after \d+ s\.$/);
  });
});

describe('Redis that answers nothing for a while', () => {
  it('is waited for', async () => {
    await using server = await startRedis();
    await using run = await openRun(server.url);
    await run.queue.add(jobs(30));
    const lane = run.queue.serve(aHandler());
    server.freeze();
    const counting = run.queue.counts();
    await sleep(500);
    server.thaw();
    await counting;
    expect(await collect(run.queue, 30)).toHaveLength(30);
    await lane.close();
  });

  it('is given up as a connection and found again, and what was asked meanwhile is answered', async () => {
    await using server = await startRedis();
    await using run = await openRun(server.url, SHORT, { ...QUICK, silenceMs: 300 });
    await run.queue.add(jobs(10));
    server.freeze();
    const adding = run.queue.add(jobs(10, 10));
    await vi.waitFor(() => expect(run.said.join()).toContain('is away (Socket timeout'), soon);
    server.thaw();
    await adding;
    expect((await run.queue.counts()).waiting).toBe(20);
  });
});

describe('Redis that answers nothing any more', () => {
  it('does not keep a lane, the fleet and the connection from closing until the socket times out', async () => {
    await using server = await startRedis();
    const run = await openRun(server.url);
    const fleet = createBullmqFleet({ connection: run.connection, prefix: run.prefix });
    const gate = aGate(2);
    await run.queue.add(jobs(4));
    const lane = run.queue.serve(gate.handler);
    await vi.waitFor(() => expect(gate.inHand()).toBe(2), soon);
    server.freeze();
    await lane.close({ abort: true });
    await fleet.removeWorker('box:1');
    await run.raw.close();
    await run.queue.close();
    await run.connection.close();
    server.thaw();
    expect(run.said).toEqual([]); // `Socket timeout` would be spoken of
  });
});

describe('Redis that lets a user do less for a while', () => {
  it('is waited for, and spoken of with what is to be done', async () => {
    await using server = await startRedis();
    const mayAll = ['ACL', 'SETUSER', 'miller', 'reset', 'on', '>right', '~*', '&*', '+@all'] as const;
    const acl = (...words: readonly string[]) => withClient(server.url, (client) => client.call('ACL', ...words));
    await acl(...mayAll.slice(1));
    await using run = await openRun(server.url.replace('//', '//miller:right@'));
    await run.queue.add(jobs(3));
    await acl('SETUSER', 'miller', '-@scripting');
    const warned = vi.fn();
    process.on('warning', warned); // of listeners, as many commands wait
    const counting = Promise.all(Array.from({ length: 20 }, () => run.queue.counts()));
    const adding = run.queue.add(jobs(3, 3));
    await vi.waitFor(() => expect(run.said.join()).toMatch(/refuses to work \(this user may not .*NOPERM/), soon);
    const lane = run.queue.serve(aHandler());
    const collecting = collect(run.queue, 6);
    await acl(...mayAll.slice(1));
    await Promise.all([adding, counting]);
    process.off('warning', warned);
    expect(warned).not.toHaveBeenCalled();
    expect(keysOf(await collecting)).toHaveLength(6);
    await lane.close();
  });
});

describe('Redis that does not let a job end for a while', () => {
  it('costs the item nothing: it runs again', async () => {
    await using server = await startRedis();
    const acl = (...words: readonly string[]) => withClient(server.url, (client) => client.call('ACL', ...words));
    const user = ['SETUSER', 'miller', 'reset', 'on', '>right', '&*', '+@all'] as const;
    await acl(...user, '~*');
    await using run = await openRun(server.url.replace('//', '//miller:right@'));
    const gate = aGate(1);
    await run.queue.add(jobs(1));
    const lane = run.queue.serve(gate.handler);
    await vi.waitFor(() => expect(gate.inHand()).toBe(1), soon);
    await acl(...user, '~*:run-*:[^c]*', '~*:run-*:c[^o]*'); // the key of what is completed is none of these, that of what failed is
    gate.endAll();
    expect(gate.inHand()).toBe(0);
    await vi.waitFor(() => expect(gate.inHand()).toBe(1), soon);
    await acl(...user, '~*');
    gate.endAll();
    expect(await collect(run.queue, 1)).toMatchObject([{ record: { status: 'ok' } }]);
    await lane.close();
  });
});

describe('a command that a person waits for', () => {
  it.each([
    ['refuses to write', 'it refuses to work (OOM', (server: RedisServer) => limitMemory(server, '1')],
    ['answers nothing', 'it does not answer within 0.5 s', async (server: RedisServer) => server.freeze()],
    ['is gone', 'it is away (connect ECONNREFUSED', (server: RedisServer) => server.kill()],
  ])('ends with exit 3 and the reason where Redis %s', async (_, reason, harm) => {
    await using server = await startRedis();
    const connection = await createBullmqConnection({
      url: server.url,
      logger: SILENT,
      times: { ...QUICK, patienceMs: 500 },
    });
    const fleet = createBullmqFleet({ connection, prefix: '{test}' });
    await harm(server);
    await expect(fleet.orderHost({ url: 'http://gpu1:11434', order: 'drain' })).rejects.toMatchObject({
      exitCode: EXIT.dependency,
      message: expect.stringContaining(reason),
    });
    await connection.close();
    server.thaw();
  });
});

describe('Redis flushed in the middle', () => {
  it('leaves an empty queue in which the same jobs can be added and served again', async () => {
    await using server = await startRedis();
    await using run = await openRun(server.url);
    const gate = aGate(2);
    await run.queue.add(jobs(10));
    const lane = run.queue.serve(gate.handler);
    await vi.waitFor(() => expect(gate.inHand()).toBe(2), soon);
    await server.flush();
    gate.endAll();
    expect(outstanding(await run.queue.counts())).toBe(0);

    await run.queue.add(jobs(10), { replace: true });
    const drained = collect(run.queue, 10);
    const ending = setInterval(gate.endAll, 10);
    const keys = keysOf(await drained);
    clearInterval(ending);
    expect(keys.sort()).toEqual(jobs(10).map((job) => job.key));
    await lane.close();
  });

  it('is healed in the fleet by the next rewrite', async () => {
    await using server = await startRedis();
    const connection = await createBullmqConnection({ url: server.url, logger: SILENT });
    const fleet = createBullmqFleet({ connection, prefix: '{test}' });
    await fleet.publish(aRun({ digest: 'sha256:aaa' }), anAsk());
    await server.flush();
    expect(await fleet.runs()).toEqual([]);
    await fleet.publish(aRun({ digest: 'sha256:aaa' }), anAsk());
    expect(await fleet.runs()).toMatchObject([{ digest: 'sha256:aaa' }]);
    await connection.close();
  });
});

describe('what another version wrote', () => {
  it('is left alone where it is not understood, which is told once', async () => {
    await using run = await openRun(redis.url);
    const { connection, prefix, said } = run;
    const fleet = createBullmqFleet({ connection, prefix });
    await fleet.publish(aRun({ runId: 'newer' }), anAsk());
    await connection.redis.hset(`${prefix}:run:newer`, 'v', '2');
    await connection.redis.hset(`${prefix}:lanes:newer`, 'lane', '{"v":2}');
    await connection.redis.hset(`${prefix}:hosts`, 'paint http://gpu1', '{"order":"paint"}');
    await connection.redis.zadd(`${prefix}:runs`, '1', 'gone'); // its hash was removed a moment ago
    for (let look = 0; look < 2; look += 1) {
      expect([await fleet.runs(), await fleet.lanes('newer'), await fleet.hostOrders()]).toEqual([[], [], []]);
    }
    const names = ['Run newer', `What stands in ${prefix}:lanes:newer`, `What stands in ${prefix}:hosts`];
    expect(said).toEqual(names.map((name) => expect.stringContaining(`${name} was written by another version`)));
  });

  it('is understood where it says less: runs without recycling, lanes without slots of their host', async () => {
    await using run = await openRun(redis.url);
    const { connection, prefix } = run;
    const fleet = createBullmqFleet({ connection, prefix });
    await fleet.publish(aRun({ runId: 'older' }), anAsk());
    const { recycleAfter: _, ...limits } = aRun().limits;
    await connection.redis.hset(`${prefix}:run:older`, 'limits', JSON.stringify(limits));
    const { hostSlots, ...lane } = aLane();
    await connection.redis.hset(`${prefix}:lanes:older`, lane.lane, JSON.stringify({ ...lane, atMs: Date.now() }));
    expect(await fleet.runs()).toMatchObject([{ runId: 'older', limits: { recycleAfter: null } }]);
    expect(await fleet.lanes('older')).toMatchObject([{ hostSlots }]);
    expect(run.said).toEqual([]);
  });
});

describe('Redis gone for good', () => {
  it('does not keep lanes, queue and connection from closing', async () => {
    await using server = await startRedis();
    const run = await openRun(server.url);
    const gate = aGate(2);
    await run.queue.add(jobs(10));
    const lane = run.queue.serve(gate.handler);
    await vi.waitFor(() => expect(gate.inHand()).toBe(2), soon);
    const stop = new AbortController();
    const reading = (async () => {
      for await (const { ack } of run.queue.records(stop.signal)) await ack();
      return 'ended';
    })();
    await server.kill();
    await vi.waitFor(() => expect(run.said.length).toBeGreaterThanOrEqual(3), soon);

    const startMs = performance.now();
    stop.abort();
    expect(await reading).toBe('ended');
    await lane.close({ abort: true });
    await run[Symbol.asyncDispose]();
    expect(performance.now() - startMs).toBeLessThan(5_000);
  });
});

describe('Redis that refuses to write for a while', () => {
  it('is waited for, and spoken of', async () => {
    await using server = await startRedis();
    await using run = await openRun(server.url);
    await run.queue.add(jobs(1));
    await run.connection.redis.config('SET', 'maxmemory', '1');
    const adding = run.queue.add(jobs(5, 1));
    await vi.waitFor(() => expect(run.said.join()).toMatch(/refuses to work \(.*OOM/), soon);
    await run.connection.redis.config('SET', 'maxmemory', '0');
    await adding;
    expect((await run.queue.counts()).waiting).toBe(6);
  });
});

describe('a purge', () => {
  it('never keeps Redis from answering others for long', async () => {
    await using server = await startRedis();
    await using run = await openRun(server.url);
    for (let from = 0; from < 20_000; from += 500) await run.queue.add(jobs(500, from));
    const longestMs = await withClient(server.url, async (pinging) => {
      await pinging.ping();
      let purged = false;
      const purging = run.queue.purge().then(() => {
        purged = true;
      });
      let longest = 0;
      while (!purged) {
        const startMs = performance.now();
        await pinging.ping();
        longest = Math.max(longest, performance.now() - startMs);
      }
      await purging;
      return longest;
    });
    expect(outstanding(await run.queue.counts())).toBe(0);
    expect(longestMs).toBeLessThan(250);
  });

  it('of an abandoned run may be begun by many at once: one removes it', async () => {
    await using run = await openRun(redis.url);
    const { connection } = run;
    const fleet = createBullmqFleet({ connection, prefix: run.prefix });
    for (let from = 0; from < 4_000; from += 500) await run.queue.add(jobs(500, from));
    const entry = aRun({ runId: run.runId });
    await fleet.publish(entry, anAsk());
    const queueOf = () => createBullmqQueue({ connection, runId: run.runId, prefix: run.prefix });
    await Promise.all([1, 2, 3, 4].map((each) => purgeRun(entry, { fleet, queueOf, holder: `box:${each}` })));
    expect(outstanding(await run.queue.counts())).toBe(0);
    expect(await fleet.runs()).toEqual([]);
    expect(await fleet.lease(run.runId, 'a coordinator', 1)).toBe('a coordinator');
  });

  it('that was broken off does not leave the queue paused', async () => {
    await using run = await openRun(redis.url);
    await run.raw.pause();
    await run.queue.add(jobs(1));
    const lane = run.queue.serve(aHandler());
    expect(await collect(run.queue, 1)).toHaveLength(1);
    await lane.close();
  });
});

/** Reads until so many items came; what Redis forgot of its last second comes again. */
async function collectDistinct(queue: Queue, count: number): Promise<string[]> {
  const keys = new Set<string>();
  for await (const { batch, ack } of queue.records(new AbortController().signal)) {
    for (const key of keysOf(batch)) keys.add(key);
    await ack();
    if (keys.size >= count) break;
  }
  return [...keys];
}

async function limitMemory({ url }: RedisServer, bytes: string): Promise<void> {
  await withClient(url, (client) => client.config('SET', 'maxmemory', bytes));
}

function never(): never {
  throw new Error('Expected a job');
}
