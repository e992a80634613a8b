import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { VisionError } from '../../../src/core/errors.js';
import type { FoundItem } from '../../../src/core/item.js';
import { type Logger, SILENT } from '../../../src/core/telling.js';
import type { DiscoveredItem } from '../../../src/results/discovery.js';
import { openStore, type RunStore, type StoreOptions } from '../../../src/results/store.js';
import { thisProcess } from '../../../src/results/store-lock.js';

/** A folder of its own that goes with the test. */
export class TestFolder {
  readonly path = mkdtempSync(join(tmpdir(), 'visionbatch-results-'));

  at(...names: readonly string[]): string {
    return join(this.path, ...names);
  }

  [Symbol.dispose](): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}

export function storeOptions(changes: Partial<StoreOptions> = {}): StoreOptions {
  return {
    coordinator: thisProcess(),
    logger: SILENT,
    now: Date.now,
    folderCheckMs: 60_000,
    onLost: (error: VisionError) => {
      throw error;
    },
    ...changes,
  };
}

export function openTestStore(dir: string, changes: Partial<StoreOptions> = {}): Promise<RunStore> {
  return openStore(dir, storeOptions(changes));
}

export function aFoundItem(key: string, changes: Partial<FoundItem> = {}): FoundItem {
  const ref = { root: 'scans', path: key };
  return { key, sources: [{ ref, size: 100, mtimeMs: 1_767_323_045_678 }], page: 1, ...changes };
}

/** An item of input 0 whose file name is the end of its key. */
export function discovered(key: string, folder: number): DiscoveredItem {
  return { input: 0, folder, name: Buffer.from(key.slice(key.lastIndexOf('/') + 1)), item: aFoundItem(key) };
}

/** Puts a generation of items, all in one folder, in the former one's place. */
export async function discoverAll(store: RunStore, keys: readonly string[]): Promise<void> {
  const discovery = await store.discovery();
  const folder = discovery.folder(0);
  await discovery.add(keys.map((key) => discovered(key, folder)));
  await discovery.finish();
}

export function keysOf(store: Pick<RunStore, 'items'>): readonly string[] {
  return [...store.items()].map(({ item }) => item.key);
}

/** A logger that remembers its warnings. */
export function rememberingLogger(): { readonly logger: Logger; readonly warnings: readonly string[] } {
  const warnings: string[] = [];
  return { warnings, logger: { ...SILENT, warn: (message) => void warnings.push(message) } };
}

const SCRIPTS = {
  writing: new URL('./writing-child.ts', import.meta.url),
  exporting: new URL('./exporting-child.ts', import.meta.url),
  'in-hand': new URL('./in-hand-child.ts', import.meta.url),
} as const;
const LOADER = new URL('../../support/typescript.mjs', import.meta.url).href;

/**
 * Runs a script of this folder in a process of its own.
 *
 * @param fileBlocks - largest file that it may write, in units of 1,024 bytes, as for `ulimit -f` of bash
 */
export function spawnScript(
  script: keyof typeof SCRIPTS,
  args: readonly string[],
  fileBlocks: number | 'unlimited' = 'unlimited',
): ChildProcessWithoutNullStreams {
  const limited = `trap '' XFSZ; ulimit -f ${fileBlocks}; exec "$@"`;
  const path = fileURLToPath(SCRIPTS[script]);
  return spawn('bash', ['-c', limited, 'bash', process.execPath, '--import', LOADER, path, ...args]);
}

/**
 * A process that opens a store and puts records `0, 1, …` in batches of 10, saying how many the store has acknowledged.
 * It runs until it is killed or the store fails.
 */
export function spawnWriter(
  dir: string,
  fileBlocks: number | 'unlimited' = 'unlimited',
): ChildProcessWithoutNullStreams {
  return spawnScript('writing', [dir], fileBlocks);
}

/** Numbers from 0 to 1 that are the same in every run (mulberry32). */
export function seededRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
