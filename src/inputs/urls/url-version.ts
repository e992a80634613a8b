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
 * @throws VisionError URL_FETCH where the server has another one by now: it is to be listed again
 */
export async function readVersion(
  read: UrlReader['read'],
  url: string,
  { range, signal, version }: VersionRange,
): Promise<SourceBytes> {
  const { etag, size } = version;
  const part = await read(url, { range, signal });
  if (part.size !== size || (etag !== undefined && part.etag !== etag)) {
    const sentence = `${bareAddress(url)} has changed since it was listed.`;
    throw new VisionError('URL_FETCH', sentence, { fix: 'Start again.' });
  }
  return part;
}
