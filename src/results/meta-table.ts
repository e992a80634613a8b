import { Buffer } from 'node:buffer';
import type { OutputState, RunMeta } from './run-meta.js';
import type { Tables } from './tables.js';

const RUN = Buffer.from('run');
const GENERATION = Buffer.from('generation');
const OUTPUTS = Buffer.from('outputs');
const MERGED = Buffer.from('merged-outputs');

/** The newest complete discovery. */
export interface Generation {
  /** 0 before the first. */
  readonly number: number;
  readonly items: number;
}

/** The run as last written, with what the store itself keeps: generation and outputs. Null in a new store. */
export function readMeta(tables: Tables): RunMeta | null {
  const run = readJson<RunMeta>(tables, RUN);
  if (run === undefined) return null;
  return { ...run, generation: readGeneration(tables).number, outputs: readOutputs(tables, OUTPUTS) };
}

export async function writeMeta(tables: Tables, meta: RunMeta): Promise<void> {
  await writeJson(tables, RUN, meta);
}

export function readGeneration(tables: Tables): Generation {
  return readJson<Generation>(tables, GENERATION) ?? { number: 0, items: 0 };
}

export async function writeGeneration(tables: Tables, generation: Generation): Promise<void> {
  await writeJson(tables, GENERATION, generation);
}

/**
 * Remembers an output that is about to be put in place. The path's former state is kept as well: until the rename has
 * happened it is the true one, and a crash may fall between the two.
 */
export function noteOutput(tables: Tables, state: OutputState): Promise<void> {
  return note(tables, OUTPUTS, state);
}

/** Remembers a file that rows of this and of other runs are merged into, likewise. */
export function noteMergedOutput(tables: Tables, state: OutputState): Promise<void> {
  return note(tables, MERGED, state);
}

/** Files that rows of this and of other runs were merged into. */
export function readMergedOutputs(tables: Tables): readonly OutputState[] {
  return readOutputs(tables, MERGED);
}

async function note(tables: Tables, key: Buffer, state: OutputState): Promise<void> {
  const all = readOutputs(tables, key);
  const others = all.filter(({ path }) => path !== state.path);
  const former = all.filter(({ path }) => path === state.path).slice(-1);
  await writeJson(tables, key, [...others, ...former, state]);
}

/** Forgets everything that a run is made of; the lock stays. */
export async function forgetAll(tables: Tables): Promise<void> {
  const { digests, firsts } = tables.contents();
  await tables.write((add) => {
    for (const key of [RUN, GENERATION, OUTPUTS]) add(tables.meta.remove(key));
    for (const table of [...tables.items, tables.records, tables.outcomes, digests, firsts]) {
      add(table.clear());
    }
  });
  await tables.flush();
}

function readOutputs(tables: Tables, key: Buffer): readonly OutputState[] {
  return readJson<OutputState[]>(tables, key) ?? [];
}

function readJson<T>(tables: Tables, key: Buffer): T | undefined {
  const value = tables.meta.get(key);
  return value === undefined ? undefined : (JSON.parse(value.toString()) as T);
}

async function writeJson(tables: Tables, key: Buffer, value: unknown): Promise<void> {
  await tables.write((add) => add(tables.meta.put(key, Buffer.from(JSON.stringify(value)))));
  await tables.flush();
}
