import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RedisStage, startRedisStage } from '../support/redis-runs.js';
import { readRows } from '../support/rows.js';
import { killAfterAsks, sameRows, untilAsked } from '../support/runs.js';

const ITEMS = 40;

let on: RedisStage;
beforeAll(async () => {
  on = await startRedisStage({ items: ITEMS });
});
afterAll(() => on[Symbol.asyncDispose]());

describe('two runs on the same workers', () => {
  it('are done one after the other, the older first, though it was stopped and started again', async () => {
    await using run = await on.run();
    const stopped = run.coordinator();
    await stopped.says(/No worker serves this run yet/);
    stopped.kill('SIGINT');
    expect(await stopped.end).toMatchObject({ code: 130 });
    const younger = run.coordinatorOf('younger/out.jsonl');
    await younger.says(/No worker serves this run yet/);
    const older = run.coordinator();
    await older.says(/No worker serves this run yet/);
    await run.workers(2);
    expect(await older.end).toMatchObject({ code: 0 });
    expect(await younger.end).toMatchObject({ code: 0 });
    const output = on.stage.folder.at('younger/out.jsonl');
    expect([await sameRows(run.output), await sameRows(output)]).toEqual([on.expected, on.expected]);
    const ended = async (path: string) => (await readRows(path)).map((row) => row.finished_at).sort();
    const [last, first] = [(await ended(run.output)).at(-1), (await ended(output)).at(0)];
    expect(last?.localeCompare(first ?? '')).toBeLessThanOrEqual(0);
  });

  it('do not wait for each other when the coordinator of the older is dead', async () => {
    await using run = await on.run();
    await run.worker(0);
    await killAfterAsks(run.coordinator(), on.stage.ollama, 5);
    expect(await run.coordinatorOf('survivor/out.jsonl').end).toMatchObject({ code: 0 });
    expect(await sameRows(on.stage.folder.at('survivor/out.jsonl'))).toEqual(on.expected);
    await untilAsked(on.stage.ollama, 2 * ITEMS);
    expect(await run.coordinator().end).toMatchObject({ code: 0 });
    expect(await sameRows(run.output)).toEqual(on.expected);
  });
});
