import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { jitiPath, settingsFor } from './import-module.js';

/** What a module that was loaded gets to end what it began, such as a request for its data. */
const GRACE_MS = 1_000;

/**
 * The trial's program. It says on descriptor 3 that the module was loaded, or what it threw, or that it left something
 * running, which would keep the process of a run alive. A thread kills it should the process that started it be gone.
 */
const PROGRAM = `
const { writeSync } = require('node:fs');
const { Worker } = require('node:worker_threads');
const [jiti, path, settings, timeoutMs] = process.argv.slice(1);
new Worker("setTimeout(() => process.kill(process.pid, 'SIGKILL'), " + (Number(timeoutMs) + 1000) + ")", { eval: true }).unref();
const exit = process.reallyExit.bind(process);
const end = (problem) => { writeSync(3, JSON.stringify({ problem })); exit(0); };
const failed = (error) => end(error instanceof Error ? error.message : String(error));
process.on('uncaughtException', failed);
process.on('exit', (code) => end('it ended the process (exit code ' + code + ') while it was loaded'));
const loaded = () => {
  process.on('beforeExit', () => end(null));
  setTimeout(() => end('it leaves a timer or a connection open after it was loaded'), ${GRACE_MS}).unref();
};
require(jiti).createJiti(path, JSON.parse(settings)).import(path).then(loaded, failed);
`;

/** How the trial ended. */
export interface Trial {
  /** What is wrong with the module; null where it can be loaded. */
  readonly problem: string | null;
}

/** Loads a module in a process of its own, which is killed at the limit. What it prints goes nowhere. */
export async function tryModule(path: string, timeoutMs: number): Promise<Trial> {
  const args = ['--eval', PROGRAM, '--', jitiPath(), path, JSON.stringify(settingsFor(path)), String(timeoutMs)];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'ignore', 'pipe'], windowsHide: true });
  const said = child.stdio[3];
  let isLate = false;
  const timer = setTimeout(() => {
    isLate = true;
    child.kill('SIGKILL');
  }, timeoutMs);
  try {
    const ended = new Promise<void>((resolve, reject) => {
      child.once('error', reject);
      child.once('exit', () => resolve());
    });
    const [report] = await Promise.all([said && 'readable' in said ? text(said) : '', ended]);
    if (isLate) return { problem: `it was still loading after ${timeoutMs / 1_000} s, and was stopped` };
    return trialOf(report);
  } finally {
    clearTimeout(timer);
  }
}

function trialOf(report: string): Trial {
  try {
    const said: unknown = JSON.parse(report);
    if (typeof said === 'object' && said !== null && 'problem' in said) {
      return { problem: typeof said.problem === 'string' ? tidy(said.problem) : null };
    }
  } catch {
    // Nothing was said: it was killed, or killed itself.
  }
  return { problem: 'its process ended while it was loaded' };
}

/** Jiti puts the place of a syntax error on a line of its own, and counts columns from 0. */
function tidy(message: string): string {
  const [, what, file, line, column] = /^ParseError: (.*?)\s*\n\s*(.*):(\d+):(\d+)$/s.exec(message) ?? [];
  if (what === undefined) return message.replaceAll(/\s*\n\s*/g, ' ').trim();
  return `${what} at ${file}:${line}:${Number(column) + 1}`;
}
