import { realpath } from 'node:fs/promises';
import { type BytePath, bytesOf, compareBytes, isWithin, joined } from '../byte-path.js';
import { type Found, foundFile, foundLinkOut, foundOther, foundUnreadable } from '../found.js';
import type { Filter } from '../patterns.js';
import { type Place, placeOf, type RunRoots } from '../roots.js';
import { type Entry, listFolder } from './listing.js';
import type { Territory } from './territory.js';

export type { Found } from '../found.js';

/** Where a walk stands. */
export interface WalkFolder {
  /** Absolute, as the run names it. */
  readonly path: BytePath;
  /** Absolute, without links. */
  readonly real: BytePath;
  /** The claimed folder whose walk this is; see {@link Territory}. */
  readonly region: BytePath;
}

export interface WalkOptions {
  readonly input: number;
  readonly start: WalkFolder;
  readonly territory: Territory;
  /** Whether to go below the first folder. */
  readonly deep: boolean;
  readonly roots: RunRoots;
  /** The roots without links: a linked folder must lie in one. */
  readonly realRoots: readonly BytePath[];
  readonly filter: Filter;
  /** Whether a file of this folder is meant at all, images or not. */
  readonly isMeant: (folder: WalkFolder, name: BytePath) => boolean;
}

/**
 * Walks a folder depth first, bytewise by path component, a folder's own files before its subfolders. Batches may be
 * empty. Never throws for what it meets: an unreadable folder is an item of its own.
 */
export async function* walk(options: WalkOptions): AsyncGenerator<readonly Found[]> {
  const { input, roots } = options;
  const stack = [options.start];
  for (let folder = stack.pop(); folder !== undefined; folder = stack.pop()) {
    const place = placeOf(folder.path, roots);
    const below: Entry[] = [];
    yield [{ kind: 'folder', input }];
    try {
      for await (const entries of listFolder(folder.path)) yield filesOf(entries, { ...options, folder, place, below });
    } catch (error) {
      yield [foundUnreadable(input, place, error)];
    }
    const { entered, refused } = await subfolders(below, { ...options, folder, place });
    yield refused;
    for (const next of entered.reverse()) stack.push(next);
  }
}

interface Here extends WalkOptions {
  readonly folder: WalkFolder;
  readonly place: Place;
}

/** Tells the files of a batch and keeps its folders in `below`. */
function filesOf(entries: readonly Entry[], here: Here & { readonly below: Entry[] }): readonly Found[] {
  const { input, folder, place, filter } = here;
  const found: Found[] = [];
  for (const entry of entries) {
    if (entry.kind === 'folder' || entry.kind === 'linked-folder') {
      if (here.deep) here.below.push(entry);
    } else if (here.isMeant(folder, entry.name) && filter.wants(joined(place.path, entry.name))) {
      found.push(entry.kind === 'image' ? foundFile(input, place, entry) : foundOther(entry.name));
    }
  }
  return found;
}

async function subfolders(
  below: Entry[],
  here: Here,
): Promise<{ readonly entered: WalkFolder[]; readonly refused: readonly Found[] }> {
  const entered: WalkFolder[] = [];
  const refused: Found[] = [];
  for (const { name, kind } of below.sort((a, b) => compareBytes(a.name, b.name))) {
    if (!here.filter.enters(joined(here.place.path, name))) continue;
    const path = joined(here.folder.path, name);
    if (kind === 'folder') {
      const real = joined(here.folder.real, name);
      const { region } = here.folder;
      if (here.territory.ownerOf(real) === region) entered.push({ path, real, region });
      continue;
    }
    const real = await realpathOf(path);
    if (real === null) continue; // gone since it was listed
    if (!here.realRoots.some((root) => isWithin(root, real))) {
      refused.push(foundLinkOut(here.input, here.place, { name, target: real }));
    } else if (here.territory.claim(real)) entered.push({ path, real, region: real });
  }
  return { entered, refused };
}

/** The path without links; null where it leads nowhere or may not be followed. */
export async function realpathOf(path: BytePath): Promise<BytePath | null> {
  return await realpath(bytesOf(path), { encoding: 'latin1' }).catch(() => null);
}
