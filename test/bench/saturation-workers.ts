import { startRedis } from '../support/redis.js';
import type { BenchOptions, BenchResult } from './bench.js';
import { asTheyAre, busyShare, type Load } from './busy-share.js';
import { dealt, startWorkers } from './worker-processes.js';

type Deal = (hosts: readonly string[]) => readonly (readonly string[])[];

/** Eight equal hosts, a coordinator that asks none, and worker processes that share the hosts out among them. */
export async function saturationWorkers(options: BenchOptions): Promise<readonly BenchResult[]> {
  const load = loadOf(options);
  const results: BenchResult[] = [];
  for (const processes of [1, 2, 4]) {
    results.push(await shareOf(load, `saturation, workers ${processes}`, (hosts) => dealt(hosts, processes)));
  }
  return results;
}

/** The same with two worker processes that name all hosts and share each one's slots. */
export async function saturationShared(options: BenchOptions): Promise<readonly BenchResult[]> {
  return [await shareOf(loadOf(options), 'saturation, workers 2 with the same hosts', (hosts) => [hosts, hosts])];
}

function loadOf({ quick }: BenchOptions): Load {
  return { serviceMs: Array.from({ length: 8 }, () => 200), items: quick ? 1_600 : 6_400 };
}

async function shareOf(load: Load, name: string, deal: Deal): Promise<BenchResult> {
  await using redis = await startRedis();
  return await busyShare(load, {
    goal: { name, reach: 0.97 },
    ...asTheyAre(load),
    serve: async (hosts, cwd) => {
      const workers = await startWorkers({ cwd, redisUrl: redis.url, hosts: deal(hosts) });
      return { flags: ['--redis', redis.url], [Symbol.asyncDispose]: () => workers[Symbol.asyncDispose]() };
    },
  });
}
