import { toVisionError } from '../../core/errors.js';
import type { FoundItem, FoundSource } from '../../core/item.js';
import { keyOfPath } from '../../core/keys.js';
import { type BytePath, bytePathOf, bytesOf, shown, textOf } from '../byte-path.js';
import { type Found, foundOther } from '../found.js';
import { isHidden, isImageName } from '../patterns.js';
import { unanswered } from '../unanswered.js';
import type { S3, S3Object } from './s3.js';
import { nameOf, type S3Input } from './s3-input.js';
import { s3UrlOf } from './s3-url.js';

export interface S3ItemsOptions {
  readonly s3: S3;
  /** Ordinal among the inputs. */
  readonly input: number;
  /** Whether the run wants a file, by its path below the folder. */
  readonly isWanted: (file: BytePath) => boolean;
}

/**
 * Finds the images below a prefix, in the order of their keys, a page of the listing at a time. Each page counts as a
 * folder, so that the first items are asked while the list goes on.
 *
 * @throws ExitError 3 where the storage cannot be listed to its end: what is missing in the list is not gone
 */
export async function* s3Items(from: S3Input, options: S3ItemsOptions): AsyncGenerator<readonly Found[]> {
  const { isFolder, place } = from;
  const { input, s3 } = options;
  if (!isFolder) return yield [{ kind: 'folder', input }, await oneObject(from, options)];
  try {
    for await (const page of s3.list(place)) {
      yield [{ kind: 'folder', input }, ...page.flatMap((object) => foundObject(object, from, options))];
    }
  } catch (thrown) {
    throw unanswered(toVisionError(thrown));
  }
}

/** Only an object that is not there is a failed item: of all else the storage is to blame, or who asks. */
async function oneObject({ place }: S3Input, { input, s3 }: S3ItemsOptions): Promise<Found> {
  const url = s3UrlOf(place);
  const key = bytePathOf(place.key);
  try {
    const { mtimeMs, size } = await s3.look(place);
    return foundAt(input, key, { ...itemAt(url), sources: [{ ref: { url }, size, mtimeMs }] });
  } catch (thrown) {
    const error = toVisionError(thrown);
    if (error.code !== 'IMAGE_MISSING') throw unanswered(error);
    const source = { ref: { url }, size: null, mtimeMs: null };
    return foundAt(input, key, { ...itemAt(url), sources: [source], problem: error.toFailure() });
  }
}

function foundObject(object: S3Object, { place }: S3Input, { input, isWanted }: S3ItemsOptions): readonly Found[] {
  const { key, mtimeMs, size } = object;
  const below = key.slice(bytePathOf(place.key).length);
  if (below === '' || below.endsWith('/') || below.split('/').some(isHidden)) return [];
  if (!isWanted(below)) return [];
  if (!isImageName(nameOf(below))) return [foundOther(nameOf(below))];
  const text = textOf(key);
  if (text === null) return [foundNoText(input, place.bucket, key)];
  const url = s3UrlOf({ bucket: place.bucket, key: text });
  const source: FoundSource = { ref: { url }, size, mtimeMs };
  return [foundAt(input, key, { ...itemAt(url), sources: [source] })];
}

function foundNoText(input: number, bucket: string, key: BytePath): Found {
  const message = `The object's key is not valid UTF-8 (it reads ${JSON.stringify(shown(key))}). Copy it under another one.`;
  const item = itemAt(bytesOf(bytePathOf(s3UrlOf({ bucket, key: '' })) + key));
  return foundAt(input, key, { ...item, problem: { code: 'NAME_NOT_UTF8', message } });
}

function itemAt(url: string | Uint8Array): FoundItem {
  return { key: keyOfPath(url), sources: [], page: 1 };
}

function foundAt(input: number, key: BytePath, item: FoundItem): Found {
  return { kind: 'item', input, name: bytesOf(key), item };
}
