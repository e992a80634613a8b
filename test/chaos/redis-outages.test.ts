import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RedisStage, startRedisStage } from '../support/redis-runs.js';
import { asksOf, sameRows, untilAsked } from '../support/runs.js';

const ITEMS = 60;
const AWAY_MS = 20_000;

let on: RedisStage;
beforeAll(async () => {
  on = await startRedisStage({ items: ITEMS });
});
afterAll(() => on[Symbol.asyncDispose]());

describe('a Redis that', () => {
  it('freezes for a few seconds is waited for', async () => {
    await using run = await on.run();
    await run.workers(2);
    const coordinator = run.coordinator();
    await untilAsked(on.stage.ollama, 20);
    on.redis.freeze();
    const asked = await asksOf(on.stage.ollama);
    await sleep(3_000);
    on.redis.thaw();
    expect(asked).toBeLessThan(ITEMS);
    expect(await coordinator.end).toMatchObject({ code: 0 });
    expect(await sameRows(run.output)).toEqual(on.expected);
  });

  it('is gone for 20 s ends no run and no worker; both can be stopped meanwhile', async () => {
    await using run = await on.run();
    const [stays, stopped] = await run.workers(2);
    const coordinator = run.coordinator();
    await using other = await on.run();
    const leaving = other.coordinator();
    await leaving.says(/No worker serves this run yet/);
    await untilAsked(on.stage.ollama, 10);
    await on.redis.kill();
    const back = sleep(AWAY_MS).then(() => on.redis.restart());
    const killedMs = performance.now();
    stopped?.kill('SIGTERM');
    leaving.kill('SIGINT');
    await leaving.says(/Ctrl-C again to force/);
    leaving.kill('SIGINT');
    expect(await stopped?.end).toMatchObject({ code: 143 });
    expect(await leaving.end).toMatchObject({ code: 130 });
    expect(performance.now() - killedMs).toBeLessThan(AWAY_MS);
    await back;
    expect(await coordinator.end).toMatchObject({ code: 0 });
    expect(stays?.child.exitCode).toBeNull();
    expect(await sameRows(run.output)).toEqual(on.expected);
  });
});
