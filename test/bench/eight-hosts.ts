import { setTimeout as sleep } from 'node:timers/promises';
import { CLI } from '../support/cli.js';
import { type TestFolder, testFolder } from '../support/images.js';
import type { HostStats } from '../support/ollama/control.js';
import { type OllamaProcess, startOllamaProcess } from '../support/ollama/process.js';
import { startRedis } from '../support/redis.js';
import { readRows } from '../support/rows.js';
import { asksOf } from '../support/runs.js';
import { MODEL } from './bare-ask.js';
import { costOfProgram } from './costly.js';
import { PAGES, writeJpegs } from './jpegs.js';

const HOSTS = 8;
/** The host that is lost. */
export const LOST = HOSTS - 1;
export const SLOTS = 4;
export const SERVICE_MS = 200;
/** Asked before the figures begin, when everything is warm, and before the host is lost. */
const WARM = 400;
const BEFORE = 1_600;
/** Looking costs the servers time that they need for answers. */
const LOOK_EVERY_MS = 250;

export interface EightHostsOptions {
  readonly images: number;
  readonly onRedis: boolean;
}

/** Busy slot-time of all hosts but the lost one, and when it was read. */
export interface Survivors {
  readonly busySlotMs: number;
  readonly atMs: number;
}

/** A run on eight hosts that is warm and about half through, so that the last host may be lost. */
export interface RunOnEight {
  readonly servers: OllamaProcess;
  /** At the moment when the host may be lost. */
  readonly before: Survivors;
  /** Slots that the survivors kept busy until then, on average. */
  readonly busySlots: number;
  survivors(): Promise<Survivors>;
  /** Waits for the end, checks that every item has one row, and tells of the survivors at their last answer. */
  finish(): Promise<Survivors>;
}

/** Starts a run on eight hosts, and hands it over when the last host may be lost. */
export async function onEightHosts<T>(options: EightHostsOptions, use: (run: RunOnEight) => Promise<T>): Promise<T> {
  if (!options.onRedis) return await start(options, [], use);
  await using redis = await startRedis();
  return await start(options, ['--redis', redis.url], use);
}

async function start<T>(
  { images }: EightHostsOptions,
  flags: readonly string[],
  use: (run: RunOnEight) => Promise<T>,
): Promise<T> {
  await using folder = await testFolder();
  await writeJpegs(folder.at('scans'), { ...PAGES, count: images });
  const host = { models: [{ name: MODEL }], slots: SLOTS, chunks: 30, serviceMs: SERVICE_MS, fast: true };
  await using servers = await startOllamaProcess({ hosts: Array.from({ length: HOSTS }, () => host) });
  const hosts = servers.urls.flatMap((url) => ['--host', `${url},slots=${SLOTS},ahead=1`]);
  const args = [CLI, 'ocr', 'scans', '-o', 'out.jsonl', '--model', MODEL, '--pixels', 'as-is', ...hosts, ...flags];
  const running = costOfProgram(args, folder.path);
  const ended = running.then(() => Promise.reject(new Error('Expected the run to last longer')));
  ended.catch(() => {}); // raced below
  const warm = await Promise.race([survivorsAfter(servers, WARM), ended]);
  const before = await Promise.race([survivorsAfter(servers, BEFORE), ended]);
  return await use({
    servers,
    before,
    busySlots: (before.busySlotMs - warm.busySlotMs) / (before.atMs - warm.atMs),
    survivors: async () => survivorsOf(await servers.stats(), Date.now()),
    finish: async () => {
      await running;
      await mustBeComplete(folder, images);
      return survivorsOf(await servers.stats(), null);
    },
  });
}

/** What the survivors missed in a time in which they could have been as busy as before, in seconds of a host's rate. */
export function missedSecs({ busySlots, before }: RunOnEight, until: Survivors): number {
  const missedSlotMs = busySlots * (until.atMs - before.atMs) - (until.busySlotMs - before.busySlotMs);
  return missedSlotMs / SLOTS / 1_000;
}

/** How much of their slots the survivors kept busy before. */
export function busyShareOf({ busySlots }: RunOnEight): string {
  return (busySlots / SLOTS / (HOSTS - 1)).toFixed(3);
}

async function survivorsAfter(servers: OllamaProcess, asks: number): Promise<Survivors> {
  while ((await asksOf(servers)) < asks) await sleep(LOOK_EVERY_MS);
  return survivorsOf(await servers.stats(), Date.now());
}

/** At their last answer where no time is given: then they have been idle since. */
function survivorsOf(stats: readonly HostStats[], atMs: number | null): Survivors {
  const survivors = stats.slice(0, LOST);
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
