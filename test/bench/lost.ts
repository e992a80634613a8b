import { setTimeout as sleep } from 'node:timers/promises';
import { CLI } from '../support/cli.js';
import { type TestFolder, testFolder } from '../support/images.js';
import type { HostStats, PowerState } from '../support/ollama/control.js';
import { type OllamaProcess, startOllamaProcess } from '../support/ollama/process.js';
import { startRedis } from '../support/redis.js';
import { readRows } from '../support/rows.js';
import { asksOf } from '../support/runs.js';
import { MODEL } from './bare-ask.js';
import type { BenchOptions, BenchResult } from './bench.js';
import { costOfProgram } from './costly.js';
import { PAGES, writeJpegs } from './jpegs.js';

const HOSTS = 8;
const SLOTS = 4;
const SERVICE_MS = 200;
/** Asked before the figures begin, when everything is warm, and before the host is lost. */
const WARM = 400;
const BEFORE = 1_600;
/** Looking costs the servers time that they need for answers. */
const LOOK_EVERY_MS = 250;

/** How the last host is lost, and what that is called. */
interface Loss {
  readonly name: string;
  readonly state: PowerState;
  readonly images: number;
  readonly onRedis: boolean;
}

/** One of eight hosts is lost for good: how much less than before the other seven then answer, in seconds of a host's rate. */
export async function lost({ quick }: BenchOptions): Promise<readonly BenchResult[]> {
  const killed = { name: 'a host killed', state: 'killed', images: 3_000 } as const;
  // long enough for what the silent host held to come back while the others are busy
  const silent = { name: 'a host without power', state: 'off', images: 4_600 } as const;
  const onMemory = [{ ...killed, onRedis: false }, ...(quick ? [] : [{ ...silent, onRedis: false }])];
  const onRedis = [{ ...killed, onRedis: true }, ...(quick ? [] : [{ ...silent, onRedis: true }])];
  const results: BenchResult[] = [];
  for (const loss of [...onMemory, ...onRedis]) results.push(await measure(loss));
  return results;
}

async function measure(loss: Loss): Promise<BenchResult> {
  if (!loss.onRedis) return await lose(loss, []);
  await using redis = await startRedis();
  return await lose(loss, ['--redis', redis.url]);
}

async function lose({ name, state, images, onRedis }: Loss, flags: readonly string[]): Promise<BenchResult> {
  await using folder = await testFolder();
  await writeJpegs(folder.at('scans'), { ...PAGES, count: images });
  const host = { models: [{ name: MODEL }], slots: SLOTS, chunks: 30, serviceMs: SERVICE_MS, fast: true };
  await using servers = await startOllamaProcess({ hosts: Array.from({ length: HOSTS }, () => host) });
  const hosts = servers.urls.flatMap((url) => ['--host', `${url},slots=${SLOTS},ahead=1`]);
  const args = [CLI, 'ocr', 'scans', '-o', 'out.jsonl', '--model', MODEL, '--pixels', 'as-is', ...hosts, ...flags];
  const running = costOfProgram(args, folder.path);
  const failed = running.then(() => Promise.reject(new Error('Expected the run to last longer')));
  failed.catch(() => {}); // raced below
  const warm = await Promise.race([survivorsAt(servers, WARM), failed]);
  const before = await Promise.race([survivorsAt(servers, BEFORE), failed]);
  await servers.power(HOSTS - 1, state);
  await running;
  await mustBeComplete(folder, images);
  const after = survivorsOf(await servers.stats(), null);
  const lastMs = after.atMs - before.atMs - SERVICE_MS; // the slots empty one by one at the end
  const busySlotsBefore = (before.busySlotMs - warm.busySlotMs) / (before.atMs - warm.atMs);
  const missedSlotMs = busySlotsBefore * lastMs - (after.busySlotMs - before.busySlotMs);
  return {
    name: `${name}, ${onRedis ? 'bullmq' : 'memory'}`,
    ratio: missedSlotMs / SLOTS / 1_000,
    reach: 2,
    better: 'lower',
    detail: {
      images,
      'busy before': (busySlotsBefore / SLOTS / (HOSTS - 1)).toFixed(3),
      'items lost': 0,
      'rows doubled': 0,
      'seconds after the loss': Math.round(lastMs / 1_000),
    },
  };
}

/** Busy slot-time of all hosts but the last, and when it was read. */
interface Survivors {
  readonly busySlotMs: number;
  readonly atMs: number;
}

async function survivorsAt(servers: OllamaProcess, asks: number): Promise<Survivors> {
  while ((await asksOf(servers)) < asks) await sleep(LOOK_EVERY_MS);
  return survivorsOf(await servers.stats(), Date.now());
}

/** At their last answer where no time is given: then they have been idle since. */
function survivorsOf(stats: readonly HostStats[], atMs: number | null): Survivors {
  const survivors = stats.slice(0, HOSTS - 1);
  const lastMs = Math.max(...survivors.map(({ lastAnswerAt }) => lastAnswerAt ?? 0));
  return { busySlotMs: survivors.reduce((sum, each) => sum + each.busySlotMs, 0), atMs: atMs ?? lastMs };
}

/** Every item one row. */
async function mustBeComplete(folder: TestFolder, images: number): Promise<void> {
  const rows = await readRows(folder.at('out.jsonl'));
  const ids = new Set(rows.filter(({ status }) => status === 'ok').map(({ id }) => id));
  if (rows.length === images && ids.size === images) return;
  throw new Error(`Expected ${images} rows, each of an item of its own, got ${rows.length} of ${ids.size} items`);
}
