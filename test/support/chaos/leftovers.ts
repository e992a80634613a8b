import { readdir, readFile } from 'node:fs/promises';
import { withClient } from '../redis.js';
import { until } from '../runs.js';
import type { Arena } from './arena.js';

/** What outlives its holder lapses within this time: slots of a host, leases, the locks of jobs. */
const LAPSES_MS = 40_000;

/** What is left of a seed once its run is done and its workers have stopped; nothing is as it should be. */
export async function leftovers(arena: Arena): Promise<readonly string[]> {
  const looks: readonly (() => Promise<readonly string[]>)[] = [
    () => processesOf(arena.mark),
    () => keysOf(arena),
    () => socketsOf(arena),
    () => filesOf(arena),
  ];
  const left = await Promise.all(looks.map(lastingLeft));
  return left.flat();
}

/** What a look still finds when everything that lapses has lapsed. */
async function lastingLeft(look: () => Promise<readonly string[]>): Promise<readonly string[]> {
  let left: readonly string[] = [];
  const isClean = async () => {
    left = await look();
    return left.length === 0;
  };
  await until(isClean, 'nothing to be left', LAPSES_MS).catch(() => {});
  return left;
}

/** Processes with the seed's mark in their environment. */
async function processesOf(mark: string): Promise<readonly string[]> {
  const ids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const found = await Promise.all(
    ids.map(async (id) => {
      const environment = await readFile(`/proc/${id}/environ`, 'latin1').catch(() => '');
      if (!environment.includes(mark)) return [];
      return [`process ${id}: ${(await readFile(`/proc/${id}/cmdline`, 'utf8')).replaceAll('\0', ' ')}`];
    }),
  );
  return found.flat();
}

/** Keys in Redis; the ask stays for a week, for rows that come late. */
async function keysOf({ redis, prefix }: Arena): Promise<readonly string[]> {
  if (redis === null) return [];
  const keys = await withClient(redis.url, (client) => client.keys(`${prefix}*`));
  return keys.filter((key) => !key.startsWith(`${prefix}:ask:`)).map((key) => `key in Redis: ${key}`);
}

/** Connections to hosts with a request on them, and to Redis. */
async function socketsOf({ ground, cables }: Arena): Promise<readonly string[]> {
  const hosts = await ground.stage.ollama.stats();
  return [
    ...hosts.flatMap(({ open, url }) => (open === 0 ? [] : [`${open} open requests at ${url}`])),
    ...cables.flatMap(({ open }, worker) => (open === 0 ? [] : [`${open} connections of worker ${worker} to Redis`])),
  ];
}

/** Files beside output and store, and items that a store still marks as in hand. */
async function filesOf({ ground, mark }: Arena): Promise<readonly string[]> {
  const { folder } = ground.stage;
  const store = ['', '/data.mdb', '/lock.mdb', '/in-hand'].map((name) => `.visionbatch/out.jsonl${name}`);
  const known = ['.visionbatch', 'out.jsonl', ...store];
  const names = await readdir(folder.at(mark), { recursive: true });
  const marks = await readFile(folder.at(mark, '.visionbatch/out.jsonl/in-hand'), 'utf8');
  return [...names.filter((name) => !known.includes(name)).map((name) => `file ${name}`), ...inHand(marks)];
}

/** Lines come with `+` when an item is taken and with `-` when it is let go. */
function inHand(marks: string): readonly string[] {
  const held = new Set<string>();
  for (const line of marks.split('\n')) {
    if (line.startsWith('+')) held.add(line.slice(1));
    else held.delete(line.slice(1));
  }
  return [...held].map((key) => `item in hand: ${key}`);
}
