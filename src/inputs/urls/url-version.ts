import { bareAddress } from '../../core/bare-address.js';
import { VisionError } from '../../core/errors.js';
import type { ArchiveVersion, SourceBytes } from '../../core/item.js';
import type { ByteRange, UrlReader } from './reader.js';

interface VersionRange {
  readonly range: ByteRange;
  readonly version: ArchiveVersion;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Reads a range of the version that was listed.
 *
 * @throws VisionError IMAGE_UNREADABLE where the server has another one by now
 */
export async function readVersion(
  read: UrlReader['read'],
  url: string,
  { range, signal, version }: VersionRange,
): Promise<SourceBytes> {
  const { etag, size } = version;
  const isStrong = etag !== undefined && !etag.startsWith('W/'); // only such a one can be asked for
  const part = await read(url, { range, signal, ...(isStrong ? { etag } : {}) });
  if (part.size !== size || (etag !== undefined && part.etag !== etag)) throw changedSince(bareAddress(url));
  return part;
}

/** IMAGE_UNREADABLE where what lies at an address is another version than the one asked for. */
export function changedSince(shown: string): VisionError {
  return new VisionError('IMAGE_UNREADABLE', `${shown} has changed since it was listed.`, { fix: 'Start again.' });
}
