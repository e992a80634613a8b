import { fileURLToPath } from 'node:url';
import { testFolder } from '../support/images.js';
import { startRedis, withClient } from '../support/redis.js';
import type { BenchOptions, BenchResult } from './bench.js';
import { costOfProgram, type ProgramCost } from './costly.js';
import { writeJpegs } from './jpegs.js';

const STUB_RUN = fileURLToPath(new URL('./stub-run.js', import.meta.url));
const FEW = 10_000;
const MEGABYTE = 1024 * 1024;

/** Memory of a whole run with an engine of its own, many items ÷ few: the peak, and what of its heap is in use. */
export async function memory({ quick }: BenchOptions): Promise<readonly BenchResult[]> {
  const many = quick ? 100_000 : 1_000_000;
  return [
    ...(await flatness('memory in folders', many, many / 1_000)),
    ...(await flatness('memory in one folder', many, null)),
    await redisPeak(quick ? FEW : 10 * FEW),
  ];
}

async function flatness(name: string, many: number, aFolder: number | null): Promise<readonly BenchResult[]> {
  const few = await costOf(FEW, aFolder);
  const lots = await costOf(many, aFolder);
  const figure = (what: string, of: (cost: ProgramCost) => number): BenchResult => ({
    name: `${name}, ${what}`,
    ratio: of(lots) / of(few),
    reach: 1.5,
    better: 'lower',
    detail: {
      [`MB at ${FEW} items`]: Math.round(of(few) / MEGABYTE),
      [`MB at ${many} items`]: Math.round(of(lots) / MEGABYTE),
      'items/s': Math.round((many / lots.wallMs) * 1000),
    },
  });
  return [
    figure('peak', ({ peakAnonBytes }) => peakAnonBytes),
    figure('heap held', ({ heldHeapBytes }) => heldHeapBytes),
  ];
}

async function costOf(count: number, aFolder: number | null): Promise<ProgramCost> {
  await using folder = await testFolder();
  await writeJpegs(folder.at('scans'), { count, aFolder, bytes: 700 });
  return await costOfProgram([STUB_RUN, 'scans', 'out.jsonl'], folder.path);
}

/** What Redis held at most, in megabytes, by its own account. */
async function redisPeak(count: number): Promise<BenchResult> {
  await using folder = await testFolder();
  await using redis = await startRedis();
  await writeJpegs(folder.at('scans'), { count, aFolder: 1_000, bytes: 700 });
  const { peakAnonBytes } = await costOfProgram([STUB_RUN, 'scans', 'out.jsonl', redis.url], folder.path);
  const info = await withClient(redis.url, (client) => client.info('memory'));
  return {
    name: 'memory of Redis, MB',
    ratio: Number(/^used_memory_peak:(\d+)/m.exec(info)?.[1]) / MEGABYTE,
    reach: 64,
    better: 'lower',
    detail: { items: count, 'MB of the run': Math.round(peakAnonBytes / MEGABYTE) },
  };
}
