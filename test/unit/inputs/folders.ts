import { mkdirSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { FoundItem } from '../../../src/core/item.js';
import { discover } from '../../../src/inputs/discover.js';
import type { Found } from '../../../src/inputs/found.js';
import { discoverGroups, type GroupOptions } from '../../../src/inputs/groups/group.js';
import { commonRoot, nameRoots } from '../../../src/inputs/input-folders.js';
import { resolveInputs } from '../../../src/inputs/resolve.js';
import type { ManifestOptions } from '../../../src/inputs/tables/manifest.js';
import { createParquetChild, type ParquetChild } from '../../../src/inputs/tables/parquet-child/child.js';

/** A folder that is removed at the end of the test's scope. */
export interface TemporaryFolder extends AsyncDisposable {
  readonly path: string;
  /** Writes small files (and their folders), by path relative to this folder. */
  write(...files: readonly (string | Buffer)[]): void;
  /** Writes one file of this content. */
  writeAs(name: string, content: string | Buffer): void;
}

export async function temporaryFolder(): Promise<TemporaryFolder> {
  const folder = await mkdtemp(path.join(tmpdir(), 'visionbatch-inputs-'));
  return {
    path: folder,
    write(...files) {
      for (const file of files) {
        const whole = Buffer.concat([Buffer.from(`${folder}/`), Buffer.from(file)]);
        mkdirSync(whole.subarray(0, whole.lastIndexOf('/')), { recursive: true });
        writeFileSync(whole, 'x');
      }
    },
    writeAs(name, content) {
      writeFileSync(path.join(folder, name), content);
    },
    async [Symbol.asyncDispose]() {
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** No manifest is described; the tests of a file share the process that reads Parquet. */
export const PLAIN: ManifestOptions & { readonly parquet: ParquetChild } = {
  parquet: createParquetChild(),
  ...{ idColumns: [], imageColumns: [], severalImages: false, base: null },
  ...{ delimiter: null, quote: null, encoding: null, wordColumns: [] },
};

interface Options {
  readonly manifests?: Partial<typeof PLAIN>;
  /** Folder that keys are relative to; the inputs' own when left out. */
  readonly root?: string;
  readonly include?: readonly string[];
  readonly exclude?: readonly string[];
  readonly groups?: Pick<GroupOptions, 'by' | 'maxImages' | 'signal'> & Partial<Pick<GroupOptions, 'rowsTogether'>>;
}

/** Everything that discovery tells of these inputs; with `groups`, of groups of them. */
export async function foundIn(cwd: string, inputs: readonly string[], options: Options = {}): Promise<Found[]> {
  const resolved = await resolveInputs(inputs, { cwd, ...PLAIN, ...options.manifests });
  const roots = nameRoots(resolved, options.root ?? commonRoot(resolved, cwd));
  const { include = [], exclude = [], groups } = options;
  const where = { roots, include, exclude };
  const all =
    groups === undefined
      ? discover(resolved, where)
      : discoverGroups(resolved, { ...where, rowsTogether: true, ...groups });
  const found: Found[] = [];
  for await (const one of all) found.push(one);
  return found;
}

/** The items that discovery tells of these inputs, as it comes to them. */
export async function itemsIn(cwd: string, inputs: readonly string[], options: Options = {}): Promise<FoundItem[]> {
  return (await foundIn(cwd, inputs, options)).flatMap((one) => (one.kind === 'item' ? [one.item] : []));
}

/** Keys in input order, as the store sorts them: folders as they come, names within a folder by their bytes. */
export async function keysIn(cwd: string, inputs: readonly string[], options: Options = {}): Promise<string[]> {
  const folders: { name: Uint8Array; key: string }[][] = [];
  for (const found of await foundIn(cwd, inputs, options)) {
    if (found.kind === 'folder') folders.push([]);
    if (found.kind === 'item') folders.at(-1)?.push({ name: found.name, key: found.item.key });
  }
  return folders.flatMap((items) => items.sort((a, b) => Buffer.compare(a.name, b.name)).map(({ key }) => key));
}

/** The failures that discovery tells, by key. */
export async function problemsIn(cwd: string, inputs: readonly string[], options: Options = {}) {
  const found = await foundIn(cwd, inputs, options);
  return Object.fromEntries(
    found.flatMap((one) => (one.kind === 'item' && one.item.problem ? [[one.item.key, one.item.problem]] : [])),
  );
}

const NOBODY = 65_534;

/** Runs as a user who may not do everything: as root, file permissions would bind nothing. */
export async function asNobody<T>(act: () => Promise<T>): Promise<T> {
  if (process.getuid?.() !== 0) return await act();
  process.seteuid?.(NOBODY);
  try {
    return await act();
  } finally {
    process.seteuid?.(0);
  }
}
