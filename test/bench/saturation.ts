import { testFolder } from '../support/images.js';
import type { HostStats } from '../support/ollama/control.js';
import { startOllamaProcess } from '../support/ollama/process.js';
import { startRedis } from '../support/redis.js';
import type { BenchOptions, BenchResult } from './bench.js';
import { costOfRun } from './costly.js';
import { aPhoto, PAGES, writeJpegs, writeOften } from './jpegs.js';

const SLOTS = 4;
const MODEL = 'tiny';

/** How long a slot of each host takes for an answer, and how many images there are. */
interface Load {
  readonly serviceMs: readonly number[];
  readonly items: number;
}

/** Eight equal hosts. */
export async function saturation({ quick }: BenchOptions): Promise<readonly BenchResult[]> {
  const load = { serviceMs: Array.from({ length: 8 }, () => 200), items: quick ? 1_600 : 6_400 };
  return [
    await onMemory(load, { name: 'saturation memory', reach: 0.98 }),
    await onRedis(load, { name: 'saturation bullmq', reach: 0.97 }),
  ];
}

/** Eight hosts, the slowest of which takes eight times as long as the fastest. */
export async function unequal({ quick }: BenchOptions): Promise<readonly BenchResult[]> {
  const load = { serviceMs: Array.from({ length: 8 }, (_, host) => 100 * (host + 1)), items: quick ? 1_600 : 6_400 };
  return [
    await onMemory(load, { name: 'unequal memory', reach: 0.97 }),
    await onRedis(load, { name: 'unequal bullmq', reach: 0.97 }),
  ];
}

/** A hundred hosts served by one process. */
export async function fleet({ quick }: BenchOptions): Promise<readonly BenchResult[]> {
  const load = { serviceMs: Array.from({ length: 100 }, () => 2_500), items: quick ? 2_000 : 4_000 };
  return [
    await onMemory(load, { name: 'fleet memory', reach: 0.96 }),
    await onRedis(load, { name: 'fleet bullmq', reach: 0.96 }),
  ];
}

/** Four hosts that take 40 images a second, JPEGs of a megapixel that are decoded, made smaller and encoded. */
export async function decoding({ quick }: BenchOptions): Promise<readonly BenchResult[]> {
  const load = { serviceMs: [400, 400, 400, 400], items: quick ? 400 : 2_000 };
  const photo = await aPhoto(1200, 850);
  return [
    await busyShare(load, {
      goal: { name: 'decoding', reach: 0.98 },
      fill: (folder) => writeOften(folder, photo, { count: load.items, aFolder: PAGES.aFolder }),
      flags: ['--max-side', '1000'],
    }),
  ];
}

type Goal = Pick<BenchResult, 'name' | 'reach'>;

/** What a load is measured with. */
interface Measured {
  readonly goal: Goal;
  readonly fill: (folder: string) => Promise<void>;
  readonly flags: readonly string[];
}

function onMemory(load: Load, goal: Goal): Promise<BenchResult> {
  return busyShare(load, { goal, ...asTheyAre(load, []) });
}

function asTheyAre({ items }: Load, flags: readonly string[]): Omit<Measured, 'goal'> {
  return {
    fill: (folder) => writeJpegs(folder, { ...PAGES, count: items }),
    flags: ['--pixels', 'as-is', ...flags],
  };
}

async function onRedis(load: Load, goal: Goal): Promise<BenchResult> {
  await using redis = await startRedis();
  return await busyShare(load, { goal, ...asTheyAre(load, ['--redis', redis.url]) });
}

/**
 * Busy slot-time as the servers integrate it ÷ (slots × time from the first request to the last answer, less one service
 * time): the share of its slots that a run keeps busy.
 */
async function busyShare(load: Load, { goal, fill, flags }: Measured): Promise<BenchResult> {
  await using folder = await testFolder();
  await fill(folder.at('scans'));
  const host = { models: [{ name: MODEL }], slots: SLOTS, chunks: 30, fast: true };
  await using servers = await startOllamaProcess({
    hosts: load.serviceMs.map((serviceMs) => ({ ...host, serviceMs })),
  });
  const hosts = servers.urls.flatMap((url) => ['--host', `${url},slots=${SLOTS},ahead=1`]);
  const args = ['ocr', 'scans', '-o', 'out.jsonl', '--model', MODEL, ...hosts, ...flags];
  const { cpuMs } = await costOfRun(args, folder.path);
  const stats = await servers.stats();
  const asks = stats.reduce((sum, each) => sum + each.asks, 0);
  const window = windowMs(stats) - Math.max(...load.serviceMs);
  return {
    ...goal,
    better: 'higher',
    ratio: stats.reduce((sum, { busySlotMs }) => sum + busySlotMs, 0) / (SLOTS * stats.length * window),
    detail: {
      images: load.items,
      asks,
      seconds: Math.round(window / 1000),
      'CPU ms an image': (cpuMs / load.items).toFixed(2),
    },
  };
}

function windowMs(stats: readonly HostStats[]): number {
  const first = Math.min(...stats.map(({ firstRequestAt }) => firstRequestAt ?? Number.POSITIVE_INFINITY));
  const last = Math.max(...stats.map(({ lastAnswerAt }) => lastAnswerAt ?? 0));
  return last - first;
}
