import { sharedCopy } from '../core/bytes.js';
import type { SourceBytes, SourceReader, SourceRef } from '../core/item.js';
import { unlessAborted } from '../core/unless-aborted.js';

/** What the file system says of a source now; null where it cannot be asked, as of a URL. */
export type SourceLook = (source: SourceRef) => Promise<Pick<SourceBytes, 'size' | 'mtimeMs'> | null>;

export interface RecentSourcesOptions {
  readonly read: SourceReader;
  readonly look: SourceLook;
  /** Sources that are kept at most. */
  readonly maxSources: number;
  /** Bytes that are kept at most; the last source is kept however large it is. */
  readonly maxBytes: number;
}

interface Kept {
  readonly reading: Promise<SourceBytes>;
  /** In bytes; 0 while it is being read. */
  size: number;
}

/**
 * A reader for sources of several pages, which are asked for once a page: the last few are kept, and read again only
 * where their size or time has changed. Pages that are asked for at the same time wait for one reading. The bytes lie in
 * shared memory, so that threads which decode them need no copy.
 */
export function recentSources(options: RecentSourcesOptions): SourceReader {
  const recent = new Recent(options);
  return async (source, { signal } = {}) => {
    const read = await unlessAborted(signal ?? new AbortController().signal, recent.read(source));
    if (read === null) throw signal?.reason;
    return read;
  };
}

class Recent {
  readonly #options: RecentSourcesOptions;
  /** By the source's JSON, the one used last at the end. */
  readonly #kept = new Map<string, Kept>();

  constructor(options: RecentSourcesOptions) {
    this.#options = options;
  }

  async read(source: SourceRef): Promise<SourceBytes> {
    if ('bytes' in source) return this.#options.read(source);
    const name = JSON.stringify(source);
    const before = this.#kept.get(name);
    if (before !== undefined && (await this.#isAsKept(source, before))) {
      this.#keep(name, before);
      return before.reading;
    }
    const known = this.#kept.get(name);
    if (known !== undefined && known !== before) return known.reading; // another page has read it anew by now
    const kept: Kept = { reading: this.#options.read(source).then(shared), size: 0 };
    this.#keep(name, kept);
    try {
      const read = await kept.reading;
      kept.size = read.bytes.length;
      this.#dropOldest();
      return read;
    } catch (error) {
      if (this.#kept.get(name) === kept) this.#kept.delete(name);
      throw error;
    }
  }

  async #isAsKept(source: SourceRef, { reading }: Kept): Promise<boolean> {
    const kept = await reading.catch(() => null);
    if (kept === null) return false;
    const now = await this.#options.look(source);
    return now === null || (now.size === kept.size && now.mtimeMs === kept.mtimeMs);
  }

  #keep(name: string, kept: Kept): void {
    this.#kept.delete(name);
    this.#kept.set(name, kept);
    this.#dropOldest();
  }

  #dropOldest(): void {
    const { maxBytes, maxSources } = this.#options;
    const bytes = (): number => [...this.#kept.values()].reduce((sum, { size }) => sum + size, 0);
    for (const name of this.#kept.keys()) {
      if (this.#kept.size <= 1 || (this.#kept.size <= maxSources && bytes() <= maxBytes)) return;
      this.#kept.delete(name);
    }
  }
}

async function shared(source: SourceBytes): Promise<SourceBytes> {
  return { ...source, bytes: await sharedCopy(source.bytes) };
}
