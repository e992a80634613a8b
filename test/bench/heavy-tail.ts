import { testFolder } from '../support/images.js';
import { startOllamaProcess } from '../support/ollama/process.js';
import { serviceFactor } from '../support/ollama/service-time.js';
import { isAnswer, type RequestLog } from './asks.js';
import { MODEL } from './bare-ask.js';
import type { BenchOptions, BenchResult } from './bench.js';
import { windowOf } from './busy-share.js';
import { costOfRun } from './costly.js';
import { writeDistinct } from './jpegs.js';
import { listMakespanMs } from './makespan.js';

const HOSTS = 8;
const SLOTS = 4;
const MEDIAN_MS = 200;
/** The 99th percentile is twenty times the median. */
const SIGMA = Math.log(20) / 2.326;

/**
 * Times that differ as those of real pages do, log-normal. Measured against list scheduling: the same images in the order
 * in which they were asked about, each begun on whichever slot is free first, without a moment between two of them.
 * Nobody who does not know the times beforehand can do better in that order.
 */
export async function heavyTail({ quick }: BenchOptions): Promise<readonly BenchResult[]> {
  const images = quick ? 800 : 3_200;
  await using folder = await testFolder();
  await writeDistinct(folder.at('scans'), images);
  const host = { models: [{ name: MODEL }], slots: SLOTS, chunks: 30, fast: true };
  await using servers = await startOllamaProcess({
    hosts: Array.from({ length: HOSTS }, () => ({ ...host, serviceMs: MEDIAN_MS, serviceSigma: SIGMA })),
  });
  const hosts = servers.urls.flatMap((url) => ['--host', `${url},slots=${SLOTS},ahead=1`]);
  await costOfRun(['ocr', 'scans', '-o', 'out.jsonl', '--model', MODEL, '--pixels', 'as-is', ...hosts], folder.path);
  const logs = (await Promise.all(servers.urls.map((_, index) => servers.requests(index)))).flat();
  const { firstMs, lastMs } = windowOf(await servers.stats());
  const tookMs = lastMs - firstMs;
  const times = logs
    .filter(isAnswer)
    .toSorted((a, b) => a.at - b.at)
    .map(serviceMsOf);
  const slots = HOSTS * SLOTS;
  const totalMs = times.reduce((sum, ms) => sum + ms, 0);
  const leastMs = Math.max(totalMs / slots, ...times);
  const longestFirst = times.toSorted((a, b) => b - a);
  return [
    {
      name: 'heavy-tail',
      ratio: listMakespanMs(times, slots) / tookMs,
      reach: 0.95,
      better: 'higher',
      detail: {
        images,
        seconds: Math.round(tookMs / 1000),
        'longest image, s': (Math.max(...times) / 1000).toFixed(1),
        'of the longest first': (listMakespanMs(longestFirst, slots) / tookMs).toFixed(3),
        'of max(sum ÷ slots, longest)': (leastMs / tookMs).toFixed(3),
      },
    },
  ];
}

function serviceMsOf(log: RequestLog): number {
  const { messages = [] } = (log.body ?? {}) as { readonly messages?: readonly { readonly images?: string[] }[] };
  const [image = null] = messages.flatMap(({ images = [] }) => images);
  return MEDIAN_MS * serviceFactor(image, SIGMA);
}
