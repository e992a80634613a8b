import { writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CliProcess } from '../support/cli.js';
import { type RedisRun, type RedisStage, startRedisStage } from '../support/redis-runs.js';
import { sameRows, until } from '../support/runs.js';

const ITEMS = 40;
const SLOTS = 2;
/** A run on one host lasts long enough for a further command to start in the middle of it. */
const SERVICE_MS = 300;
const HOSTS = 7;
/** Of the last host, whose run lasts until another one has come and gone. */
const SLOW_MS = 1_500;

let on: RedisStage;
let runs: readonly RedisRun[];
beforeAll(async () => {
  const host = { slots: SLOTS, serviceMs: SERVICE_MS };
  const hosts = Array.from({ length: HOSTS }, (_, at) => (at === HOSTS - 1 ? { ...host, serviceMs: SLOW_MS } : host));
  on = await startRedisStage({ items: ITEMS, hosts });
  const opened: RedisRun[] = [];
  for (let at = 0; at < 5; at += 1) opened.push(await on.run());
  runs = opened;
});
afterAll(async () => {
  for (const run of runs) await run[Symbol.asyncDispose]();
  await on[Symbol.asyncDispose]();
});

const asksAt = async (host: number): Promise<number> => (await on.stage.ollama.stats())[host]?.asks ?? 0;
const urlOf = (host: number): string => on.stage.ollama.urls[host] ?? '';
const asked = (host: number): Promise<void> => until(async () => (await asksAt(host)) >= 4, 'questions', 60_000);

function runAt(index: number): RedisRun {
  const run = runs[index];
  if (run === undefined) throw new Error(`Expected a run ${index}`);
  return run;
}

async function endsWell(run: RedisRun, coordinator: CliProcess): Promise<void> {
  expect(await coordinator.end).toMatchObject({ code: 0 });
  expect(await sameRows(run.output)).toEqual(on.expected);
}

describe.concurrent('while a run is served', { timeout: 120_000 }, () => {
  it('hosts are those of the hosts file as it is now', async () => {
    const run = runAt(0);
    const file = on.stage.folder.at('hosts.yaml');
    await writeFile(file, `- ${urlOf(0)},slots=${SLOTS}\n`);
    const coordinator = run.coordinator();
    const worker = on.stage.cli(['worker', ...run.redisFlags, '--hosts-file', file, '--exit-when-idle', '10s']);
    await asked(0);
    await writeFile(file, `- ${urlOf(1)},slots=${SLOTS}\n`);
    worker.kill('SIGHUP');
    await endsWell(run, coordinator);
    expect(await asksAt(0)).toBeLessThan(ITEMS);
    expect(await asksAt(1)).toBeGreaterThan(0);
    expect(await worker.end).toMatchObject({ code: 0, stderr: expect.stringContaining('--exit-when-idle') });
  });

  it('a host takes nothing while it is drained, and again when it is resumed', async () => {
    const run = runAt(1);
    await run.worker(2);
    const coordinator = run.coordinator();
    await asked(2);
    await on.stage.ollama.fault(2, { outcome: { kind: 'busy' } }); // the run cannot end before the order has come
    const order = (word: string) => on.stage.cli(['hosts', word, urlOf(2), ...run.redisFlags]).end;
    expect(await order('drain')).toMatchObject({ code: 0 });
    const listed = async () => (await on.stage.cli(['hosts', ...run.redisFlags, '--json']).end).stdout;
    await until(async () => (await listed()).includes('"resting"'), 'the host at rest');
    await on.stage.ollama.clearFaults();
    const asksAtRest = await asksAt(2);
    expect(await order('resume')).toMatchObject({ code: 0 });
    await endsWell(run, coordinator);
    expect(await asksAt(2)).toBeGreaterThan(asksAtRest);
  });

  it('a host that is added by order is served by a worker that did not name it', async () => {
    const run = runAt(2);
    await run.worker(3);
    const added = on.stage.cli(['hosts', 'add', `${urlOf(4)},slots=${SLOTS}`, ...run.redisFlags]);
    expect(await added.end).toMatchObject({ code: 0 });
    await endsWell(run, run.coordinator());
    expect(await asksAt(4)).toBeGreaterThan(0);
  });

  it('a host that several workers name never has more questions open than slots', async () => {
    const run = runAt(3);
    const host = ['--host', `${urlOf(5)},slots=${SLOTS},ahead=0`];
    const workers = [1, 2].map(() => on.stage.cli(['worker', ...run.redisFlags, ...host]));
    await Promise.all(workers.map((worker) => worker.says(/waits for runs/)));
    await endsWell(run, run.coordinator());
    const requests = await on.stage.ollama.requests(5);
    const questions = requests.filter(({ isTrial, lines, path }) => path === '/api/chat' && !isTrial && lines > 1);
    expect(questions.length).toBe(ITEMS);
    expect(mostAtOnce(questions)).toBeLessThanOrEqual(SLOTS);
  });

  it('a run of higher priority goes first, though it came later', async () => {
    const run = runAt(4);
    await run.worker(6);
    const patient = run.coordinator();
    await asked(6);
    const urgent = run.coordinatorOf('urgent.jsonl', '--priority', '5', '--limit', '6');
    await patient.says(/Waiting for its turn \(run .* is served first\)/);
    expect(await urgent.end).toMatchObject({ code: 0 });
    expect(patient.child.exitCode).toBeNull();
    await endsWell(run, patient);
  });
});

/** The most requests that were open in one moment. */
function mostAtOnce(requests: readonly { readonly at: number; readonly endedAt: number | null }[]): number {
  const edges = requests.flatMap(({ at, endedAt }) => [
    { atMs: at, by: 1 },
    { atMs: endedAt ?? Number.POSITIVE_INFINITY, by: -1 },
  ]);
  let [open, most] = [0, 0];
  for (const { by } of edges.sort((a, b) => a.atMs - b.atMs || a.by - b.by)) {
    open += by;
    most = Math.max(most, open);
  }
  return most;
}
