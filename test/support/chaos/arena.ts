import { randomUUID } from 'node:crypto';
import type { CliEnd } from '../cli.js';
import { CLOCKS_STAND, type ProcessClock, processClock } from '../clock.js';
import { type RedisServer, startRedis } from '../redis.js';
import { type Stage, startStage, undisturbed } from '../runs.js';
import { startTcpProxy, type TcpProxy } from '../tcp-proxy.js';
import { nameOf, type Victim } from './faults.js';
import { Keeper } from './keeper.js';
import { HOSTS, type Schedule, SLOTS, WORKERS } from './schedule.js';

/** Images, hosts, and the rows of a run that nothing disturbs: for many seeds. */
export interface Ground extends AsyncDisposable {
  readonly stage: Stage;
  /** Rows as `sameRows` reads them. */
  readonly expected: readonly unknown[];
}

/** Where the processes of one seed run. */
interface Place {
  readonly ground: Ground;
  /** Of the output: relative to the stage's folder, its own folder included. */
  readonly output: string;
  readonly prefix: string;
  /** Stands in the environment of every process of this seed, and of their children. */
  readonly mark: string;
  readonly redis: RedisServer | null;
  /** One a worker, before Redis. */
  readonly cables: readonly TcpProxy[];
  readonly clocks: ReadonlyMap<Victim, ProcessClock>;
}

interface Processes {
  readonly coordinator: Keeper;
  readonly workers: readonly Keeper[];
}

/** The processes of one seed, and what can happen to them. */
export interface Arena extends Place, Processes, AsyncDisposable {}

/** What a worker says when it is at work. */
export const AT_WORK = /waits for runs/;

/** Short enough that a stall costs seconds, long enough that a busy machine causes none. */
const LIMITS = '--connect-timeout 2s --first-token-timeout 8s --silence-timeout 4s'.split(' ');

export async function openGround(items: number): Promise<Ground> {
  const hosts = Array.from({ length: HOSTS }, () => ({ slots: SLOTS, serviceMs: 120 }));
  const stage = await startStage({ items, hosts });
  const expected = await undisturbed(stage, '--model', 'tiny');
  return { stage, expected, [Symbol.asyncDispose]: () => stage[Symbol.asyncDispose]() };
}

/** Starts all processes of a seed; resolves when the workers wait for runs. */
export async function openArena(ground: Ground, schedule: Schedule): Promise<Arena> {
  const { stage } = ground;
  await stage.ollama.reset();
  const mark = randomUUID();
  const redis = schedule.queue === 'redis' ? await startRedis() : null;
  const cables = redis === null ? [] : await Promise.all(each(WORKERS, () => startTcpProxy(portOf(redis.url))));
  const clocks = await clocksOf(schedule, stage, mark);
  const place = { ground, output: `${mark}/out.jsonl`, prefix: `{${mark}}`, mark, redis, cables, clocks };
  const { coordinator, workers } = await startProcesses(place);
  const keepers = [coordinator, ...workers];
  const killAll = () => {
    for (const keeper of keepers) keeper.process.kill('SIGKILL');
  };
  process.once('exit', killAll);
  return {
    ...place,
    coordinator,
    workers,
    async [Symbol.asyncDispose]() {
      process.off('exit', killAll);
      for (const part of [...keepers, ...cables]) await part[Symbol.asyncDispose]();
      await redis?.[Symbol.asyncDispose]();
    },
  };
}

async function startProcesses({ ground, output, prefix, mark, redis, cables, clocks }: Place): Promise<Processes> {
  const { stage } = ground;
  const keep = (who: Victim, args: readonly string[]): Keeper => {
    const env = { CHAOS_MARK: mark, ...clocks.get(who)?.env };
    return new Keeper({ name: nameOf(who), start: () => stage.cli(args, { env }), excuses });
  };
  const shared = (url: string) => ['--redis', url, '--redis-prefix', prefix];
  const workers = cables.map(({ port }, worker) =>
    keep(worker, ['worker', ...shared(`redis://127.0.0.1:${port}`), ...hostsOf(stage, worker)]),
  );
  await Promise.all(workers.map((worker) => worker.process.says(AT_WORK)));
  const where = redis === null ? stage.hostFlags : shared(redis.url);
  const coordinator = keep('coordinator', ['ocr', 'scans', '--model', 'tiny', '-o', output, ...where, ...LIMITS]);
  return { coordinator, workers };
}

/** A start that finds no Redis ends with exit 3, rightly: whoever watches over it starts it again. */
function excuses({ code, stderr }: CliEnd): boolean {
  return code === 3 && /Redis at .* cannot be used: it (cannot be reached|is still loading)/.test(stderr);
}

/** Each worker has two hosts; the two in the middle have two workers. */
function hostsOf({ hostFlags }: Stage, worker: number): readonly string[] {
  return hostFlags.slice(2 * worker, 2 * worker + 4);
}

async function clocksOf({ steps }: Schedule, stage: Stage, mark: string): Promise<ReadonlyMap<Victim, ProcessClock>> {
  const clocks = new Map<Victim, ProcessClock>();
  for (const { fault } of steps) {
    if (fault.kind !== 'clock' || CLOCKS_STAND !== null) continue;
    clocks.set(fault.who, await processClock(stage.folder.at(`${mark}-${nameOf(fault.who)}.clock`)));
  }
  return clocks;
}

function portOf(url: string): number {
  return Number(new URL(url).port);
}

function each<T>(count: number, make: (index: number) => T): readonly T[] {
  return Array.from({ length: count }, (_, index) => make(index));
}
