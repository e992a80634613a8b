import type { S3 } from './s3/s3.js';
import type { UrlReader } from './urls/reader.js';

/** What reads inputs that lie on other machines. */
export interface Addresses extends Pick<UrlReader, 'read'> {
  /** For listings. */
  readonly s3: S3;
}
