import { open } from 'node:fs/promises';
import { bytePathOf } from '../byte-path.js';
import { lookAt } from '../folders/listing.js';
import type { Member } from './archive-member.js';
import { archiveMembers, isZipped } from './archive-members.js';

/** An archive that is named itself: a folder of its own. */
export interface ArchiveInput {
  readonly kind: 'archive';
  readonly given: string;
  /** Absolute path. */
  readonly path: string;
  /** Columns that its images carry, in order, each once. */
  readonly columns: readonly string[];
}

/** Columns that a table has at most; further ones are in the records only. */
const MOST_COLUMNS = 1_000;

/** Looks through an archive for the columns that its images carry. Never throws: what is wrong with it is told later. */
export async function openArchive(file: { readonly given: string; readonly path: string }): Promise<ArchiveInput> {
  return { kind: 'archive', ...file, columns: await columnsOf(file.path).catch(() => []) };
}

async function columnsOf(path: string): Promise<readonly string[]> {
  const look = await lookAt(bytePathOf(path));
  if (look === 'folder' || look.problem !== undefined) return [];
  await using handle = await open(path);
  if (await isZipped(handle)) return []; // nothing in it belongs together
  return await columnsIn(archiveMembers(handle, (await handle.stat()).size));
}

/** The columns of the first members; where what follows cannot be read, of those before it. */
export async function columnsIn(
  batches: AsyncIterable<readonly Member[]>,
  mostMembers = Number.POSITIVE_INFINITY,
): Promise<readonly string[]> {
  const columns = new Set<string>();
  let left = mostMembers;
  try {
    for await (const members of batches) {
      for (const { row = {} } of members) {
        for (const name of Object.keys(row)) if (columns.size < MOST_COLUMNS) columns.add(name);
      }
      left -= members.length;
      if (left <= 0) break;
    }
  } catch {
    // told when its items are looked for
  }
  return [...columns];
}
