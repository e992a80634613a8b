import type { FileHandle } from 'node:fs/promises';
import { VisionError } from '../../core/errors.js';
import { type BytePath, shown } from '../byte-path.js';
import { type RandomBytes, readRange } from '../file-range.js';
import { gunzipped, isGzipped } from '../spool/gunzip.js';
import { damaged, type Member } from './archive-member.js';
import { type Ahead, FileBytes, StreamBytes } from './forward-bytes.js';
import { shardMembers } from './webdataset.js';
import { zipMembers } from './zip-members.js';

/** Whether a file named explicitly is opened as an archive: `.zip`, `.tar`, `.tar.gz` or `.tgz` in any case. */
export function isArchiveName(name: BytePath): boolean {
  return /[^/]\.(?:zip|tar|tgz|tar\.gz)$/i.test(shown(name));
}

/**
 * The files in an archive, a batch at a time, in its order; what it is is told by its bytes. Nothing of a ZIP or tar file
 * is read but what lists its members; a gzipped one is unpacked on the way, into nowhere.
 *
 * @param size - of the file, in bytes
 * @throws VisionError IMAGE_UNREADABLE, IMAGE_TRUNCATED, IMAGE_TOO_LARGE where it is not in order: what was told is right
 */
export async function* archiveMembers(handle: FileHandle, size: number): AsyncGenerator<readonly Member[]> {
  if (size === 0) throw damaged('it is empty');
  if (await isZipped(handle)) yield* zipMembers(handle, size);
  else if (await isGzipped(handle)) yield* gzippedMembers(handle, size);
  else yield* shardMembers(new FileBytes(handle, size));
}

/** Another machine is asked seldom, and for more: in the time that a request takes comes half a megabyte. */
const FAR_AHEAD: Ahead = { leastBytes: 262_144, mostBytes: 1_048_576 };

/**
 * The files in a ZIP or tar file on another machine, as {@link archiveMembers} tells those of a file.
 *
 * @throws VisionError IMAGE_UNSUPPORTED where it is packed as a whole: its end would have to be read for its last member
 */
export async function* looseMembers(
  bytes: RandomBytes,
  { size }: { readonly size: number },
): AsyncGenerator<readonly Member[]> {
  if (await isZipped(bytes)) yield* zipMembers(bytes, size);
  else if (await isGzipped(bytes)) {
    const fix = 'Download it and give its path.';
    throw new VisionError('IMAGE_UNSUPPORTED', 'The archive is gzipped, and can only be read from its start.', { fix });
  } else yield* shardMembers(new FileBytes(bytes, size, FAR_AHEAD));
}

async function* gzippedMembers(handle: FileHandle, size: number): AsyncGenerator<readonly Member[]> {
  const unpacked = gunzipped({ handle, size, noun: 'archive' });
  try {
    yield* shardMembers(new StreamBytes(unpacked));
  } finally {
    await unpacked.return(undefined); // what stands behind a damaged place is not unpacked
  }
}

/** `PK` opens a ZIP file, an empty one and one of a split archive too. */
export async function isZipped(handle: RandomBytes): Promise<boolean> {
  const head = await readRange(handle, { at: 0, length: 2 });
  return head !== null && String.fromCharCode(...head) === 'PK';
}
