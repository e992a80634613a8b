import { randomUUID } from 'node:crypto';
import type { CliProcess } from './cli.js';
import { type RedisServer, startRedis } from './redis.js';
import { type Stage, type StageOptions, startStage, undisturbed } from './runs.js';

/** A stage with a Redis of its own, and the rows of a run that nothing disturbed. */
export interface RedisStage extends AsyncDisposable {
  readonly stage: Stage;
  readonly redis: RedisServer;
  /** Rows as {@link sameRows} reads them. */
  readonly expected: readonly unknown[];
  /** A run of its own on the stage: other keys in Redis, another folder for its outputs. */
  run(): Promise<RedisRun>;
}

export interface RedisRun extends AsyncDisposable {
  readonly prefix: string;
  /** `--redis URL --redis-prefix PREFIX`. */
  readonly redisFlags: readonly string[];
  /** Of the output, absolute. */
  readonly output: string;
  /** Starts the coordinator, without hosts unless flags name some. */
  coordinator(...flags: readonly string[]): CliProcess;
  /** The same on the same Redis for a run of its own, whose rows go to `output`, relative to the stage's folder. */
  coordinatorOf(output: string, ...flags: readonly string[]): CliProcess;
  /** Starts a worker on one host of the stage; resolves when it waits for runs. */
  worker(host: number, ...flags: readonly string[]): Promise<CliProcess>;
  /** Starts workers on the first `count` hosts. */
  workers(count: number): Promise<readonly CliProcess[]>;
}

export async function startRedisStage(options: StageOptions): Promise<RedisStage> {
  const [stage, redis] = await Promise.all([startStage(options), startRedis()]);
  const expected = await undisturbed(stage, '--model', 'tiny');
  return {
    stage,
    redis,
    expected,
    run: () => openRun(stage, redis),
    async [Symbol.asyncDispose]() {
      await stage[Symbol.asyncDispose]();
      await redis[Symbol.asyncDispose]();
    },
  };
}

async function openRun(stage: Stage, redis: RedisServer): Promise<RedisRun> {
  await stage.ollama.reset();
  const id = randomUUID();
  const prefix = `{${id}}`;
  const shared = ['--redis', redis.url, '--redis-prefix', prefix];
  const started: CliProcess[] = [];
  const start = (args: readonly string[]) => {
    const process = stage.cli(args);
    started.push(process);
    return process;
  };
  const worker = async (host: number, ...flags: readonly string[]) => {
    const process = start(['worker', ...shared, ...hostFlag(stage, host), ...flags]);
    await process.says(/waits for runs/);
    return process;
  };
  const coordinate = (output: string, flags: readonly string[]) =>
    start(['ocr', 'scans', '--model', 'tiny', ...shared, '-o', output, ...flags]);
  return {
    prefix,
    redisFlags: shared,
    output: stage.folder.at(id, 'out.jsonl'),
    coordinator: (...flags) => coordinate(`${id}/out.jsonl`, flags),
    coordinatorOf: (output, ...flags) => coordinate(output, flags),
    worker,
    workers: (count) => Promise.all(Array.from({ length: count }, (_, host) => worker(host))),
    async [Symbol.asyncDispose]() {
      await Promise.all(started.map((process) => process[Symbol.asyncDispose]()));
    },
  };
}

/** The `--host` flag of one host. */
export function hostFlag(stage: Stage, host: number): readonly string[] {
  return stage.hostFlags.slice(2 * host, 2 * host + 2);
}
