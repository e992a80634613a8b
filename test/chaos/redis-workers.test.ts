import { link, mkdir, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RedisStage, startRedisStage } from '../support/redis-runs.js';
import { readRows } from '../support/rows.js';
import { asksOf, sameRows, seeded, untilAsked } from '../support/runs.js';

const ITEMS = 60;
/** What a worker holds at once: slots, one ahead, and as many answers that are on their way to Redis while their slots work on. */
const IN_HAND = 2 + 1 + 2;
/** In flight on a killed worker: again within 15 s; the rest is what a busy machine costs. */
const AGAIN_MS = 15_000;
const BUSY_MACHINE_MS = 5_000;

let on: RedisStage;
beforeAll(async () => {
  on = await startRedisStage({ items: ITEMS });
});
afterAll(() => on[Symbol.asyncDispose]());

describe('a worker that is killed', () => {
  it('loses nothing: what it had in flight runs again within 15 s, on whatever worker there is by then', async () => {
    await using run = await on.run();
    const random = seeded(20_260_503);
    const doomed = await run.worker(0);
    const coordinator = run.coordinator();
    await untilAsked(on.stage.ollama, Math.round(ITEMS * (0.1 + 0.3 * random())));
    doomed.kill('SIGKILL');
    const killedMs = Date.now();
    await run.worker(1);
    expect(await coordinator.end).toMatchObject({ code: 0 });
    expect(await sameRows(run.output)).toEqual(on.expected);
    const lastMs = Math.max(...(await readRows(run.output)).map((row) => Date.parse(row.finished_at)));
    expect(lastMs - killedMs).toBeLessThan(AGAIN_MS + BUSY_MACHINE_MS);
    const asks = await asksOf(on.stage.ollama);
    expect(asks).toBeGreaterThan(ITEMS);
    expect(asks).toBeLessThanOrEqual(ITEMS + IN_HAND);
  });

  it('together with the coordinator loses and doubles no row', async () => {
    await using run = await on.run();
    const random = seeded(20_260_504);
    const doomed = await run.worker(0);
    const first = run.coordinator();
    await untilAsked(on.stage.ollama, Math.round(ITEMS * (0.4 + 0.3 * random())));
    doomed.kill('SIGKILL');
    first.kill('SIGKILL');
    await run.worker(1);
    expect(await run.coordinator().end).toMatchObject({ code: 0 });
    expect(await sameRows(run.output)).toEqual(on.expected);
    expect(await asksOf(on.stage.ollama)).toBeLessThanOrEqual(ITEMS + IN_HAND);
  });
});

describe('a worker on another machine', () => {
  it('that sees another folder where the files should be is put out of the run, and every row is ok', async () => {
    const { folder } = on.stage;
    await mkdir(folder.at('other'));
    await writeFile(folder.at('other', 'readme.txt'), 'not the disk that was meant');
    await using run = await on.run();
    const blind = await run.worker(0, '--root', 'scans=other');
    const coordinator = run.coordinator();
    await coordinator.says(/cannot see the run's files/);
    await blind.says(/This worker cannot see the run's files/);
    await run.worker(1);
    expect(await coordinator.end).toMatchObject({ code: 0 });
    expect(await sameRows(run.output)).toEqual(on.expected);
    const [blinded] = await on.stage.ollama.stats();
    expect(blinded?.asks).toBe(0);
  });

  it('never joins a run with an empty mount point', async () => {
    await mkdir(on.stage.folder.at('empty'));
    await using run = await on.run();
    const empty = await run.worker(0, '--root', 'scans=empty');
    const coordinator = run.coordinator();
    await empty.says(/cannot serve run .*empty is empty/);
    await run.worker(1);
    expect(await coordinator.end).toMatchObject({ code: 0 });
    expect(await sameRows(run.output)).toEqual(on.expected);
    const [host] = await on.stage.ollama.stats();
    expect(host?.requests).toBe(0);
  });

  it('reads the same files where --root says they are', async () => {
    const { folder, keys } = on.stage;
    for (const key of keys) {
      await mkdir(folder.at('mounted', path.dirname(key)), { recursive: true });
      await link(folder.at('scans', key), folder.at('mounted', key));
    }
    await using run = await on.run();
    await run.worker(0, '--root', 'scans=mounted');
    const coordinator = run.coordinator();
    await untilAsked(on.stage.ollama, 1);
    await rename(folder.at('scans'), folder.at('away'));
    expect(await coordinator.end).toMatchObject({ code: 0 });
    await rename(folder.at('away'), folder.at('scans'));
    expect(await sameRows(run.output)).toEqual(on.expected);
  });
});
