import { type Dirent, existsSync, readdir } from 'node:fs';
import path from 'node:path';
import fastGlob from 'fast-glob';
import { type BytePath, bytePathOf, compareBytes } from '../byte-path.js';

type Readdir = fastGlob.FileSystemAdapter['readdir'];
type ReaddirDone = (error: NodeJS.ErrnoException | null, entries: Dirent[]) => void;

/**
 * A glob in two halves: fast-glob expands the first into folders; the walk reads those and matches the second. The cut is
 * before the first `**`, so that the first half has a fixed depth and no loop of links can unroll in it.
 */
export interface GlobPart {
  /** Absolute folder that holds everything the glob can match. */
  readonly base: string;
  /** Pattern for folders below the base; `''` is the base itself. */
  readonly folders: string;
  /** Pattern for paths below each of those folders. */
  readonly names: string;
  /** Whether `names` reaches below the folder. */
  readonly deep: boolean;
}

/** What a first half came to. */
export interface ExpandedFolders {
  /** Absolute, bytewise by path. */
  readonly folders: readonly BytePath[];
  readonly unreadable: readonly { readonly folder: BytePath; readonly error: unknown }[];
}

/** Whether the text has glob characters. */
export function isGlob(text: string): boolean {
  return fastGlob.isDynamicPattern(text);
}

/** Splits a glob; more than one part only where braces hold a `/`. */
export function globParts(glob: string, cwd: string): readonly GlobPart[] {
  const slashInBraces = /\{[^{}]*\/[^{}]*\}/.test(glob);
  return fastGlob
    .generateTasks(glob, { braceExpansion: slashInBraces })
    .flatMap((task) => task.positive.map((pattern) => partOf(task.base, pattern, cwd)))
    .sort((a, b) => compareByComponent(bytePathOf(a.base), bytePathOf(b.base)));
}

function partOf(base: string, pattern: string, cwd: string): GlobPart {
  const fixed = base === '.' ? 0 : base === '/' ? 1 : base.split('/').length;
  const segments = pattern.split('/').slice(fixed);
  const star = segments.findIndex((segment) => segment.includes('**'));
  const cut = star < 0 ? segments.length - 1 : star;
  return {
    base: path.resolve(cwd, base),
    folders: segments.slice(0, cut).join('/'),
    names: segments.slice(cut).join('/'),
    deep: star >= 0,
  };
}

/** The whole pattern, relative to the part's base. */
export function wholePattern(part: GlobPart): string {
  return part.folders === '' ? part.names : `${part.folders}/${part.names}`;
}

/** Finds the folders of a glob's first half. A folder that cannot be read is told, not thrown; a missing base has none. */
export async function expandFolders(part: GlobPart): Promise<ExpandedFolders> {
  if (part.folders === '') return { folders: existsSync(part.base) ? [bytePathOf(part.base)] : [], unreadable: [] };
  const unreadable = new Map<string, unknown>();
  const folders = await fastGlob.glob(part.folders, {
    cwd: part.base,
    absolute: true,
    onlyDirectories: true,
    caseSensitiveMatch: false,
    fs: { readdir: forgiving((folder, error) => unreadable.set(folder, error)) },
  });
  if (!existsSync(part.base)) unreadable.delete(part.base);
  return {
    folders: folders.map(bytePathOf).sort(compareByComponent),
    unreadable: [...unreadable]
      .map(([folder, error]) => ({ folder: bytePathOf(folder), error }))
      .sort((a, b) => compareByComponent(a.folder, b.folder)),
  };
}

/** A `readdir` that tells an error and goes on; left alone, fast-glob gives up on everything at the first one. */
function forgiving(tell: (folder: string, error: unknown) => void): Readdir {
  const forgivingReaddir = (folder: string, options: { withFileTypes: true }, done: ReaddirDone): void =>
    readdir(folder, options, (error, entries) => {
      if (error !== null) tell(folder, error);
      done(null, error === null ? entries : []);
    });
  return forgivingReaddir as unknown as Readdir; // fast-glob never uses the overload without options
}

/** Bytewise by path component: `a/b` before `a.b`, as a walk meets them. */
function compareByComponent(a: BytePath, b: BytePath): number {
  return compareBytes(a.replaceAll('/', '\0'), b.replaceAll('/', '\0'));
}
