import type { FoundItem } from '../core/item.js';
import { KeySet } from '../core/key-set.js';
import type { Found, FoundRow } from '../inputs/found.js';
import { repeatedRow } from '../inputs/tables/manifest-items.js';
import type { Discovery } from '../results/discovery.js';
import { keyHash } from '../results/layout.js';
import { BATCH } from './window.js';

export interface DiscoverOptions {
  readonly found: AsyncIterable<Found>;
  readonly discovery: Discovery;
  /** What becomes of rows of manifests with one key: they stop the run, or later ones are called `KEY~2`, `KEY~3`, … */
  readonly onRepeat: 'error' | 'number';
  /** Folders with a smaller ordinal are complete: their items can be read back in order. */
  readonly onFrontier: (folder: number) => void;
  readonly signal: AbortSignal;
}

/**
 * Writes discovery into the store, folder by folder. The store does the sorting; all that is held here is which rows of
 * manifests were met, eight bytes each, and where they are numbered the ids that were repeated.
 *
 * @returns files that are no images, by extension, or null where the signal ended it early
 * @throws ExitError 2 where two rows of manifests have one key, unless they are numbered: the store would keep one of
 * them only
 */
export async function discoverInto(options: DiscoverOptions): Promise<Readonly<Record<string, number>> | null> {
  const { discovery, onFrontier, onRepeat, signal } = options;
  const notImages = new Map<string, number>();
  const rows = new Rows(onRepeat);
  let folder = 0;
  let batch: Parameters<Discovery['add']>[0][number][] = [];
  const flush = async () => {
    if (batch.length > 0) await discovery.add(batch);
    batch = [];
  };
  for await (const found of options.found) {
    if (signal.aborted) return null;
    if (found.kind === 'other') {
      notImages.set(found.extension, (notImages.get(found.extension) ?? 0) + 1);
    } else if (found.kind === 'folder') {
      await flush();
      folder = discovery.folder(found.input);
      onFrontier(folder);
    } else {
      batch.push({ input: found.input, folder, name: found.name, item: rows.itemOf(found) });
      if (batch.length >= BATCH) await flush();
    }
  }
  await flush();
  return Object.fromEntries(notImages);
}

/** The rows of manifests that were met. */
class Rows {
  readonly #onRepeat: DiscoverOptions['onRepeat'];
  readonly #met = new KeySet();
  /** Of keys that were repeated, the number that the next one is tried under. */
  readonly #next = new Map<string, number>();
  /** The row whose items come, and its number among those of its key. */
  #row: (FoundRow & { readonly number: number }) | null = null;

  constructor(onRepeat: DiscoverOptions['onRepeat']) {
    this.#onRepeat = onRepeat;
  }

  /** The item under a key of its own. The pages of a row come one after another, and have one number. */
  itemOf({ item, row }: Extract<Found, { readonly kind: 'item' }>): FoundItem {
    if (row === undefined) return item;
    const [key, page] = parted(item.key);
    if (this.#row?.manifest !== row.manifest || this.#row.line !== row.line) {
      this.#row = { ...row, number: this.#numberOf(key, row) };
    }
    const { number } = this.#row;
    return number === 1 ? item : { ...item, key: `${key}~${number}${page}` };
  }

  #numberOf(key: string, row: FoundRow): number {
    if (this.#met.add(keyHash(key))) return 1;
    if (this.#onRepeat === 'error') throw repeatedRow(key, row);
    let number = this.#next.get(key) ?? 2;
    while (!this.#met.add(keyHash(`${key}~${number}`))) number += 1;
    this.#next.set(key, number + 1);
    return number;
  }
}

/** `a#3` → `a` and `#3`: no other `#` stands in a key. */
function parted(key: string): readonly [key: string, page: string] {
  const at = key.lastIndexOf('#');
  return at < 0 ? [key, ''] : [key.slice(0, at), key.slice(at)];
}
