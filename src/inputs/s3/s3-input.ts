import { bytePathOf } from '../byte-path.js';
import { isImageName } from '../patterns.js';
import { isS3Url, type S3Place, s3PlaceOf } from './s3-url.js';

/** Objects in S3 storage, as an input. */
export interface S3Input {
  readonly kind: 's3';
  readonly given: string;
  /** Of a folder the prefix, which ends in `/` or is empty; else the one object's key. */
  readonly place: S3Place;
  readonly isFolder: boolean;
}

/** The input that an `s3://` URL names: one image by its name, else all that lies below. Null where it is none. */
export function s3InputOf(given: string): S3Input | null {
  const place = isS3Url(given) ? s3PlaceOf(given) : null;
  if (place === null) return null;
  const isFolder = !isImageName(bytePathOf(nameOf(place.key)));
  const { bucket, key } = place;
  const prefix = key === '' || key.endsWith('/') || !isFolder ? key : `${key}/`;
  return { kind: 's3', given, place: { bucket, key: prefix }, isFolder };
}

/** The last part of a key. */
export function nameOf(key: string): string {
  return key.slice(key.lastIndexOf('/') + 1);
}
