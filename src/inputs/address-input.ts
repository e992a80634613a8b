import { EXIT, ExitError } from '../core/exit.js';
import type { Addresses } from './addresses.js';
import { isArchiveName } from './archives/archive-members.js';
import { openUrlArchive, type UrlArchive } from './archives/url-archive.js';
import { bytePathOf } from './byte-path.js';
import { type S3Input, s3InputOf } from './s3/s3-input.js';
import { isS3Url, s3PlaceOf, s3UrlOf } from './s3/s3-url.js';
import { isManifestName } from './tables/manifest.js';

/** What stands in front of an address; a path has nothing like it. One letter may be a drive. */
const SCHEME = /^([a-z][a-z0-9+.-]+):(?:\/\/|(?<=^data:))/i;

const FIXES: Readonly<Record<string, string>> = {
  http: 'Put URLs of images into a manifest: a .csv file with a column `url`.',
  https: 'Put URLs of images into a manifest: a .csv file with a column `url`.',
  file: 'Write its path instead.',
  ftp: 'FTP is not spoken: download the files and give their folder.',
  data: 'It holds the image itself: put it into a column of a manifest, or decode it into a file.',
};

interface AddressOptions {
  /** Undefined where addresses are refused. */
  readonly addresses?: Addresses | undefined;
  /** Ends waits for other machines. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * The input that an address names; null for what is no address.
 *
 * @throws ExitError 2 for one that cannot be an input, 3 where the AWS SDK is not installed or an archive's server does
 * not answer
 */
export async function addressInput(
  given: string,
  { addresses, signal = new AbortController().signal }: AddressOptions,
): Promise<S3Input | UrlArchive | null> {
  const scheme = SCHEME.exec(given)?.[1]?.toLowerCase();
  if (scheme === undefined) return null;
  const input = addresses === undefined ? null : await inputAt(given, { ...addresses, signal });
  if (input !== null) return input;
  const known = scheme === 's3' ? 'Write s3://BUCKET/PREFIX/ or s3://BUCKET/KEY.' : FIXES[scheme];
  const shown = scheme === 'data' ? 'a data: URL' : `an address of the kind ${scheme}:`;
  throw new ExitError(EXIT.usage, `Expected an input to be a folder, a file, a glob or s3://BUCKET/…, got ${shown}.`, {
    fix: known ?? 'Download what it names and give its path.',
  });
}

async function inputAt(
  given: string,
  { read, s3, signal }: Addresses & { readonly signal: AbortSignal },
): Promise<S3Input | UrlArchive | null> {
  const place = isS3Url(given) ? s3PlaceOf(given) : null;
  const isHttp = /^https?:/i.test(given) && URL.canParse(given);
  const name = bytePathOf(place?.key ?? (isHttp ? new URL(given).pathname : ''));
  if (isManifestName(name)) throw onlyFromItsStart('a table');
  if (/\.(?:tgz|tar\.gz)$/i.test(name)) throw onlyFromItsStart('a gzipped archive');
  if (place !== null) await s3.load();
  if (isArchiveName(name)) {
    return await openUrlArchive({ url: place === null ? given : s3UrlOf(place), read, signal });
  }
  return place === null ? null : s3InputOf(given);
}

function onlyFromItsStart(what: string): ExitError {
  const message = `Expected an address to be of S3 storage or of a .zip or .tar file, got that of ${what}.`;
  return new ExitError(EXIT.usage, message, { fix: 'Download it and give its path.' });
}
