import { sha256Of } from '../../core/bytes.js';
import { type FailureCode, VisionError } from '../../core/errors.js';
import type { FoundSource } from '../../core/item.js';
import type { VisionRecord } from '../../core/record.js';
import { type FileKind, sniff } from '../../core/sniff.js';
import { afterRest } from '../../inputs/urls/patient-reader.js';
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

/** Documents whose pages are looked at beside each other are few. */
const MOST_RECENT = 64;

/** Asks sites whether images have changed since their rows were made (`--recheck-urls`). */
export class Recheck {
  readonly #urls: UrlReader;
  readonly #signal: AbortSignal;
  /** By URL and version, the one asked for last at the end. */
  readonly #recent = new Map<string, Promise<Rechecked>>();
  #unanswered = 0;

  constructor(urls: UrlReader, signal: AbortSignal) {
    this.#urls = urls;
    this.#signal = signal;
  }

  /** Whether a document is what its page was read of. Where its site does not answer, it counts as that. */
  async isUnchanged({ ref }: FoundSource, record: VisionRecord | undefined): Promise<boolean> {
    const version = record === undefined ? null : versionAt(record, 0);
    if (!('url' in ref) || version === null) return false;
    return (await this.look(ref.url, version)).kind !== 'changed';
  }

  /**
   * Asks about one URL, once for the pages of a document, which are looked at one after another. Where its site does not
   * answer as it should, the row that there is stands: a site's bad night must not cost it.
   */
  look(url: string, version: ReadVersion): Promise<Rechecked> {
    const name = JSON.stringify([url, version]);
    const asked = this.#recent.get(name) ?? this.#ask(url, version);
    this.#recent.delete(name);
    this.#recent.set(name, asked);
    const [oldest = name] = this.#recent.keys();
    if (this.#recent.size > MOST_RECENT) this.#recent.delete(oldest);
    return asked;
  }

  async #ask(url: string, version: ReadVersion): Promise<Rechecked> {
    const { etag, mtimeMs, sha256 } = version;
    const signal = this.#signal;
    try {
      const now = await afterRest(() => this.#urls.readIfChanged(url, { etag, mtimeMs }, signal), { signal });
      if (now === null) return { kind: 'same', mtimeMs, etag };
      const { bytes, etag: newEtag = null } = now;
      if ((await sha256Of(bytes)) === sha256) return { kind: 'same', mtimeMs: now.mtimeMs, etag: newEtag };
      return WORDS.has(sniff(bytes)) ? this.#noAnswer() : { kind: 'changed' };
    } catch (error) {
      const isOther = error instanceof VisionError && OTHER_IMAGE.has(error.code);
      return isOther && !signal.aborted ? { kind: 'changed' } : this.#noAnswer();
    }
  }

  #noAnswer(): Rechecked {
    if (!this.#signal.aborted) this.#unanswered += 1;
    return { kind: 'unanswered' };
  }

  /** What a person is to know at the end; null where every site has answered. */
  get sentence(): string | null {
    if (this.#unanswered === 0) return null;
    const images = this.#unanswered === 1 ? '1 URL' : `${this.#unanswered} URLs`;
    return `${images} could not be asked whether the image has changed. Their rows stand; the same command asks again.`;
  }
}

/** What says of an image that it is another one, or gone. A refusal, or a page that says please log in, says nothing of it. */
const OTHER_IMAGE: ReadonlySet<FailureCode> = new Set(['IMAGE_MISSING', 'IMAGE_TOO_LARGE']);
const WORDS: ReadonlySet<FileKind> = new Set(['empty', 'html', 'text']);

/** What the record says of its source at this place; null where it was not read that far. */
export function versionAt({ image, source_etag, source_mtime }: VisionRecord, at: number): ReadVersion | null {
  const sha256 = [image].flat()[at]?.sha256;
  const time = [source_mtime].flat()[at];
  if (sha256 === undefined || time == null) return null;
  return { sha256, mtimeMs: Date.parse(time), etag: [source_etag].flat()[at] ?? null };
}
