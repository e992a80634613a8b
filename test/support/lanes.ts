import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { BullmqQueueTimes } from '../../jobs/bullmq-queue.js';

export interface LaneProcess extends AsyncDisposable {
  /** Keys of the jobs it took, in order. */
  readonly taken: readonly string[];
  /** Ends it at once, with whatever it has in hand. */
  kill(): Promise<void>;
}

export interface LaneProcessOptions {
  readonly url: string;
  readonly runId: string;
  readonly prefix: string;
  readonly name: string;
  readonly slots: number;
  /** How long a job takes. */
  readonly jobMs: number;
  readonly times?: Partial<BullmqQueueTimes>;
}

const PROGRAM = fileURLToPath(new URL('./lane-process.ts', import.meta.url));
const TYPESCRIPT = new URL('./typescript.mjs', import.meta.url).href;

/** Starts a process that serves a run's queue with one lane. */
export function startLaneProcess(options: LaneProcessOptions): LaneProcess {
  const { url, runId, prefix, name, slots, jobMs, times } = options;
  const words = [url, runId, prefix, name, String(slots), String(jobMs), JSON.stringify(times ?? {})];
  const child = spawn(process.execPath, ['--import', TYPESCRIPT, PROGRAM, ...words], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const taken: string[] = [];
  createInterface({ input: child.stdout }).on('line', (key) => taken.push(key));
  return {
    taken,
    kill: () => killed(child),
    [Symbol.asyncDispose]: () => killed(child),
  };
}

async function killed(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill('SIGKILL');
  await exited;
}
