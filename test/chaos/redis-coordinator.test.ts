import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { withClient } from '../support/redis.js';
import { hostFlag, type RedisStage, startRedisStage } from '../support/redis-runs.js';
import { answersOf, asksOf, hold, killAfterAsks, sameRows, seeded, untilAsked } from '../support/runs.js';

const ITEMS = 60;
/** What two workers hold at once: slots and one ahead, each. */
const IN_HAND = 2 * (2 + 1);

let on: RedisStage;
beforeAll(async () => {
  on = await startRedisStage({ items: ITEMS });
});
afterAll(() => on[Symbol.asyncDispose]());

describe('a coordinator without hosts', () => {
  it('has its run done by workers on two hosts, and leaves nothing of it in Redis but the ask, beside what the workers say of themselves', async () => {
    await using run = await on.run();
    await run.workers(2);
    expect(await run.coordinator().end).toMatchObject({ code: 0 });
    expect(await sameRows(run.output)).toEqual(on.expected);
    expect(await answersOf(on.stage.ollama)).toBe(ITEMS);
    const asked = (await on.stage.ollama.stats()).map(({ asks }) => asks);
    expect(Math.min(...asked)).toBeGreaterThan(0);
    const left = await withClient(on.redis.url, (redis) => redis.keys(`${run.prefix}*`));
    expect(left.sort()).toEqual([expect.stringMatching(/:ask:[0-9a-f]{64}$/), `${run.prefix}:workers`]);
  });

  it('is killed at three moments: every next start goes on at once, and loses and doubles no row', async () => {
    await using run = await on.run();
    await run.workers(2);
    const random = seeded(20_260_502);
    for (const from of [0.05, 0.3, 0.6]) {
      const asks = Math.round(ITEMS * (from + 0.2 * random()));
      expect(await killAfterAsks(run.coordinator(), on.stage.ollama, asks)).toMatchObject({ signal: 'SIGKILL' });
    }
    const startedMs = performance.now();
    expect(await run.coordinator().end).toMatchObject({ code: 0 });
    expect(performance.now() - startedMs).toBeLessThan(12_000);
    expect(await sameRows(run.output)).toEqual(on.expected);
    expect(await asksOf(on.stage.ollama)).toBeLessThanOrEqual(ITEMS + 3 * IN_HAND);
  });

  it('collects first what workers finished while there was none', async () => {
    await using run = await on.run();
    await run.workers(2);
    await killAfterAsks(run.coordinator(), on.stage.ollama, 5);
    await untilAsked(on.stage.ollama, ITEMS);
    const end = await run.coordinator().end;
    expect(end).toMatchObject({ code: 0 });
    expect(await sameRows(run.output)).toEqual(on.expected);
    expect(await answersOf(on.stage.ollama)).toBe(ITEMS);
  });

  it('stops its workers by one SIGINT, with nothing lost, and the same command continues', async () => {
    await using run = await on.run();
    const workers = await run.workers(2);
    const stopped = run.coordinator();
    await untilAsked(on.stage.ollama, 10);
    const askedBefore = await asksOf(on.stage.ollama);
    stopped.kill('SIGINT');
    expect(await stopped.end).toMatchObject({ code: 130 });
    expect(await asksOf(on.stage.ollama)).toBeLessThanOrEqual(askedBefore + 3 * IN_HAND);
    expect(workers.map(({ child }) => child.exitCode)).toEqual([null, null]);
    expect(await run.coordinator().end).toMatchObject({ code: 0 });
    expect(await sameRows(run.output)).toEqual(on.expected);
    expect(await answersOf(on.stage.ollama)).toBe(ITEMS);
  });

  it('keeps a second one out of its run with exit 6', async () => {
    await using run = await on.run();
    await run.worker(0);
    const first = run.coordinator();
    await untilAsked(on.stage.ollama, 1);
    await hold(on.stage.ollama); // the first one is not to end before the second has begun
    const second = await run.coordinator().end;
    await on.stage.ollama.clearFaults();
    expect(second).toMatchObject({ code: 6, stdout: '' });
    expect(second.stderr).toContain(`locked by process ${first.child.pid}`);
    await run.worker(1);
    expect(await first.end).toMatchObject({ code: 0 });
    expect(await sameRows(run.output)).toEqual(on.expected);
  });

  it('goes on without Redis where it was killed, and back on Redis', async () => {
    await using run = await on.run();
    const worker = await run.worker(0);
    await killAfterAsks(run.coordinator(), on.stage.ollama, 15);
    worker.kill('SIGKILL');
    const embedded = run.coordinator('--redis', 'none', ...hostFlag(on.stage, 1));
    await untilAsked(on.stage.ollama, 30);
    embedded.kill('SIGINT');
    expect(await embedded.end).toMatchObject({ code: 130 });
    await run.worker(0);
    expect(await run.coordinator().end).toMatchObject({ code: 0 });
    expect(await sameRows(run.output)).toEqual(on.expected);
  });
});
