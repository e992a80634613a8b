import { mkdir, open, stat, unlink } from 'node:fs/promises';
import { basename, dirname, extname, join } from 'node:path';
import { EXIT, ExitError } from '../core/exit.js';
import { freeBytes } from './file-systems.js';
import { STDOUT } from './location.js';
import { notWritable, stampOf } from './output-file.js';
import type { OutputState } from './run-meta.js';

const FORMATS = { '.csv': 'csv', '.jsonl': 'jsonl' } as const;
/** What a format is called, by its file's extension. */
export type OutputFormat = (typeof FORMATS)[keyof typeof FORMATS];
const LEAST_FREE_BYTES = 16 * 1024 * 1024;

/**
 * The format that an output's extension names; stdout is JSONL.
 *
 * @throws ExitError with exit 2 where it names none
 */
export function formatOf(output: string): OutputFormat {
  if (output === STDOUT) return 'jsonl';
  const extension = extname(output).toLowerCase();
  const format = Object.entries(FORMATS).find(([known]) => known === extension)?.[1];
  if (format !== undefined) return format;
  const known = Object.keys(FORMATS).join(' or ');
  throw new ExitError(EXIT.usage, `Expected the output to end in ${known}, got ${output}`, {
    fix: `For example -o ${basename(output, extname(output))}.csv, or -o - for JSONL on stdout.`,
  });
}

export interface CheckOptions {
  /** Absolute paths, or `-`. */
  readonly outputs: readonly string[];
  /** What this run has written so far. */
  readonly known: readonly OutputState[];
  /** Replace files that this run did not write. */
  readonly overwrite: boolean;
}

/**
 * Finds before the first model call what would keep an output from being written, making its folder where there is none.
 *
 * @throws ExitError with exit 2 for a format that is not known, else with exit 5
 */
export async function checkOutputs({ outputs, known, overwrite }: CheckOptions): Promise<void> {
  for (const path of outputs) {
    formatOf(path);
    if (path === STDOUT) continue;
    await checkPlace(path);
    if (!overwrite) await refuseForeign(path, known);
  }
}

async function checkPlace(path: string): Promise<void> {
  const found = await stat(path).catch(() => null);
  if (found !== null && !found.isFile()) {
    const what = found.isDirectory() ? 'a folder' : 'no regular file';
    throw new ExitError(EXIT.output, `The output ${path} is ${what}`, { fix: 'Name a file in it, or use -o -.' });
  }
  const probe = join(dirname(path), `.${basename(path)}.${process.pid}.visionbatch-probe`);
  try {
    await mkdir(dirname(path), { recursive: true });
    await (await open(probe, 'w')).close();
    await unlink(probe);
  } catch (cause) {
    throw notWritable(path, cause);
  }
  if ((await freeBytes(path)) >= LEAST_FREE_BYTES) return;
  throw new ExitError(EXIT.output, `The disk of ${path} is full`, {
    fix: 'Free space on it or choose another output.',
  });
}

/**
 * Refuses to replace a file that this run did not write or that was changed since.
 *
 * @throws ExitError with exit 5
 */
export async function refuseForeign(path: string, known: readonly OutputState[]): Promise<void> {
  const found = await stampOf(path);
  if (found === null || (await standing(path, known)) !== null) return;
  const ours = known.some((state) => state.path === path);
  const why = ours ? 'was changed since this run wrote it' : 'was not written by this run';
  throw new ExitError(EXIT.output, `The output ${path} ${why} and is not replaced`, {
    fix: 'Give --overwrite to replace it, or choose another output.',
  });
}

/** What of this run's writing stands at a path; null where the file is gone, changed or another's. */
export async function standing(path: string, known: readonly OutputState[]): Promise<OutputState | null> {
  const found = await stampOf(path);
  if (found === null) return null;
  const same = known.filter(
    (state) => state.path === path && state.size === found.size && state.mtimeMs === found.mtimeMs,
  );
  return same.at(-1) ?? null;
}
