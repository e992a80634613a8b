import type { Dispatcher } from 'undici';
import { VisionError } from '../../core/errors.js';
import type { SourceBytes } from '../../core/item.js';
import { sniff } from '../../core/sniff.js';
import type { ByteRange } from './reader.js';
import { lastModifiedMs, notThePart, shownUrl, tooLarge } from './url-failures.js';

/** A successful answer, before its body was read. */
export interface Received extends Pick<Dispatcher.ResponseData, 'headers' | 'body'> {
  readonly url: URL;
  /** What was asked for; null for the whole. */
  readonly range: ByteRange | null;
}

/**
 * Reads the body whole and no further than `maxBytes`, or than the range; the socket of a longer one is closed.
 *
 * @throws VisionError IMAGE_TOO_LARGE, by `Content-Length` or as counted; IMAGE_UNREADABLE where it is empty, packed, a
 * web page, or another part than was asked for
 * @throws what the connection dies of
 */
export async function receivedBytes({ url, headers, body, range }: Received, maxBytes: number): Promise<SourceBytes> {
  const mostBytes = range?.length ?? maxBytes;
  const unwanted = unwantedBy({ url, headers, body, range }, mostBytes);
  if (unwanted !== null) {
    await body.dump({ limit: 1 });
    throw unwanted;
  }
  const bytes = await joinedBytes(body, mostBytes, () => tooLarge(url, mostBytes));
  if (range === null) refuseNoImage(bytes, url);
  else if (bytes.length !== range.length) throw notThePart(url, `${bytes.length} bytes`);
  const { etag } = headers;
  return {
    bytes,
    size: range === null ? bytes.length : wholeBytes(headers['content-range']),
    mtimeMs: lastModifiedMs(headers),
    ...(typeof etag === 'string' && etag !== '' ? { etag } : {}),
  };
}

/** Why the body is not worth reading, by its headers; null where it is. */
function unwantedBy({ headers, range, url }: Received, mostBytes: number): VisionError | null {
  const packed = String(headers['content-encoding'] ?? '');
  if (PACKED.test(packed)) {
    return unreadable(`${url.host} sent ${shownUrl(url)} in the encoding ${packed}, though it was asked for none.`);
  }
  if (range !== null && !isRange(headers['content-range'], range)) return notThePart(url, 'another part');
  return Number(headers['content-length'] ?? 0) > mostBytes ? tooLarge(url, mostBytes) : null;
}

/** Encodings that change the bytes. Others stand there by mistake, such as `none`, or S3's `aws-chunked`. */
const PACKED = /\b(gzip|compress|deflate|br|zstd)\b/i;

/** Whether `Content-Range` (RFC 9110 §14.4) is that of the range. */
function isRange(header: string | string[] | undefined, { length, offset }: ByteRange): boolean {
  const [, first, last] = /^bytes (\d+)-(\d+)\/\d+$/i.exec(String(header)) ?? [];
  return Number(first) === offset && Number(last) === offset + length - 1;
}

/** Bytes of the whole, as `Content-Range` tells them beside a part's. */
export function wholeBytes(contentRange: string | readonly string[] | undefined): number {
  return Number(/\d+$/.exec(String(contentRange))?.[0] ?? 0);
}

function refuseNoImage(bytes: Uint8Array, url: URL): void {
  const kind = sniff(bytes);
  if (kind === 'empty') throw unreadable(`${url.host} sent 0 bytes for ${shownUrl(url)}.`);
  if (kind === 'html') throw unreadable(`${url.host} sent an HTML page for ${shownUrl(url)}, not an image.`);
}

/**
 * All that comes, in memory of its own: small Buffers share theirs, which can then not be handed to another thread.
 *
 * @throws `tooMany()` as soon as more than `maxBytes` came
 */
export async function joinedBytes(
  arriving: AsyncIterable<Uint8Array>,
  maxBytes: number,
  tooMany: () => Error,
): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of arriving) {
    size += chunk.length;
    if (size > maxBytes) throw tooMany();
    chunks.push(chunk);
  }
  const whole = new Uint8Array(size);
  let at = 0;
  for (const chunk of chunks) {
    whole.set(chunk, at);
    at += chunk.length;
  }
  return whole;
}

function unreadable(sentence: string): VisionError {
  return new VisionError('IMAGE_UNREADABLE', sentence);
}
