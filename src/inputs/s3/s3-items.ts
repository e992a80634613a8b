import { Buffer } from 'node:buffer';
import { type Failure, VisionError } from '../../core/errors.js';
import type { FoundItem } from '../../core/item.js';
import { keyOfPath } from '../../core/keys.js';
import { type BytePath, bytePathOf } from '../byte-path.js';
import { type Found, foundOther } from '../found.js';
import { isHidden, isImageName } from '../patterns.js';
import type { S3Object } from './s3-client.js';
import { nameOf, type S3Input } from './s3-input.js';
import { type S3Place, s3UrlOf } from './s3-url.js';

export interface S3ItemsOptions {
  /** Ordinal among the inputs. */
  readonly input: number;
  /** Whether the run wants a file, by its path below the folder. */
  readonly isWanted: (file: BytePath) => boolean;
}

/**
 * Finds the images below a prefix, in the order of their keys, a page of the listing at a time. Each page counts as a
 * folder, so that the first items are asked while the list goes on. What cannot be listed is one failed item.
 */
export async function* s3Items(from: S3Input, options: S3ItemsOptions): AsyncGenerator<readonly Found[]> {
  const { isFolder, place, s3 } = from;
  const { input } = options;
  if (!isFolder) return yield [{ kind: 'folder', input }, await oneObject(from, options)];
  try {
    for await (const page of s3.list(place)) {
      yield [{ kind: 'folder', input }, ...page.flatMap((object) => foundObject(object, from, options))];
    }
  } catch (error) {
    if (!(error instanceof VisionError)) throw error;
    yield [{ kind: 'folder', input }, unlisted(from, input, error)];
  }
}

async function oneObject({ place, s3 }: S3Input, { input }: S3ItemsOptions): Promise<Found> {
  const url = s3UrlOf(place);
  try {
    const { mtimeMs, size } = await s3.look(place);
    return foundAt(input, place, { key: keyOfPath(url), sources: [{ ref: { url }, size, mtimeMs }], page: 1 });
  } catch (error) {
    if (!(error instanceof VisionError)) throw error;
    const source = { ref: { url }, size: null, mtimeMs: null };
    return foundAt(input, place, { key: keyOfPath(url), sources: [source], page: 1, problem: error.toFailure() });
  }
}

function foundObject(object: S3Object, from: S3Input, { input, isWanted }: S3ItemsOptions): readonly Found[] {
  const below = object.key.slice(from.place.key.length);
  if (below === '' || below.endsWith('/') || below.split('/').some(isHidden)) return [];
  const name = bytePathOf(below);
  if (!isWanted(name)) return [];
  if (!isImageName(bytePathOf(nameOf(below)))) return [foundOther(bytePathOf(nameOf(below)))];
  const place = { bucket: from.place.bucket, key: object.key };
  const url = s3UrlOf(place);
  const { mtimeMs, size } = object;
  return [foundAt(input, place, { key: keyOfPath(url), sources: [{ ref: { url }, size, mtimeMs }], page: 1 })];
}

/** A prefix whose items stay unknown is one item itself. */
function unlisted({ place }: S3Input, input: number, error: VisionError): Found {
  const url = s3UrlOf(place);
  const problem: Failure = { code: 'FOLDER_UNREADABLE', message: error.sentence };
  return foundAt(input, place, {
    key: keyOfPath(url),
    sources: [{ ref: { url }, size: null, mtimeMs: null }],
    page: 0,
    problem,
  });
}

function foundAt(input: number, { key }: S3Place, item: FoundItem): Found {
  return { kind: 'item', input, name: Buffer.from(key, 'utf8'), item };
}
