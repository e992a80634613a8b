import { VisionError } from '../../core/errors.js';
import { sha256Hex } from '../../core/fingerprint.js';
import type { VisionRecord } from '../../core/record.js';
import type { UrlReader } from '../../inputs/urls/reader.js';

/** What a record says of one source: which version of it was read. */
export interface ReadVersion {
  readonly sha256: string;
  readonly mtimeMs: number;
  readonly etag: string | null;
}

/** Whether a source has the bytes it had. `unanswered`: nobody can tell now. */
export type Rechecked =
  | { readonly kind: 'same'; readonly mtimeMs: number; readonly etag: string | null }
  | { readonly kind: 'changed' | 'unanswered' };

/** Asks sites whether images have changed since their rows were made (`--recheck-urls`). */
export class Recheck {
  readonly #urls: UrlReader;
  readonly #signal: AbortSignal;
  #unanswered = 0;

  constructor(urls: UrlReader, signal: AbortSignal) {
    this.#urls = urls;
    this.#signal = signal;
  }

  /**
   * Asks about one URL. Where its site does not answer as it should, the row that there is stands: a site's bad night
   * must not cost it.
   */
  async look(url: string, version: ReadVersion): Promise<Rechecked> {
    const { etag, mtimeMs, sha256 } = version;
    try {
      const now = await this.#urls.readIfChanged(url, { etag, mtimeMs }, this.#signal);
      if (now === null) return { kind: 'same', mtimeMs, etag };
      const { bytes, etag: newEtag = null } = now;
      return sha256Hex(bytes) === sha256 ? { kind: 'same', mtimeMs: now.mtimeMs, etag: newEtag } : { kind: 'changed' };
    } catch (error) {
      if (!this.#signal.aborted && !mayAnswerLater(error)) return { kind: 'changed' };
      if (!this.#signal.aborted) this.#unanswered += 1;
      return { kind: 'unanswered' };
    }
  }

  /** What a person is to know at the end; null where every site has answered. */
  get sentence(): string | null {
    if (this.#unanswered === 0) return null;
    const images = this.#unanswered === 1 ? '1 URL' : `${this.#unanswered} URLs`;
    return `${images} could not be asked whether the image has changed. Their rows stand; the same command asks again.`;
  }
}

function mayAnswerLater(error: unknown): boolean {
  return !(error instanceof VisionError) || error.code === 'URL_FETCH';
}

/** What the record says of its source at this place; null where it was not read that far. */
export function versionAt({ image, source_etag, source_mtime }: VisionRecord, at: number): ReadVersion | null {
  const sha256 = [image].flat()[at]?.sha256;
  const time = [source_mtime].flat()[at];
  if (sha256 === undefined || time == null) return null;
  return { sha256, mtimeMs: Date.parse(time), etag: [source_etag].flat()[at] ?? null };
}
