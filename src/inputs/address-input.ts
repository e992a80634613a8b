import { EXIT, ExitError } from '../core/exit.js';
import type { Addresses } from './addresses.js';
import { type S3Input, s3InputOf } from './s3/s3-input.js';

/** What stands in front of an address; a path has nothing like it. One letter may be a drive. */
const SCHEME = /^([a-z][a-z0-9+.-]+):(?:\/\/|(?<=^data:))/i;

const FIXES: Readonly<Record<string, string>> = {
  http: 'Put URLs into a manifest: a .csv file with a column `url`.',
  https: 'Put URLs into a manifest: a .csv file with a column `url`.',
  file: 'Write its path instead.',
  ftp: 'FTP is not spoken: download the files and give their folder.',
  data: 'It holds the image itself: put it into a column of a manifest, or decode it into a file.',
};

/**
 * The input that an address names; null for what is no address.
 *
 * @throws ExitError 2 for another one than `s3://BUCKET[/KEY]`, 3 where the AWS SDK is not installed
 */
export async function addressInput(given: string, addresses: Addresses | undefined): Promise<S3Input | null> {
  const scheme = SCHEME.exec(given)?.[1]?.toLowerCase();
  if (scheme === undefined) return null;
  const input = s3InputOf(given);
  if (input !== null && addresses !== undefined) {
    await addresses.s3.load();
    return input;
  }
  const known = scheme === 's3' ? 'Write s3://BUCKET/PREFIX/ or s3://BUCKET/KEY.' : FIXES[scheme];
  const shown = scheme === 'data' ? 'a data: URL' : `an address of the kind ${scheme}:`;
  throw new ExitError(EXIT.usage, `Expected an input to be a folder, a file, a glob or s3://BUCKET/…, got ${shown}.`, {
    fix: known ?? 'Download what it names and give its path.',
  });
}
