import type { GetObjectCommandOutput, S3Client, S3ClientConfig } from '@aws-sdk/client-s3';
import { messageOf, VisionError } from '../../core/errors.js';
import { EXIT, ExitError } from '../../core/exit.js';
import type { SourceBytes } from '../../core/item.js';
import { type BytePath, bytePathOf } from '../byte-path.js';
import type { ByteRange, FetchHow, KnownVersion } from '../urls/reader.js';
import { joinedBytes, wholeBytes } from '../urls/url-body.js';
import { Deadline } from '../urls/url-deadline.js';
import type { S3, S3Object } from './s3.js';
import { s3Failure, statusOf } from './s3-failures.js';
import { type S3Place, s3PlaceOf, s3UrlOf } from './s3-url.js';

export interface S3Options {
  /** The most bytes that an object may have. */
  readonly maxBytes: number;
  /** For one request with its body, the SDK's own tries included. */
  readonly timeoutMs: number;
  /** Another server than Amazon's, which is asked by path (`http://HOST/BUCKET/KEY`); null for what the SDK knows. */
  readonly endpoint: string | null;
  /**
   * Loads the SDK.
   *
   * @defaultValue from its package
   */
  readonly sdk?: () => Promise<Sdk>;
}

type Sdk = typeof import('@aws-sdk/client-s3');

/** Reads S3 storage by the AWS SDK, which is loaded with the first use, with the credentials that it finds. Who creates it closes it. */
export function createS3(options: S3Options): S3 {
  return new SdkS3(options);
}

class SdkS3 implements S3 {
  readonly #options: S3Options;
  #loading: Promise<{ readonly sdk: Sdk; readonly client: S3Client }> | null = null;

  constructor(options: S3Options) {
    this.#options = options;
  }

  async load(): Promise<void> {
    await this.#loaded().catch((cause: unknown) => {
      const { fix, sentence } = unloadable(cause);
      throw new ExitError(EXIT.dependency, sentence, { fix, cause });
    });
  }

  async *list(place: S3Place): AsyncGenerator<readonly S3Object[]> {
    const shown = s3UrlOf(place);
    let token: string | undefined;
    do {
      const before: string | undefined = token;
      const page = await this.#ask(shown, undefined, async ({ client, sdk, signal }) => {
        const command = new sdk.ListObjectsV2Command({
          Bucket: place.bucket,
          Prefix: place.key,
          EncodingType: 'url', // else XML cannot hold every key
          ContinuationToken: before,
        });
        return await client.send(command, { abortSignal: signal });
      });
      const isEncoded = page.EncodingType === 'url';
      yield (page.Contents ?? []).map((object) => ({
        key: isEncoded ? decodedKey(object.Key ?? '') : bytePathOf(object.Key ?? ''),
        size: object.Size ?? 0,
        mtimeMs: wholeSeconds(object.LastModified),
      }));
      token = page.IsTruncated === true ? page.NextContinuationToken : undefined;
      if (page.IsTruncated === true && (token === undefined || token === before)) throw endless(shown);
    } while (token !== undefined);
  }

  async look(place: S3Place): Promise<S3Object> {
    const head = await this.#ask(s3UrlOf(place), undefined, ({ client, sdk, signal }) =>
      client.send(new sdk.HeadObjectCommand({ Bucket: place.bucket, Key: place.key }), { abortSignal: signal }),
    );
    return { key: bytePathOf(place.key), size: head.ContentLength ?? 0, mtimeMs: wholeSeconds(head.LastModified) };
  }

  async read(url: string, { range, signal }: FetchHow = {}): Promise<SourceBytes> {
    const what = { range: range ?? null, known: null };
    return await this.#ask(url, signal, async (at) => await this.#got(url, { ...at, ...what }));
  }

  async readIfChanged(url: string, known: KnownVersion, signal?: AbortSignal): Promise<SourceBytes | null> {
    return await this.#ask(url, signal, async (at) => {
      try {
        return await this.#got(url, { ...at, range: null, known });
      } catch (thrown) {
        if (statusOf(thrown) === NOT_MODIFIED) return null;
        throw thrown;
      }
    });
  }

  async close(): Promise<void> {
    if (this.#loading !== null) (await this.#loading.catch(() => null))?.client.destroy();
  }

  async #got(url: string, { client, known, range, sdk, signal }: Get): Promise<SourceBytes> {
    const place = s3PlaceOf(url);
    if (place === null || place.key === '') {
      throw new VisionError('IMAGE_UNREADABLE', `Expected s3://BUCKET/KEY, got ${JSON.stringify(url)}.`);
    }
    const command = new sdk.GetObjectCommand({
      Bucket: place.bucket,
      Key: place.key,
      ...(range === null ? {} : { Range: `bytes=${range.offset}-${range.offset + range.length - 1}` }),
      ...(known?.etag == null ? {} : { IfNoneMatch: known.etag }),
      ...(known === null || known.mtimeMs === 0 ? {} : { IfModifiedSince: new Date(known.mtimeMs) }),
    });
    const object = await client.send(command, { abortSignal: signal });
    return await this.#received(url, object, range);
  }

  async #received(url: string, object: GetObjectCommandOutput, range: ByteRange | null): Promise<SourceBytes> {
    const { Body: body, ContentLength: length = 0, ContentRange, ETag: etag, LastModified } = object;
    const mostBytes = range?.length ?? this.#options.maxBytes;
    const tooMany = () => tooLarge(url, mostBytes);
    if (!isStream(body)) throw new VisionError('IMAGE_UNREADABLE', `S3 sent nothing for ${url}.`);
    if (length > mostBytes) {
      body.destroy();
      throw tooMany();
    }
    const bytes = await joinedBytes(body, mostBytes, tooMany);
    if (bytes.length === 0) throw new VisionError('IMAGE_UNREADABLE', `${url} has 0 bytes.`);
    if (range !== null && bytes.length !== range.length) {
      throw new VisionError('IMAGE_UNREADABLE', `${url} ends within the part asked for: it has changed since.`);
    }
    const version = etag === undefined ? {} : { etag };
    const size = range === null ? bytes.length : wholeBytes(ContentRange);
    return { bytes, size, mtimeMs: wholeSeconds(LastModified), ...version };
  }

  /** Asks within the time, and says what failed in our words. */
  async #ask<T>(shown: string, outer: AbortSignal | undefined, use: (at: At) => Promise<T>): Promise<T> {
    outer?.throwIfAborted();
    const { timeoutMs } = this.#options;
    const loaded = await this.#loaded().catch((cause: unknown) => {
      const { fix, sentence } = unloadable(cause);
      throw new VisionError('IMAGE_UNSUPPORTED', sentence, { fix, cause });
    });
    const reason = () => new VisionError('URL_FETCH', `Asking for ${shown} took longer than ${timeoutMs} ms.`);
    using deadline = new Deadline({ timeoutMs, signal: outer, reason });
    try {
      return await use({ ...loaded, signal: deadline.signal });
    } catch (thrown) {
      throw deadline.signal.aborted ? deadline.signal.reason : s3Failure(shown, thrown);
    }
  }

  #loaded(): Promise<{ readonly sdk: Sdk; readonly client: S3Client }> {
    const { endpoint, sdk: load = () => import('@aws-sdk/client-s3') } = this.#options;
    this.#loading ??= load().then((sdk) => {
      const own: S3ClientConfig = endpoint === null ? {} : { endpoint, forcePathStyle: true };
      return { sdk, client: new sdk.S3Client({ followRegionRedirects: true, ...own }) };
    });
    return this.#loading;
  }
}

interface At {
  readonly sdk: Sdk;
  readonly client: S3Client;
  readonly signal: AbortSignal;
}

interface Get extends At {
  readonly range: ByteRange | null;
  readonly known: KnownVersion | null;
}

const NOT_MODIFIED = 304;

/** Why there is no client. */
function unloadable(thrown: unknown): { readonly sentence: string; readonly fix: string } {
  const isMissing = thrown instanceof Error && 'code' in thrown && thrown.code === 'ERR_MODULE_NOT_FOUND';
  if (isMissing) {
    return {
      sentence: 'Reading s3:// takes the package @aws-sdk/client-s3, which is not installed.',
      fix: 'Install it beside visionbatch: npm install @aws-sdk/client-s3',
    };
  }
  return {
    sentence: `The package @aws-sdk/client-s3 cannot be used: ${messageOf(thrown)}`,
    fix: 'Look at AWS_ENDPOINT_URL, and at the version of the package.',
  };
}

type Body = AsyncIterable<Uint8Array> & { destroy(): void };

/** The SDK's type names every kind of body there is; under Node it is a stream. */
function isStream(body: object | undefined): body is Body {
  return body !== undefined && Symbol.asyncIterator in body && 'destroy' in body;
}

/** A listing may tell of milliseconds, an object's own header has none. */
function wholeSeconds(date: Date | undefined): number {
  return Math.floor((date?.getTime() ?? 0) / 1_000) * 1_000;
}

/** The bytes of a key in a listing. Servers other than Amazon's let a `%` stand for itself, and take bytes that are no text. */
function decodedKey(key: string): BytePath {
  return bytePathOf(key.replaceAll('+', ' ')).replace(/%([0-9a-f]{2})/gi, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
}

function tooLarge(url: string, maxBytes: number): VisionError {
  return new VisionError('IMAGE_TOO_LARGE', `${url} has more than the ${maxBytes} bytes allowed.`, {
    fix: 'Make a smaller copy of it.',
  });
}

function endless(shown: string): VisionError {
  return new VisionError('URL_FETCH', `The list of ${shown} does not end: its server names no next page.`);
}
