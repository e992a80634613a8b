import { testFolder } from '../support/images.js';
import type { HostStats } from '../support/ollama/control.js';
import { startOllamaProcess } from '../support/ollama/process.js';
import { MODEL } from './bare-ask.js';
import type { BenchResult } from './bench.js';
import { costOfRun } from './costly.js';
import { PAGES, writeJpegs } from './jpegs.js';

const SLOTS = 4;

/** How long a slot of each host takes for an answer, and how many images there are. */
export interface Load {
  readonly serviceMs: readonly number[];
  readonly items: number;
}

/** Who asks the hosts, and the flags of the run that go with it. */
export interface Serving extends AsyncDisposable {
  readonly flags: readonly string[];
}

/** What a load is measured with. */
export interface Measured {
  readonly goal: Pick<BenchResult, 'name' | 'reach'>;
  readonly fill: (folder: string) => Promise<void>;
  readonly flags: readonly string[];
  /** Given the hosts as `--host` takes them, and the folder of the run. */
  readonly serve: (hosts: readonly string[], cwd: string) => Promise<Serving>;
}

/** Images that are sent as they are. */
export function asTheyAre({ items }: Load): Pick<Measured, 'fill' | 'flags'> {
  return { fill: (folder) => writeJpegs(folder, { ...PAGES, count: items }), flags: ['--pixels', 'as-is'] };
}

/** The run's own process asks the hosts; where a Redis is given, its queue lies there. */
export async function servedByTheRun(hosts: readonly string[], redisUrl: string | null): Promise<Serving> {
  const redis = redisUrl === null ? [] : ['--redis', redisUrl];
  return { flags: [...hosts.flatMap((host) => ['--host', host]), ...redis], async [Symbol.asyncDispose]() {} };
}

/**
 * Busy slot-time as the servers integrate it ÷ (slots × time from the first request to the last answer, less one service
 * time): the share of its slots that a run keeps busy.
 */
export async function busyShare(load: Load, { goal, fill, flags, serve }: Measured): Promise<BenchResult> {
  await using folder = await testFolder();
  await fill(folder.at('scans'));
  const host = { models: [{ name: MODEL }], slots: SLOTS, chunks: 30, fast: true };
  await using servers = await startOllamaProcess({
    hosts: load.serviceMs.map((serviceMs) => ({ ...host, serviceMs })),
  });
  await using serving = await serve(
    servers.urls.map((url) => `${url},slots=${SLOTS},ahead=1`),
    folder.path,
  );
  const args = ['ocr', 'scans', '-o', 'out.jsonl', '--model', MODEL, ...flags, ...serving.flags];
  const { cpuMs } = await costOfRun(args, folder.path);
  const stats = await servers.stats();
  const asks = stats.reduce((sum, each) => sum + each.asks, 0);
  const window = windowOf(stats);
  const windowMs = window.lastMs - window.firstMs - Math.max(...load.serviceMs);
  return {
    ...goal,
    better: 'higher',
    ratio: stats.reduce((sum, { busySlotMs }) => sum + busySlotMs, 0) / (SLOTS * stats.length * windowMs),
    detail: {
      images: load.items,
      asks,
      seconds: Math.round(windowMs / 1000),
      'all hosts at work after s': ((window.allMs - window.firstMs) / 1000).toFixed(1),
      'CPU ms an image': (cpuMs / load.items).toFixed(2),
    },
  };
}

/** The first question of all, the one by which every host had one, and the last answer: milliseconds since the epoch. */
export function windowOf(stats: readonly HostStats[]): Record<'firstMs' | 'allMs' | 'lastMs', number> {
  const starts = stats.map(({ firstRequestAt }) => firstRequestAt ?? Number.POSITIVE_INFINITY);
  const lastMs = Math.max(...stats.map(({ lastAnswerAt }) => lastAnswerAt ?? 0));
  return { firstMs: Math.min(...starts), allMs: Math.max(...starts), lastMs };
}
