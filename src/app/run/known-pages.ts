import { FirstFew } from '../../core/first-few.js';
import type { VisionRecord } from '../../core/record.js';
import { sourceMark } from '../../core/source-mark.js';
import type { KnownPage } from '../../inputs/pages.js';

/** What a record says of the page that it is of; undefined where there is none, or it has several sources. */
export function knownPage(record: VisionRecord | undefined): KnownPage | undefined {
  if (record === undefined || Array.isArray(record.source_bytes) || Array.isArray(record.source_mtime))
    return undefined;
  const { pages, source, source_bytes: size, source_mtime } = record;
  return { pages, size, mtimeMs: source_mtime === null ? null : Date.parse(source_mtime), mark: sourceMark(source) };
}

/** Files that a sentence names. */
const MOST_NAMED = 5;

/** Files that have none of the wanted pages. */
export class FilesWithoutPages {
  readonly #files = new FirstFew(MOST_NAMED);

  add(key: string): void {
    this.#files.add(key);
  }

  /** Null where there are none. */
  get sentence(): string | null {
    const { sentence, total } = this.#files;
    if (total === 0) return null;
    return `${total} ${total === 1 ? 'file has' : 'files have'} none of the pages of --pages: ${sentence}.`;
  }
}
