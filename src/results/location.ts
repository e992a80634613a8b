import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { EXIT, ExitError } from '../core/exit.js';
import { sha256Hex } from '../core/fingerprint.js';
import { networkName } from './file-systems.js';
import { besideOutput, HIDDEN_FOLDER, type Pointer, pointerOf, writePointer } from './pointer.js';
import type { RunMeta } from './run-meta.js';
import { isStore, readStore } from './store-reader.js';

/** The output that stands for stdout. */
export const STDOUT = '-';
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** This machine and the places where stores may lie on it. */
export interface Places {
  /** Absolute. */
  readonly cwd: string;
  /** Where stores go whose output lies on a network disk; absolute. */
  readonly userStateDir: string;
  /** This machine's name. */
  readonly machine: string;
}

export interface LocateOptions extends Places {
  /** At least one; absolute paths, or {@link STDOUT}. */
  readonly outputs: readonly string[];
  /** As given with `--name`. */
  readonly name: string | null;
  /** As given with `--state`; absolute. */
  readonly stateDir: string | null;
  /** Type of a path's file system as statfs(2) gives it. */
  readonly fileSystemType: (path: string) => Promise<number>;
}

/** Where a run's store lies. */
export interface StoreLocation {
  readonly dir: string;
  /** The run's name. */
  readonly name: string;
  /** Kind of network disk that the store had to leave; null where it lies by the usual rule. */
  readonly leftDisk: string | null;
}

/**
 * Decides where a run's store lies: where its outputs point, else beside the first of them.
 *
 * @throws ExitError with exit 2 where the outputs belong to different runs, or to one kept on another machine
 */
export async function locateStore(options: LocateOptions): Promise<StoreLocation> {
  const files = options.outputs.filter((output) => output !== STDOUT);
  const first = files[0] ?? join(options.cwd, 'stdout');
  const name = options.name ?? basename(first);
  const claims: Claim[] = [];
  for (const output of files) {
    const pointer = await pointerOf(output, options.machine);
    if (pointer !== null) claims.push({ output, pointer });
  }
  const asked = options.name === null && options.stateDir === null ? null : await placeFor(first, name, options);
  const claimed = agreed(claims, options.machine);
  if (claimed === null) return asked ?? (await placeFor(first, name, options));
  if (asked !== null && asked.dir !== claimed) throw belongsElsewhere(claims, asked.dir);
  return { dir: claimed, name: basename(claimed), leftDisk: null };
}

interface Claim {
  readonly output: string;
  readonly pointer: Pointer;
}

/** The one store that all outputs with a run name; null where none has one. */
function agreed(claims: readonly Claim[], machine: string): string | null {
  const away = claims.find(({ pointer }) => pointer.machine !== machine);
  if (away !== undefined) {
    const { output, pointer } = away;
    throw new ExitError(EXIT.usage, `The run of ${output} is kept on ${pointer.machine} in ${pointer.store}`, {
      fix: `Run the command on ${pointer.machine}, or choose another output.`,
    });
  }
  const store = claims[0]?.pointer.store ?? null;
  if (store !== null && claims.some(({ pointer }) => pointer.store !== store)) throw belongsElsewhere(claims, null);
  return store;
}

function belongsElsewhere(claims: readonly Claim[], asked: string | null): ExitError {
  const each = claims.map(({ output, pointer }) => `${output} → ${pointer.store}`);
  const all = asked === null ? each : [...each, `--name or --state → ${asked}`];
  return new ExitError(EXIT.usage, `Expected outputs of one run, got outputs of several: ${all.join('; ')}`, {
    fix: 'Give the outputs of one run only, or choose other output files.',
  });
}

/** Where a run without a store starts one. */
async function placeFor(first: string, name: string, options: LocateOptions): Promise<StoreLocation> {
  if (options.stateDir !== null) return { dir: join(options.stateDir, name), name, leftDisk: null };
  const dir = besideOutput(first, name);
  const leftDisk = networkName(await options.fileSystemType(dirname(first)));
  if (leftDisk === null) return { dir, name, leftDisk };
  // One folder for all such runs, so the output's path has to tell namesakes apart.
  return { dir: join(options.userStateDir, `${name}-${sha256Hex(dir).slice(0, 12)}`), name, leftDisk };
}

/** Writes a pointer beside every output that would not be found without one. */
export async function pointOutputs(outputs: readonly string[], store: Pointer): Promise<void> {
  for (const output of outputs) {
    if (output === STDOUT || besideOutput(output, basename(output)) === store.store) continue;
    await writePointer(output, store);
  }
}

/**
 * Finds the store that RUN names: an output's path, a store's folder, a run's id, or its name in the folder that
 * `--state` names.
 *
 * @throws ExitError with exit 2 where there is none
 */
export async function findStore(run: string, places: Places, stateDir: string | null = null): Promise<string> {
  const path = resolve(places.cwd, run);
  const kept = stateDir === null ? [] : [resolve(stateDir, run), resolve(stateDir, basename(run))];
  const store = [...kept, path].find(isStore);
  if (store !== undefined) return store;
  const folders = [...(stateDir === null ? [] : [stateDir]), join(places.cwd, HIDDEN_FOLDER), places.userStateDir];
  const found = UUID.test(run) ? await findById(run.toLowerCase(), folders) : await findByOutput(path, places.machine);
  if (found !== null) return found;
  const fix = "Give an output's path, the run's folder under .visionbatch, or its id.";
  throw new ExitError(EXIT.usage, `Expected RUN to name a run, got ${run}, which none was found for`, { fix });
}

async function findByOutput(output: string, machine: string): Promise<string | null> {
  const pointer = await pointerOf(output, machine);
  return pointer === null ? null : agreed([{ output, pointer }], machine);
}

async function findById(runId: string, folders: readonly string[]): Promise<string | null> {
  for (const folder of folders) {
    const found = (await storesIn(folder)).find(({ meta }) => meta.runId === runId);
    if (found !== undefined) return found.dir;
  }
  return null;
}

/** A store and what it says of its run. */
export interface Neighbour {
  readonly dir: string;
  readonly meta: RunMeta;
}

/** The other runs kept in the same folder as a store. */
export async function neighbours(dir: string): Promise<readonly Neighbour[]> {
  return (await storesIn(dirname(dir))).filter((neighbour) => neighbour.dir !== dir);
}

async function storesIn(folder: string): Promise<readonly Neighbour[]> {
  if (!existsSync(folder)) return [];
  const stores: Neighbour[] = [];
  for (const entry of (await readdir(folder)).sort()) {
    const dir = join(folder, entry);
    const meta = isStore(dir) ? await readMetaOf(dir) : null;
    if (meta !== null) stores.push({ dir, meta });
  }
  return stores;
}

/** A neighbour that cannot be read is nobody's business here. */
async function readMetaOf(dir: string): Promise<RunMeta | null> {
  try {
    const reader = readStore(dir);
    const meta = reader.meta();
    await reader.close();
    return meta;
  } catch {
    return null;
  }
}
