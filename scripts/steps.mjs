// What the other scripts are made of: running a program, and saying so in a line with its time.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

export const ROOT = join(import.meta.dirname, '..');
process.chdir(ROOT);

/** Says a line to the person; stdout is left to data. */
export function say(line) {
  process.stderr.write(`${line}\n`);
}

/** Runs a program with its output where ours goes; returns its exit code. */
export function show(command, args, env = {}) {
  const { status, error } = spawnSync(command, args, { stdio: 'inherit', env: { ...process.env, ...env } });
  if (error !== undefined) say(`${command}: ${error.message}`);
  return status ?? 1;
}

/** Runs a program quietly; returns its exit code and all it said. */
export function capture(command, args, options = {}) {
  const { status, stdout, stderr, error } = spawnSync(command, args, {
    encoding: 'utf8',
    maxBuffer: 256 * 1024 * 1024,
    ...options,
  });
  return { status: status ?? 1, stdout: stdout ?? '', output: `${stdout ?? ''}${stderr ?? ''}${error?.message ?? ''}` };
}

/** The command line of a tool from node_modules. */
export const tool = (path) => join(ROOT, 'node_modules', path);

/** Runs a step that returns nothing or what is wrong, and says a line on it; whether it passed. */
export async function step(name, work) {
  const started = performance.now();
  let problem;
  try {
    problem = await work();
  } catch (error) {
    problem = error.stack;
  }
  const seconds = ((performance.now() - started) / 1_000).toFixed(1).padStart(6);
  say(`${problem === undefined ? 'ok  ' : 'FAIL'} ${seconds} s  ${name}`);
  if (problem !== undefined) say(problem.trimEnd().replaceAll(/^/gm, '    '));
  return problem === undefined;
}

/** For a step that is a program: nothing where it ended with 0, else all it said. */
export function problemOf({ status, output }) {
  return status === 0 ? undefined : output || `ended with ${status} and said nothing`;
}
