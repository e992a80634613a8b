import type { BytePath } from '../byte-path.js';
import type { UrlReader } from '../urls/reader.js';
import type { S3Place } from './s3-url.js';

/** An object as its storage tells of it. */
export interface S3Object {
  /** Its bytes as they are: some servers take names that are not UTF-8. */
  readonly key: BytePath;
  readonly size: number;
  /** Whole seconds, in milliseconds since 1970, as an object's own `Last-Modified` has them. */
  readonly mtimeMs: number;
}

/** Reads S3 storage. */
export interface S3 extends UrlReader {
  /** @throws ExitError 3 where the SDK is not installed */
  load(): Promise<void>;
  /**
   * The objects whose keys begin with the place's, a thousand at a time, in the storage's order: by the bytes of their
   * keys.
   *
   * @throws VisionError as {@link UrlReader.read} does
   */
  list(place: S3Place): AsyncGenerator<readonly S3Object[]>;
  /** What is told of one object. Throws a VisionError as reading it does. */
  look(place: S3Place): Promise<S3Object>;
}
