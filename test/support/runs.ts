import { setTimeout as sleep } from 'node:timers/promises';
import { type CliEnd, type CliOptions, type CliProcess, startCli } from './cli.js';
import { type TestFolder, testFolder, writeImages } from './images.js';
import type { OllamaInput } from './ollama/options.js';
import { type OllamaProcess, startOllamaProcess } from './ollama/process.js';
import { readRows, sameRow } from './rows.js';

export interface StageOptions {
  /** Images in `scans/`. */
  readonly items: number;
  /** One entry a host; without, two hosts of two slots that take 100 ms an item. */
  readonly hosts?: readonly Omit<OllamaInput, 'answer'>[];
}

/** A folder of images and the hosts to read them, all a test's own. */
export interface Stage extends AsyncDisposable {
  readonly folder: TestFolder;
  /** Item keys in input order. */
  readonly keys: readonly string[];
  readonly ollama: OllamaProcess;
  /** `--host URL,slots=N` for every host. */
  readonly hostFlags: readonly string[];
  /** Starts the built CLI in the folder. */
  cli(args: readonly string[], options?: Omit<CliOptions, 'cwd'>): CliProcess;
  /** Starts `ocr scans` on every host, with further flags such as `-o out.jsonl`. */
  ocr(...flags: readonly string[]): CliProcess;
}

/** Four slots in all, so that 40 items last a second. */
const TWO_HOSTS: readonly Omit<OllamaInput, 'answer'>[] = [
  { slots: 2, serviceMs: 100 },
  { slots: 2, serviceMs: 100 },
];

export async function startStage({ items, hosts = TWO_HOSTS }: StageOptions): Promise<Stage> {
  const folder = await testFolder();
  const keys = await writeImages(folder.at('scans'), items);
  const ollama = await startOllamaProcess({ hosts });
  const hostFlags = ollama.urls.flatMap((url, index) => ['--host', `${url},slots=${hosts[index]?.slots ?? 1}`]);
  const started: CliProcess[] = [];
  const cli: Stage['cli'] = (args, options = {}) => {
    const process = startCli(args, { cwd: folder.path, ...options });
    started.push(process);
    return process;
  };
  return {
    folder,
    keys,
    ollama,
    hostFlags,
    cli,
    ocr: (...flags) => cli(['ocr', 'scans', ...hostFlags, ...flags]),
    async [Symbol.asyncDispose]() {
      await Promise.all(started.map((process) => process[Symbol.asyncDispose]()));
      await ollama[Symbol.asyncDispose]();
      await folder[Symbol.asyncDispose]();
    },
  };
}

/** The rows of an output without what may differ between a disturbed run and one that was not. */
export async function sameRows(path: string): Promise<readonly unknown[]> {
  return (await readRows(path)).map(sameRow);
}

/** The rows of a run that nothing disturbs, on a fast host of its own, with a store where no other run looks. */
export async function undisturbed(stage: Stage, ...flags: readonly string[]): Promise<readonly unknown[]> {
  await using fast = await startOllamaProcess({ hosts: [{ slots: 4 }] });
  const hostFlags = fast.urls.flatMap((url) => ['--host', `${url},slots=4`]);
  await endsWith(0, stage.cli(['ocr', 'scans', ...hostFlags, '-o', 'undisturbed/rows.jsonl', ...flags]));
  return sameRows(stage.folder.at('undisturbed/rows.jsonl'));
}

/** Waits for a process to end; fails, with what it said, where that is not by this exit code. */
export async function endsWith(code: number, process: CliProcess): Promise<CliEnd> {
  const end = await process.end;
  if (end.code !== code) throw new Error(`Expected exit ${code}, got ${end.code ?? end.signal}:\n${end.stderr}`);
  return end;
}

/** Ends a process at once, as a power cut does, when the hosts have been asked so many times. */
export async function killAfterAsks(process: CliProcess, ollama: OllamaProcess, asks: number): Promise<CliEnd> {
  await untilAsked(ollama, asks, process);
  process.kill('SIGKILL');
  return process.end;
}

/**
 * Resolves when the hosts have been asked so many times since they started, or were reset. Rejects, with what the
 * process that is to ask them said, where that ends before.
 */
export async function untilAsked(ollama: OllamaProcess, asks: number, process?: CliProcess): Promise<void> {
  const ended = (): boolean => process !== undefined && hasEnded(process);
  await until(async () => (await asksOf(ollama)) >= asks || ended(), `${asks} questions`);
  if (ended()) throw new Error(`The process ended before it asked ${asks} times. It said:\n${process?.stderr}`);
}

function hasEnded({ child }: CliProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}

/** Every host answers 503 from here on, so that a run waits where it is until `clearFaults`. */
export function hold(ollama: OllamaProcess): Promise<void> {
  return ollama.fault(null, { outcome: { kind: 'busy' } });
}

/** Questions that all hosts have got, preloads left out. */
export async function asksOf(ollama: OllamaProcess): Promise<number> {
  return (await ollama.stats()).reduce((sum, { asks }) => sum + asks, 0);
}

/** Questions that all hosts have answered to their end: what was sent ahead and withdrawn is none. */
export async function answersOf(ollama: OllamaProcess): Promise<number> {
  return (await ollama.stats()).reduce((sum, { answered }) => sum + answered, 0);
}

/** How often each image was asked about on all hosts, by the SHA-256 of what was sent. */
export async function asksByImage(ollama: OllamaProcess): Promise<ReadonlyMap<string, number>> {
  const counts = new Map<string, number>();
  const logs = await Promise.all(ollama.urls.map((_, host) => ollama.requests(host)));
  for (const { path, body } of logs.flat()) {
    if (path !== '/api/chat') continue;
    const { messages = [] } = (body ?? {}) as {
      readonly messages?: readonly { readonly images?: readonly string[] }[];
    };
    for (const image of messages.flatMap(({ images }) => images ?? [])) counts.set(image, (counts.get(image) ?? 0) + 1);
  }
  return counts;
}

/** Waits for a condition; throws when it does not come true within the bound. */
export async function until(holds: () => boolean | Promise<boolean>, what: string, boundMs = 30_000): Promise<void> {
  const endMs = Date.now() + boundMs;
  while (!(await holds())) {
    if (Date.now() > endMs) throw new Error(`Waited ${boundMs} ms in vain for ${what}`);
    await sleep(10);
  }
}

/** Numbers in [0, 1), the same for the same seed (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
