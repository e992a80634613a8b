import { type FailureCode, toVisionError } from '../../core/errors.js';
import { keyOfPath } from '../../core/keys.js';
import { type BytePath, bytesOf } from '../byte-path.js';
import type { Found } from '../found.js';
import { unanswered } from '../unanswered.js';
import type { UrlReader } from '../urls/reader.js';
import { looseMembers } from './archive-members.js';
import { type FoundArchive, foundMember } from './found-member.js';
import { NameCounts } from './name-counts.js';
import type { UrlArchive } from './url-archive.js';
import { UrlBytes } from './url-bytes.js';

export interface UrlArchiveItemsOptions {
  readonly read: UrlReader['read'];
  /** Ends every wait, with what was found. */
  readonly signal: AbortSignal;
  /** Ordinal of the archive among the inputs. */
  readonly input: number;
  /** Decides about paths inside the archive. */
  readonly isWanted: (member: BytePath) => boolean;
}

/** Faults of the archive itself, which are a failed item beside what was found in it. */
const OWN_FAULTS: ReadonlySet<FailureCode> = new Set([
  'IMAGE_UNREADABLE',
  'IMAGE_TRUNCATED',
  'IMAGE_TOO_LARGE',
  'IMAGE_UNSUPPORTED',
]);

/**
 * The images in an archive at an address, as `archiveItems` finds them in a file. Nothing is fetched but what lists them.
 *
 * @throws ExitError 3 where the server does not give it
 */
export async function* urlArchiveItems(
  { given, url }: UrlArchive,
  { input, isWanted, read, signal }: UrlArchiveItemsOptions,
): AsyncGenerator<readonly Found[]> {
  yield [{ kind: 'folder', input }];
  const key = keyOfPath(given);
  try {
    const bytes = await UrlBytes.open({ read, signal, url });
    const { mtimeMs, version } = bytes;
    const archive: FoundArchive = {
      ...{ input, isWanted, key, mtimeMs, met: new NameCounts() },
      refOf: (part) => ({ url, part: { ...part, version } }),
    };
    for await (const members of looseMembers(bytes, version)) {
      yield members.flatMap((member) => foundMember(member, archive) ?? []);
    }
  } catch (thrown) {
    if (signal.aborted) return;
    const error = toVisionError(thrown);
    if (!OWN_FAULTS.has(error.code)) throw unanswered(error);
    const problem = { code: error.code, message: `${error.sentence} What else the archive holds is unknown.` };
    const sources = [{ ref: { url: given }, size: null, mtimeMs: null }];
    yield [{ kind: 'item', input, name: bytesOf(''), item: { key, sources, page: 0, problem } }];
  }
}
