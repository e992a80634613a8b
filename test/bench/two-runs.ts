import { startCli } from '../support/cli.js';
import { testFolder } from '../support/images.js';
import { startOllamaProcess } from '../support/ollama/process.js';
import { startRedis } from '../support/redis.js';
import { readRows } from '../support/rows.js';
import { endsWith, untilAsked } from '../support/runs.js';
import type { BenchOptions, BenchResult } from './bench.js';
import { PAGES, writeJpegs } from './jpegs.js';
import { startWorkers } from './worker-processes.js';

const HOSTS = 4;
const SLOTS = 2;
const SERVICE_MS = 200;
/** Questions of the first run before the second one is started. */
const HEAD_START = 40;

/**
 * Two runs with two models on four hosts that hold one model at a time, and two worker processes that name all four: how
 * often a host changes its model. Once the second run waits for the first, once it goes first by its priority.
 */
export async function twoRuns({ quick }: BenchOptions): Promise<readonly BenchResult[]> {
  const images = quick ? 600 : 1_200;
  return [
    await switchesOf(images, { name: 'two runs', flags: [] }),
    await switchesOf(images, { name: 'two runs, the later one first', flags: ['--priority', '1'] }),
  ];
}

async function switchesOf(
  images: number,
  { name, flags }: { readonly name: string; readonly flags: readonly string[] },
): Promise<BenchResult> {
  await using folder = await testFolder();
  await using redis = await startRedis();
  await writeJpegs(folder.at('scans'), { ...PAGES, count: images });
  const models = [{ name: 'first' }, { name: 'second' }];
  const host = { models, maxLoadedModels: 1, loadMs: 500, slots: SLOTS, chunks: 30, serviceMs: SERVICE_MS, fast: true };
  await using servers = await startOllamaProcess({ hosts: Array.from({ length: HOSTS }, () => host) });
  const hosts = servers.urls.map((url) => `${url},slots=${SLOTS}`);
  await using _workers = await startWorkers({ cwd: folder.path, redisUrl: redis.url, hosts: [hosts, hosts] });
  const common = ['--pixels', 'as-is', '--redis', redis.url];
  const run = (model: string, more: readonly string[]) =>
    startCli(['ocr', 'scans', '-o', `${model}.jsonl`, '--model', model, ...common, ...more], { cwd: folder.path });
  const startedMs = performance.now();
  await using first = run('first', []);
  await untilAsked(servers, HEAD_START, first);
  await using second = run('second', flags);
  await Promise.all([endsWith(0, first), endsWith(0, second)]);
  const seconds = Math.round((performance.now() - startedMs) / 1_000);
  for (const { name: model } of models) await mustBeWhole(folder.at(`${model}.jsonl`), images);
  const loads = (await servers.stats()).map((host) => host.loads);
  const switches = loads.map(switchesIn);
  return {
    name,
    ratio: Math.max(...switches),
    reach: 2,
    better: 'lower',
    detail: { 'models of each host': loads.map((models) => models.join(' ')).join(', '), images: 2 * images, seconds },
  };
}

/** A model that is loaded again is no switch. */
function switchesIn(loads: readonly string[]): number {
  return loads.filter((model, n) => n > 0 && model !== loads[n - 1]).length;
}

async function mustBeWhole(file: string, images: number): Promise<void> {
  const rows = (await readRows(file)).filter(({ status }) => status === 'ok');
  if (rows.length !== images) throw new Error(`Expected ${images} rows in ${file}, got ${rows.length}`);
}
