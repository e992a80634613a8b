import type { Dirent, Stats } from 'node:fs';
import { opendir, stat } from 'node:fs/promises';
import type { Failure } from '../../core/errors.js';
import { type BytePath, bytesOf, joined } from '../byte-path.js';
import { fileFailure } from '../file-failure.js';
import { isHidden, isImageName } from '../patterns.js';

/** What the file system says of a file before it is opened. */
export interface Look {
  /** Bytes; null where it could not be seen. */
  readonly size: number | null;
  /** Whole milliseconds since 1970. */
  readonly mtimeMs: number | null;
  /** Why it can never be opened. */
  readonly problem?: Failure;
}

/** One name in a folder. */
export type Entry = { readonly name: BytePath } & (
  | { readonly kind: 'folder' | 'linked-folder' | 'other' }
  | { readonly kind: 'image'; readonly look: Look }
);

/** Enough in flight to keep Node's I/O threads busy, few enough to hold. */
const STATS_AT_ONCE = 64;

/**
 * The names in a folder, in the order of the file system, a batch at a time. Hidden ones are left out; only what may be
 * an image is looked at.
 *
 * @throws what `opendir` throws
 */
export async function* listFolder(folder: BytePath): AsyncGenerator<readonly Entry[]> {
  const directory = await opendir(bytesOf(folder), { encoding: 'latin1', bufferSize: STATS_AT_ONCE });
  let pending: (Entry | Promise<Entry>)[] = [];
  for await (const dirent of directory) {
    if (isHidden(dirent.name)) continue;
    pending.push(entryOf(folder, dirent));
    if (pending.length < STATS_AT_ONCE) continue;
    yield await Promise.all(pending);
    pending = [];
  }
  yield await Promise.all(pending);
}

/** Looks at a file that may be an item, following links. Never throws; `folder` where the path leads to one. */
export async function lookAt(file: BytePath): Promise<Look | 'folder'> {
  try {
    return lookOf(await stat(bytesOf(file)));
  } catch (error) {
    return unseen(fileFailure(error, 'file').toFailure());
  }
}

/** What the file system has said of a path; `folder` where that is one. */
export function lookOf(stats: Stats): Look | 'folder' {
  if (stats.isDirectory()) return 'folder';
  return stats.isFile() ? { size: stats.size, mtimeMs: wholeMs(stats.mtimeMs) } : NOT_A_FILE;
}

/** Whole milliseconds, as discovery and readers both write them down. */
export function wholeMs(ms: number): number {
  return Math.floor(ms);
}

function entryOf(folder: BytePath, dirent: Dirent): Entry | Promise<Entry> {
  const { name } = dirent;
  if (dirent.isDirectory()) return { name, kind: 'folder' };
  if (dirent.isSymbolicLink()) return followed(folder, name);
  if (!isImageName(name)) return { name, kind: 'other' };
  return dirent.isFile() ? followed(folder, name) : { name, kind: 'image', look: NOT_A_FILE };
}

async function followed(folder: BytePath, name: BytePath): Promise<Entry> {
  const look = await lookAt(joined(folder, name));
  if (look === 'folder') return { name, kind: 'linked-folder' };
  return isImageName(name) ? { name, kind: 'image', look } : { name, kind: 'other' };
}

function unseen(problem: Failure): Look {
  return { size: null, mtimeMs: null, problem };
}

const NOT_A_FILE: Look = unseen({
  code: 'IMAGE_UNREADABLE',
  message: 'This is no regular file but a pipe, a socket or a device.',
});
