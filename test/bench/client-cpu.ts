import { fileURLToPath } from 'node:url';
import { testFolder } from '../support/images.js';
import { startOllamaProcess } from '../support/ollama/process.js';
import { startRedis } from '../support/redis.js';
import { MODEL } from './bare-ask.js';
import { type BenchOptions, type BenchResult, median } from './bench.js';
import { costOfProgram, costOfRun } from './costly.js';
import { FIRST_JPEG, PAGES, writeJpegs } from './jpegs.js';

const SLOTS = 4;
const BARE_LOOP = fileURLToPath(new URL('./bare-loop.js', import.meta.url));

/** What the parts of one round have in common. */
interface Bed {
  readonly cwd: string;
  readonly url: string;
  readonly images: number;
  readonly redisUrl: string;
}

/**
 * CPU time of a whole run for one image, from the start of the process to its end ÷ that of a program which reads the
 * file, encodes base64 and JSON, sends with undici.request and reads the answer.
 */
export async function clientCpu({ quick }: BenchOptions): Promise<readonly BenchResult[]> {
  await using folder = await testFolder();
  await using redis = await startRedis();
  await using servers = await startOllamaProcess({
    hosts: [{ models: [{ name: MODEL }], slots: SLOTS, chunks: 30, serviceMs: 10, fast: true }],
  });
  const bed = { cwd: folder.path, url: servers.urls[0] ?? '', images: quick ? 1_000 : 4_000, redisUrl: redis.url };
  await writeJpegs(folder.at('scans'), { ...PAGES, count: bed.images });
  const rounds: Record<'bare' | 'memory' | 'bullmq', number>[] = [];
  for (let round = 0; round < (quick ? 1 : 3); round += 1) {
    // interleaved, so that a busy moment of the machine meets all of them
    rounds.push({
      bare: await bareMs(bed),
      memory: await ourMs(bed, []),
      bullmq: await ourMs(bed, ['--redis', bed.redisUrl]),
    });
  }
  const result = (queue: 'memory' | 'bullmq', reach: number): BenchResult => ({
    name: `client-cpu ${queue}`,
    ratio: median(rounds.map((round) => round[queue] / round.bare)),
    reach,
    better: 'lower',
    detail: {
      'ours, ms an image': median(rounds.map((round) => round[queue])).toFixed(2),
      'bare, ms an image': median(rounds.map(({ bare }) => bare)).toFixed(2),
    },
  });
  return [result('memory', 1.9), result('bullmq', 2.3)];
}

async function bareMs({ cwd, url, images }: Bed): Promise<number> {
  const args = [BARE_LOOP, url, FIRST_JPEG, String(images), String(SLOTS + 1)];
  return (await costOfProgram(args, `${cwd}/scans`)).cpuMs / images;
}

async function ourMs({ cwd, url, images }: Bed, flags: readonly string[]): Promise<number> {
  const host = `${url},slots=${SLOTS},ahead=1`;
  const args = [
    'ocr',
    'scans',
    '-o',
    'out.jsonl',
    '--fresh',
    '--overwrite',
    '--model',
    MODEL,
    '--pixels',
    'as-is',
    '--host',
    host,
    ...flags,
  ];
  return (await costOfRun(args, cwd)).cpuMs / images;
}
