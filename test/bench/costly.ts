import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { performance } from 'node:perf_hooks';
import { execPath } from 'node:process';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { CLI } from '../support/cli.js';
import type { Cost } from './probe.js';

const PROBE = fileURLToPath(new URL('./probe.js', import.meta.url));

/** What a program took from its start to its end. */
export interface ProgramCost extends Cost {
  readonly wallMs: number;
}

/** Runs the built command to its end and tells what it cost. */
export function costOfRun(args: readonly string[], cwd: string): Promise<ProgramCost> {
  return costOfProgram([CLI, ...args], cwd);
}

/** Runs a program of Node to its end and tells what it cost. Throws with what it said where it did not end well. */
export async function costOfProgram(args: readonly string[], cwd: string): Promise<ProgramCost> {
  const file = path.join(cwd, 'cost.json');
  const env = { PATH: process.env.PATH ?? '', HOME: cwd };
  const startedMs = performance.now();
  const child = spawn(execPath, ['--import', PROBE, ...args], {
    cwd,
    env: { ...env, BENCH_COST: file },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const [said] = await Promise.all([text(child.stderr), once(child, 'close')]);
  const wallMs = performance.now() - startedMs;
  if (child.exitCode !== 0)
    throw new Error(`Expected \`${args.join(' ')}\` to succeed, got ${child.exitCode}:\n${said}`);
  return { ...(JSON.parse(await readFile(file, 'utf8')) as Cost), wallMs };
}
