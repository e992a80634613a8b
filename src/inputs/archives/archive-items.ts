import { open } from 'node:fs/promises';
import { type Failure, VisionError } from '../../core/errors.js';
import type { FoundSource } from '../../core/item.js';
import { type BytePath, bytePathOf, bytesOf, textOf } from '../byte-path.js';
import { fileFailure } from '../file-failure.js';
import { lookAt, wholeMs } from '../folders/listing.js';
import type { Found } from '../found.js';
import { type Place, placeOf, type RunRoots } from '../roots.js';
import type { ArchiveInput } from './archive.js';
import { archiveMembers } from './archive-members.js';
import { type FoundArchive, foundMember } from './found-member.js';
import { NameCounts } from './name-counts.js';

export interface ArchiveItemsOptions {
  readonly roots: RunRoots;
  /** Ordinal of the archive among the inputs. */
  readonly input: number;
  /** Decides about paths inside the archive. */
  readonly isWanted: (member: BytePath) => boolean;
}

/**
 * The images in an archive, as if it were a folder: by extension, without what is hidden, sorted by their paths. Size is
 * that of a member unpacked, time that of the archive, so that all of a rewritten one is looked at again.
 *
 * An archive that cannot be read, or not to its end, is a failed item under its own key, beside what was found in it.
 */
export async function* archiveItems(
  { path }: ArchiveInput,
  options: ArchiveItemsOptions,
): AsyncGenerator<readonly Found[]> {
  const { input, roots } = options;
  const place = placeOf(bytePathOf(path), roots);
  yield [{ kind: 'folder', input }];
  const look = await lookAt(bytePathOf(path));
  if (look === 'folder') return; // it was a file a moment ago
  const { problem, ...seen } = look;
  const failed = (failure: Failure): readonly Found[] => [foundArchive(input, place, { failure, seen })];
  if (problem !== undefined) return yield failed(problem);
  try {
    await using handle = await open(path);
    const { mtimeMs, size } = await handle.stat();
    const file = textOf(place.path) ?? '';
    const archive: FoundArchive = {
      ...{ input, isWanted: options.isWanted, key: place.key, mtimeMs: wholeMs(mtimeMs), met: new NameCounts() },
      refOf: (part) => ({ root: place.root, path: file, part }),
    };
    for await (const members of archiveMembers(handle, size)) {
      yield members.flatMap((member) => foundMember(member, archive) ?? []);
    }
    const after = await handle.stat();
    if (after.mtimeMs !== mtimeMs || after.size !== size) yield failed(CHANGED);
  } catch (error) {
    yield failed(failureOf(error));
  }
}

const CHANGED: Failure = {
  code: 'IMAGE_UNREADABLE',
  message: 'The archive changed while it was looked through. Start again when it has been written.',
};

interface FailedArchive {
  readonly failure: Failure;
  readonly seen: Pick<FoundSource, 'size' | 'mtimeMs'>;
}

/** What stays unknown of an archive is one item: `page` 0, before its members. */
function foundArchive(input: number, place: Place, { failure, seen }: FailedArchive): Found {
  const path = textOf(place.path);
  const sources = path === null ? [] : [{ ref: { root: place.root, path }, ...seen }];
  return { kind: 'item', input, name: bytesOf(''), item: { key: place.key, sources, page: 0, problem: failure } };
}

function failureOf(error: unknown): Failure {
  const { code, message } = fileFailure(error, 'archive').toFailure();
  return { code, message: error instanceof VisionError ? `${message} What else it holds is unknown.` : message };
}
