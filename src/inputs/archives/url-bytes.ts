import { setTimeout as delay } from 'node:timers/promises';
import { toVisionError } from '../../core/errors.js';
import type { ArchiveVersion, SourceBytes } from '../../core/item.js';
import type { RandomBytes } from '../file-range.js';
import type { ByteRange, UrlReader } from '../urls/reader.js';
import { readVersion } from '../urls/url-version.js';

/** Waits between tries at a range: one closed connection must not end a listing of thousands. */
const WAITS_MS = [500, 4_000];

/** An archive at an address, of which single ranges are read, all of one version. */
export class UrlBytes implements RandomBytes {
  readonly version: ArchiveVersion;
  /** Whole milliseconds since 1970; 0 where the server does not say. */
  readonly mtimeMs: number;
  readonly #read: UrlReader['read'];
  readonly #url: string;

  private constructor(read: UrlReader['read'], url: string, { etag, mtimeMs, size }: SourceBytes) {
    this.#read = read;
    this.#url = url;
    this.mtimeMs = mtimeMs;
    this.version = { size, ...(etag === undefined ? {} : { etag }) };
  }

  /** Asks for the first byte, which tells the size: an address that is signed for GET refuses HEAD. */
  static async open(read: UrlReader['read'], url: string): Promise<UrlBytes> {
    return new UrlBytes(read, url, await again(() => read(url, { range: { offset: 0, length: 1 } })));
  }

  async read(into: Uint8Array, offset: number, length: number, position: number): Promise<{ bytesRead: number }> {
    const left = this.version.size - position;
    if (left <= 0) return { bytesRead: 0 };
    const range: ByteRange = { offset: position, length: Math.min(length, left) };
    const { bytes } = await again(() => readVersion(this.#read, this.#url, { range, version: this.version }));
    into.set(bytes, offset);
    return { bytesRead: bytes.length };
  }
}

async function again<T>(ask: () => Promise<T>): Promise<T> {
  for (const waitMs of WAITS_MS) {
    try {
      return await ask();
    } catch (thrown) {
      if (toVisionError(thrown).code !== 'URL_FETCH') throw thrown;
      await delay(waitMs);
    }
  }
  return await ask();
}
