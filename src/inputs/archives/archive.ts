import { open } from 'node:fs/promises';
import { bytePathOf } from '../byte-path.js';
import { lookAt } from '../folders/listing.js';
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
  const columns = new Set<string>();
  await addColumns(file.path, columns).catch(() => {});
  return { kind: 'archive', ...file, columns: [...columns] };
}

async function addColumns(path: string, columns: Set<string>): Promise<void> {
  const look = await lookAt(bytePathOf(path));
  if (look === 'folder' || look.problem !== undefined) return;
  await using handle = await open(path);
  if (await isZipped(handle)) return; // nothing in it belongs together
  for await (const members of archiveMembers(handle, (await handle.stat()).size)) {
    for (const { row = {} } of members) {
      for (const name of Object.keys(row)) if (columns.size < MOST_COLUMNS) columns.add(name);
    }
  }
}
