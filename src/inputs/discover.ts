import path from 'node:path';
import type { Addresses } from './addresses.js';
import { archiveItems } from './archives/archive-items.js';
import { urlArchiveItems } from './archives/url-archive-items.js';
import { type BytePath, bytePathOf, isWithin, joined } from './byte-path.js';
import { expandFolders, type GlobPart, wholePattern } from './folders/globs.js';
import { lookAt } from './folders/listing.js';
import { RealPlaces } from './folders/real-places.js';
import { Territory } from './folders/territory.js';
import { realpathOf, type WalkFolder, type WalkOptions, walk } from './folders/walk.js';
import { type Found, foundFile, foundUnreadable } from './found.js';
import { inputFolders } from './input-folders.js';
import { listedItems } from './lists/listed-items.js';
import { listedPaths } from './lists/listed-paths.js';
import { type Filter, filterOf, isHidden, isImageName, type Matches, matcher } from './patterns.js';
import type { ResolvedInput } from './resolve.js';
import { placeOf, type RunRoots } from './roots.js';
import { s3Items } from './s3/s3-items.js';
import type { ImageTerritory } from './tables/manifest-image.js';
import { manifestItems } from './tables/manifest-items.js';

export interface DiscoverOptions {
  readonly roots: RunRoots;
  /** Globs relative to a root, or to an archive that is an input; empty: everything. They do not bind a file that is named explicitly or by a manifest. */
  readonly include: readonly string[];
  readonly exclude: readonly string[];
  /**
   * Reads inputs that lie on other machines.
   *
   * @defaultValue none: such an input is a mistake of the caller
   */
  readonly addresses?: Addresses;
  /**
   * Ends waits for other machines, and the search with them.
   *
   * @defaultValue none
   */
  readonly signal?: AbortSignal;
}

/**
 * Finds the items of the inputs, folder by folder, in flat memory. A file that several inputs reach is one item:
 * - a folder owns everything in it (see {@link Territory}): files and globs given beside it add only what it leaves out;
 * - a file named explicitly is left out of globs;
 * - among globs, the first that matches wins.
 *
 * A manifest's rows are items of their own, whatever the other inputs find.
 *
 * @throws ExitError 2 where a manifest is not in order
 */
export async function* discover(inputs: readonly ResolvedInput[], options: DiscoverOptions): AsyncGenerator<Found> {
  const plan = await planOf(inputs, options);
  for (const [at, input] of inputs.entries()) {
    for await (const batch of batchesOf(input, at, plan)) {
      for (const found of batch) yield found;
    }
  }
}

type Batches = AsyncGenerator<readonly Found[]>;

/** Who finds what, decided before the first folder is read. */
interface Plan {
  readonly roots: RunRoots;
  readonly addresses: Addresses | undefined;
  readonly signal: AbortSignal;
  readonly realRoots: readonly BytePath[];
  readonly filter: Filter;
  /** What folders given as inputs own. */
  readonly folders: Territory;
  /** The folder that each folder input walks, by input; one that lies in another has none. */
  readonly starts: ReadonlyMap<number, WalkFolder>;
  /** Which input tells, or opens, a file named explicitly, by its path without linked folders. */
  readonly named: ReadonlyMap<BytePath, number>;
  /** What the globs so far have found. */
  readonly globbed: Matches[];
  /** Where the images of manifests may lie. */
  readonly territory: ImageTerritory;
}

async function planOf(inputs: readonly ResolvedInput[], options: DiscoverOptions): Promise<Plan> {
  const filter = filterOf(options);
  const folders = new Territory(null, true);
  const starts = new Map<number, WalkFolder>();
  for (const [at, input] of inputs.entries()) {
    if (input.kind !== 'folder') continue;
    const start = await startAt(bytePathOf(input.path));
    if (folders.claim(start.real)) starts.set(at, start);
  }
  const named = new Map<BytePath, number>();
  for (const [at, input] of inputs.entries()) {
    if (input.kind !== 'file' && input.kind !== 'archive' && input.kind !== 'manifest') continue;
    const folder = await startAt(bytePathOf(path.dirname(input.path)));
    const name = bytePathOf(path.basename(input.path));
    const isListed =
      isImageName(name) && !isHidden(name) && isWanted(placeOf(bytePathOf(input.path), options.roots).path, filter);
    const file = joined(folder.real, name);
    if (!(isListed && folders.ownerOf(folder.real) !== null) && !named.has(file)) named.set(file, at);
  }
  const realRoots = await Promise.all(options.roots.map(async (root) => (await startAt(bytePathOf(root.path))).real));
  const territory = await territoryOf(inputs, options.roots);
  const { addresses, roots, signal = new AbortController().signal } = options;
  return { roots, addresses, signal, realRoots, filter, folders, starts, named, globbed: [], territory };
}

async function territoryOf(inputs: readonly ResolvedInput[], roots: RunRoots): Promise<ImageTerritory> {
  const folders = inputFolders(inputs).map(bytePathOf);
  return {
    roots,
    folders,
    places: new RealPlaces(),
    realFolders: await Promise.all(folders.map(async (folder) => (await startAt(folder)).real)),
  };
}

/** Whether the filter lets a walk through to this file. */
function isWanted(file: BytePath, filter: Filter): boolean {
  const segments = file.split('/');
  const above = segments.slice(0, -1).map((_, at) => segments.slice(0, at + 1).join('/'));
  return above.every((folder) => filter.enters(folder)) && filter.wants(file);
}

/** A folder to walk from; where it cannot be followed, the walk will say so. */
async function startAt(folder: BytePath): Promise<WalkFolder> {
  const real = (await realpathOf(folder)) ?? folder;
  return { path: folder, real, region: real };
}

function batchesOf(input: ResolvedInput, at: number, plan: Plan): Batches {
  const { filter, roots, territory } = plan;
  const isMeant = (file: BytePath): boolean => isWanted(file, filter);
  switch (input.kind) {
    case 'folder':
      return walkInput(at, plan);
    case 'file':
      return namedFile(input.path, at, plan);
    case 'glob':
      return globbed(input.parts, at, plan);
    case 'manifest':
      return manifestItems(input.manifest, { ...territory, input: at });
    case 'items':
      return listedItems(input, { roots, input: at });
    case 'list':
      return listedPaths(input, { roots, input: at, folder: listedFolder(at, plan) });
    case 'archive':
      return archiveItems(input, { roots, input: at, isWanted: isMeant });
    case 's3':
      return s3Items(input, { s3: addressesOf(plan).s3, input: at, isWanted: isMeant });
    case 'url-archive':
      return urlArchiveItems(input, {
        read: addressesOf(plan).read,
        signal: plan.signal,
        input: at,
        isWanted: isMeant,
      });
  }
}

function addressesOf({ addresses }: Plan): Addresses {
  if (addresses === undefined) throw new Error('Expected `addresses` to read inputs on other machines, got none.');
  return addresses;
}

async function* walkInput(input: number, plan: Plan): Batches {
  const start = plan.starts.get(input);
  if (start === undefined) return;
  yield* walk({ ...plan, input, start, territory: plan.folders, deep: true, isMeant: unlessNamed(plan) });
}

/** Walks a folder that a list names, unless an input or the list has it already. */
function listedFolder(input: number, plan: Plan): (folder: BytePath) => Batches {
  return async function* (folder) {
    const start = await startAt(folder);
    if (!plan.folders.claim(start.real)) return;
    yield* walk({ ...plan, input, start, territory: plan.folders, deep: true, isMeant: unlessNamed(plan) });
  };
}

async function* namedFile(file: string, input: number, plan: Plan): Batches {
  const folder = bytePathOf(path.dirname(file));
  const name = bytePathOf(path.basename(file));
  if (plan.named.get(joined((await startAt(folder)).real, name)) !== input) return;
  const look = await lookAt(bytePathOf(file));
  if (look === 'folder') return; // it was a file a moment ago
  yield [{ kind: 'folder', input }, foundFile(input, placeOf(folder, plan.roots), { name, look })];
}

async function* globbed(parts: readonly GlobPart[], input: number, plan: Plan): Batches {
  for (const part of parts) {
    const { folders, unreadable } = await expandFolders(part);
    for (const { folder, error } of unreadable) {
      yield [{ kind: 'folder', input }, foundUnreadable(input, placeOf(folder, plan.roots), error)];
    }
    const territory = new Territory(plan.folders, part.deep);
    const matches = matcher([part.names]);
    for (const folder of folders) {
      const start = await startAt(folder);
      if (!territory.claim(start.real)) continue;
      yield* walk({ ...plan, input, start, territory, deep: part.deep, isMeant: meantBy(matches, start, plan) });
    }
    plan.globbed.push(coveredBy(part));
  }
}

/** What is named explicitly is told by its own input, or is a table or an archive that is opened. */
function unlessNamed({ named }: Plan): WalkOptions['isMeant'] {
  return (folder, name) => named.size === 0 || !named.has(joined(folder.real, name));
}

function meantBy(matches: Matches, start: WalkFolder, plan: Plan): WalkOptions['isMeant'] {
  const isUnnamed = unlessNamed(plan);
  return (folder, name) => {
    const file = joined(folder.path, name);
    return matches(below(start.path, file)) && isUnnamed(folder, name) && !plan.globbed.some((covers) => covers(file));
  };
}

/** Decides about absolute paths whether this part of a glob has found them. */
function coveredBy(part: GlobPart): Matches {
  const base = bytePathOf(part.base);
  const matches = matcher([wholePattern(part)]);
  return (file) => isWithin(base, file) && matches(below(base, file));
}

function below(folder: BytePath, file: BytePath): BytePath {
  return path.posix.relative(folder, file);
}
