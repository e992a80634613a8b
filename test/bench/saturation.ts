import { startRedis } from '../support/redis.js';
import type { BenchOptions, BenchResult } from './bench.js';
import { asTheyAre, busyShare, type Load, type Measured, servedByTheRun } from './busy-share.js';
import { aPhoto, PAGES, writeOften } from './jpegs.js';

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
      serve: (hosts) => servedByTheRun(hosts, null),
    }),
  ];
}

function onMemory(load: Load, goal: Measured['goal']): Promise<BenchResult> {
  return busyShare(load, { goal, ...asTheyAre(load), serve: (hosts) => servedByTheRun(hosts, null) });
}

async function onRedis(load: Load, goal: Measured['goal']): Promise<BenchResult> {
  await using redis = await startRedis();
  return await busyShare(load, { goal, ...asTheyAre(load), serve: (hosts) => servedByTheRun(hosts, redis.url) });
}
