import { setTimeout as delay } from 'node:timers/promises';
import { toVisionError } from '../../core/errors.js';
import type { ArchiveVersion, SourceBytes } from '../../core/item.js';
import type { RandomBytes } from '../file-range.js';
import { afterRest } from '../urls/patient-reader.js';
import type { ByteRange, UrlReader } from '../urls/reader.js';
import { readVersion } from '../urls/url-version.js';

/** Waits between tries at a range: one closed connection must not end a listing of thousands. */
const WAITS_MS = [500, 4_000];

/** Where the bytes are. */
export interface UrlBytesSource {
  readonly read: UrlReader['read'];
  readonly url: string;
  /** Ends every wait. */
  readonly signal: AbortSignal;
}

/** An archive at an address, of which single ranges are read, all of one version. */
export class UrlBytes implements RandomBytes {
  readonly version: ArchiveVersion;
  /** Whole milliseconds since 1970; 0 where the server does not say. */
  readonly mtimeMs: number;
  readonly #from: UrlBytesSource;

  private constructor(from: UrlBytesSource, { etag, mtimeMs, size }: SourceBytes) {
    this.#from = from;
    this.mtimeMs = mtimeMs;
    this.version = { size, ...(etag === undefined ? {} : { etag }) };
  }

  /** Asks for the first byte, which tells the size: an address that is signed for GET refuses HEAD. */
  static async open(from: UrlBytesSource): Promise<UrlBytes> {
    const { read, signal, url } = from;
    return new UrlBytes(from, await again(() => read(url, { range: { offset: 0, length: 1 }, signal }), signal));
  }

  async read(into: Uint8Array, offset: number, length: number, position: number): Promise<{ bytesRead: number }> {
    const left = this.version.size - position;
    if (left <= 0) return { bytesRead: 0 };
    const range: ByteRange = { offset: position, length: Math.min(length, left) };
    const { read, signal, url } = this.#from;
    const { bytes } = await again(() => readVersion(read, url, { range, signal, version: this.version }), signal);
    into.set(bytes, offset);
    return { bytesRead: bytes.length };
  }
}

async function again<T>(ask: () => Promise<T>, signal: AbortSignal): Promise<T> {
  for (const waitMs of WAITS_MS) {
    try {
      return await afterRest(ask, { signal });
    } catch (thrown) {
      if (toVisionError(thrown).code !== 'URL_FETCH') throw thrown;
      await delay(waitMs, undefined, { signal });
    }
  }
  return await afterRest(ask, { signal });
}
