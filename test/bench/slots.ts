import { testFolder } from '../support/images.js';
import { startOllamaProcess } from '../support/ollama/process.js';
import { isAsk, type RequestLog } from './asks.js';
import { MODEL } from './bare-ask.js';
import type { BenchOptions, BenchResult } from './bench.js';
import { windowOf } from './busy-share.js';
import { costOfRun } from './costly.js';
import { PAGES, writeJpegs } from './jpegs.js';

const SERVICE_MS = 400;
const AHEAD = 1;

/** Hosts whose slots nobody names. */
interface Unnamed {
  readonly name: string;
  readonly family: string;
  /** OLLAMA_NUM_PARALLEL of each host. */
  readonly parallel: readonly number[];
  /** What of it the model's family gets. */
  readonly slots: readonly number[];
  readonly images: number;
}

/** What a run looked like from its hosts. */
interface Seen {
  /** Slots that each host was taken to have. */
  readonly slots: readonly number[];
  /** The longest that a host was looked at before its first question. */
  readonly searchMs: number;
  readonly windowMs: number;
  readonly wallMs: number;
}

/** `--host URL` alone on hosts of 1, 2, 4 and 8 slots, and on hosts whose model gets one slot whatever they are set to. */
export async function slots({ quick }: BenchOptions): Promise<readonly BenchResult[]> {
  const several = [1, 2, 4, 8];
  const open = { name: 'slots', family: 'llama', parallel: several, slots: several, images: quick ? 800 : 3_000 };
  const single = { name: 'slots, forced to one', family: 'qwen3vl', parallel: [4, 8], slots: [1, 1], images: 100 };
  return [...(await compare(open)), ...(await compare({ ...single, images: quick ? 100 : 300 }))];
}

async function compare(unnamed: Unnamed): Promise<readonly BenchResult[]> {
  const found = await runOn(unnamed, () => '');
  const best = await runOn(unnamed, (host) => `,slots=${unnamed.slots[host]},ahead=${AHEAD}`);
  const right = found.slots.filter((each, host) => each === unnamed.slots[host]).length;
  return [
    {
      name: `${unnamed.name}: hosts found right`,
      ratio: right / found.slots.length,
      reach: 1,
      better: 'higher',
      detail: { found: found.slots.join(' '), true: unnamed.slots.join(' ') },
    },
    {
      name: `${unnamed.name}: search, s`,
      ratio: found.searchMs / 1_000,
      reach: 5,
      better: 'lower',
      detail: { 'where slots are named, s': (best.searchMs / 1_000).toFixed(1) },
    },
    {
      name: `${unnamed.name}: speed of the best that is named`,
      ratio: best.windowMs / found.windowMs,
      reach: 0.98,
      better: 'higher',
      detail: {
        images: unnamed.images,
        seconds: Math.round(found.windowMs / 1_000),
        'whole run, start and search included': (best.wallMs / found.wallMs).toFixed(3),
      },
    },
  ];
}

async function runOn({ family, parallel, images }: Unnamed, settingsOf: (host: number) => string): Promise<Seen> {
  await using folder = await testFolder();
  await writeJpegs(folder.at('scans'), { ...PAGES, count: images });
  const host = { models: [{ name: MODEL, family }], chunks: 30, serviceMs: SERVICE_MS, fast: true };
  await using servers = await startOllamaProcess({ hosts: parallel.map((slots) => ({ ...host, slots })) });
  const hosts = servers.urls.flatMap((url, index) => ['--host', `${url}${settingsOf(index)}`]);
  const args = ['ocr', 'scans', '-o', 'out.jsonl', '--model', MODEL, '--pixels', 'as-is', ...hosts];
  const { wallMs } = await costOfRun(args, folder.path);
  const logs = await Promise.all(servers.urls.map((_, index) => servers.requests(index)));
  const { firstMs, lastMs } = windowOf(await servers.stats());
  return {
    slots: logs.map((of) => mostOpen(of.filter(isAsk)) - AHEAD),
    searchMs: Math.max(...logs.map(searchMsOf)),
    windowMs: lastMs - firstMs,
    wallMs,
  };
}

/** From the first request of all to the first question. */
function searchMsOf(logs: readonly RequestLog[]): number {
  return (logs.find(isAsk)?.at ?? Number.POSITIVE_INFINITY) - (logs[0]?.at ?? 0);
}

/** Most requests that were open at once. */
function mostOpen(logs: readonly RequestLog[]): number {
  const changes = logs.flatMap(({ at, endedAt }) => [
    { at, by: 1 },
    { at: endedAt ?? Number.POSITIVE_INFINITY, by: -1 },
  ]);
  let open = 0;
  let most = 0;
  for (const { by } of changes.toSorted((a, b) => a.at - b.at || a.by - b.by)) {
    open += by;
    most = Math.max(most, open);
  }
  return most;
}
