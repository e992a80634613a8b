import path from 'node:path';
import type { Root } from '../core/item.js';
import { isWithin } from './byte-path.js';
import type { ResolvedInput } from './resolve.js';
import type { RunRoots } from './roots.js';
import type { Manifest } from './tables/manifest.js';

/**
 * The deepest folder that holds all inputs: of one folder that folder, of a file or an archive its folder, of a glob its fixed part, of a
 * manifest the folder that its paths are relative to.
 *
 * @param cwd - stands for it where all inputs lie on other machines; absolute
 */
export function commonRoot(inputs: readonly ResolvedInput[], cwd: string): string {
  const folders = inputFolders(inputs);
  const [first = [], ...others] = (folders.length > 0 ? folders : [cwd]).map((folder) => folder.split('/'));
  const differs = first.findIndex((name, at) => others.some((other) => other[at] !== name));
  const shared = differs < 0 ? first : first.slice(0, differs);
  return shared.join('/') || '/';
}

/**
 * Names the folders that sources are relative to: each by its own last name, with a number where two are alike, so that
 * `--root NAME=PATH` can say on another machine where they are.
 *
 * @param root - the run's root, pinned at its first start; later inputs may lie outside of it
 */
export function nameRoots(inputs: readonly ResolvedInput[], root: string): RunRoots {
  const run: Root = { name: nameOf(root), path: root };
  const roots: [Root, ...Root[]] = [run];
  for (const folder of [...inputFolders(inputs), ...inputs.flatMap(foldersOfTables)]) {
    if (roots.some((known) => isWithin(known.path, folder))) continue;
    roots.push({ name: unusedName(nameOf(folder), roots), path: folder });
  }
  return roots;
}

/** The folders that the inputs themselves name, absolute, in order. */
export function inputFolders(inputs: readonly ResolvedInput[]): readonly string[] {
  return inputs.flatMap(foldersOf);
}

/** The folders that an input names itself, absolute: of a file its folder, of a glob its fixed parts, of a manifest its base. */
export function foldersOf(input: ResolvedInput): readonly string[] {
  switch (input.kind) {
    case 'folder':
    case 'items':
    case 'list':
      return [input.path];
    case 'archive':
    case 'file':
      return [path.dirname(input.path)];
    case 's3':
    case 'url-archive':
      return [];
    case 'manifest':
      return [input.manifest.base];
    case 'glob':
      return input.parts.map((part) => part.base);
  }
}

/** Of a table that holds images itself its own folder, which need not be the one that its paths are relative to. */
function foldersOfTables(input: ResolvedInput): readonly string[] {
  return input.kind === 'manifest' && input.manifest.holdsImages ? [path.dirname(input.manifest.path)] : [];
}

function unusedName(name: string, roots: readonly Root[]): string {
  const isUsed = (candidate: string): boolean => roots.some((root) => root.name === candidate);
  let unused = name;
  for (let n = 2; isUsed(unused); n += 1) unused = `${name}-${n}`;
  return unused;
}

/** `=` would end the name in `--root NAME=PATH`. */
function nameOf(folder: string): string {
  return path.basename(folder).replace(/[=\p{Cc}]/gu, '_') || 'root';
}

/** The columns that the inputs' items carry, in order, each once: known before anything is asked. */
export function carriedColumns(inputs: readonly ResolvedInput[]): readonly string[] {
  return [...new Set(inputs.flatMap(columnsOf))];
}

function columnsOf(input: ResolvedInput): readonly string[] {
  switch (input.kind) {
    case 'archive':
    case 'items':
    case 'url-archive':
      return input.columns;
    case 'manifest':
      return carriedBy(input.manifest);
    case 'file':
    case 'folder':
    case 'glob':
    case 'list':
    case 's3':
      return [];
  }
}

function carriedBy({ carried, columns }: Manifest): readonly string[] {
  return carried.flatMap((at) => columns[at] ?? []);
}
