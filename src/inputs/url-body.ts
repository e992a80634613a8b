import type { Dispatcher } from 'undici';
import { VisionError } from '../core/errors.js';
import type { SourceBytes } from '../core/item.js';
import { sniff } from '../core/sniff.js';
import { lastModifiedMs, shownUrl, tooLarge } from './url-failures.js';

/** A successful answer, before its body was read. */
export interface Received extends Pick<Dispatcher.ResponseData, 'headers' | 'body'> {
  readonly url: URL;
}

/**
 * Reads the body whole and no further than `maxBytes`; the socket of a longer one is closed.
 *
 * @throws VisionError IMAGE_TOO_LARGE, by `Content-Length` or as counted; IMAGE_UNREADABLE where it is empty, packed or
 * a web page
 * @throws what the connection dies of
 */
export async function receivedBytes({ url, headers, body }: Received, maxBytes: number): Promise<SourceBytes> {
  const packed = headers['content-encoding'] || 'identity';
  if (packed !== 'identity' || Number(headers['content-length'] ?? 0) > maxBytes) {
    await body.dump({ limit: 1 });
    if (packed === 'identity') throw tooLarge(url, maxBytes);
    throw unreadable(`${url.host} sent ${shownUrl(url)} in the encoding ${packed}, though it was asked for none.`);
  }
  const arriving: AsyncIterable<Uint8Array> = body;
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of arriving) {
    size += chunk.length;
    if (size > maxBytes) throw tooLarge(url, maxBytes);
    chunks.push(chunk);
  }
  const bytes = joined(chunks, size);
  const kind = sniff(bytes);
  if (kind === 'empty') throw unreadable(`${url.host} sent 0 bytes for ${shownUrl(url)}.`);
  if (kind === 'html') throw unreadable(`${url.host} sent an HTML page for ${shownUrl(url)}, not an image.`);
  return { bytes, size, mtimeMs: lastModifiedMs(headers) };
}

/** In memory of its own: small Buffers share theirs, which can then not be handed to another thread. */
function joined(chunks: readonly Uint8Array[], size: number): Uint8Array {
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
