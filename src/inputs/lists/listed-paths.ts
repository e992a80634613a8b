import { Buffer } from 'node:buffer';
import path from 'node:path';
import type { BytePath } from '../byte-path.js';
import { lookAt } from '../folders/listing.js';
import { type Found, foundFile } from '../found.js';
import { placeOf, type RunRoots } from '../roots.js';
import { type PathList, pathsIn } from './path-list.js';

export interface ListedPathsOptions {
  readonly roots: RunRoots;
  /** Ordinal of the list among the inputs. */
  readonly input: number;
  /** What a folder holds. */
  readonly folder: (path: BytePath) => AsyncIterable<readonly Found[]>;
}

/** Paths that are looked at together, and asked before the next ones are looked at. */
const PATHS_AT_ONCE = 64;
/** Bytes of a path's number, by which the items are sorted. */
const NUMBER_BYTES = 6;

/**
 * The items of a list, in its order: a file is one, a folder is walked. What is not there, or may not be read, is a failed
 * item. Nothing is held but a few paths.
 */
export async function* listedPaths(list: PathList, options: ListedPathsOptions): AsyncGenerator<readonly Found[]> {
  let number = 0;
  let pending: BytePath[] = [];
  for await (const file of pathsIn(list)) {
    pending.push(file);
    if (pending.length < PATHS_AT_ONCE) continue;
    yield* itemsOf(pending, number, options);
    number += pending.length;
    pending = [];
  }
  yield* itemsOf(pending, number, options);
}

async function* itemsOf(
  files: readonly BytePath[],
  first: number,
  { folder, input, roots }: ListedPathsOptions,
): AsyncGenerator<readonly Found[]> {
  const looks = await Promise.all(files.map(async (file) => ({ file, look: await lookAt(file) })));
  yield [{ kind: 'folder', input }];
  for (const [at, { file, look }] of looks.entries()) {
    if (look === 'folder') {
      yield* folder(file);
      yield [{ kind: 'folder', input }];
      continue;
    }
    const place = placeOf(path.posix.dirname(file), roots);
    const found = foundFile(input, place, { name: path.posix.basename(file), look });
    yield [found.kind === 'item' ? { ...found, name: numbered(first + at) } : found];
  }
}

function numbered(number: number): Buffer {
  const bytes = Buffer.alloc(NUMBER_BYTES);
  bytes.writeUIntBE(number, 0, NUMBER_BYTES);
  return bytes;
}
