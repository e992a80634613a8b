import { type CliProcess, startCli } from '../support/cli.js';

export interface WorkerProcessesOptions {
  readonly cwd: string;
  readonly redisUrl: string;
  /** The hosts of each process, as `--host` takes them. */
  readonly hosts: readonly (readonly string[])[];
}

/** Starts worker processes of the built command; resolves when all of them wait for runs. */
export async function startWorkers({ cwd, redisUrl, hosts }: WorkerProcessesOptions): Promise<AsyncDisposable> {
  const workers = hosts.map((own) =>
    startCli(['worker', '--redis', redisUrl, ...own.flatMap((host) => ['--host', host])], { cwd }),
  );
  await Promise.all(workers.map((worker) => worker.says(/waits for runs/)));
  return { [Symbol.asyncDispose]: () => stop(workers) };
}

/** Dealt out to so many processes, one after the other. */
export function dealt<T>(hosts: readonly T[], processes: number): readonly (readonly T[])[] {
  return Array.from({ length: processes }, (_, n) => hosts.filter((_host, index) => index % processes === n));
}

async function stop(workers: readonly CliProcess[]): Promise<void> {
  await Promise.all(workers.map((worker) => worker[Symbol.asyncDispose]()));
}
