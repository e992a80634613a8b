import type { FoundItem } from '../core/item.js';
import type { Found } from '../inputs/found.js';
import type { Discovery } from '../results/discovery.js';
import { ItemKeys, type ItemKeysOptions } from './item-keys.js';
import { BATCH } from './window.js';

export interface DiscoverOptions extends ItemKeysOptions {
  readonly found: AsyncIterable<Found>;
  readonly discovery: Discovery;
  /** Folders with a smaller ordinal are complete: their items can be read back in order. */
  readonly onFrontier: (folder: number) => void;
  readonly signal: AbortSignal;
}

type Entry = Parameters<Discovery['add']>[0][number];

/**
 * Writes discovery into the store, folder by folder. The store does the sorting; what is held here is {@link ItemKeys}.
 *
 * @returns files that are no images, by extension, or null where the signal ended it early
 * @throws ExitError 2 where two images have one key, unless they are numbered: the store would keep one of them only
 */
export async function discoverInto(options: DiscoverOptions): Promise<Readonly<Record<string, number>> | null> {
  const { discovery, onFrontier, signal } = options;
  const notImages = new Map<string, number>();
  const keys = new ItemKeys(options);
  let folder = 0;
  let batch: Entry[] = [];
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
      batch.push(...entriesOf(found, keys.own(found), folder));
      if (batch.length >= BATCH) await flush();
    }
  }
  await flush();
  return Object.fromEntries(notImages);
}

/** @param item - under its own key; null where an earlier item stands for it */
function entriesOf(
  { input, isElsewhere, name }: Extract<Found, { readonly kind: 'item' }>,
  item: FoundItem | null,
  folder: number,
): readonly Entry[] {
  return item === null || isElsewhere === true ? [] : [{ input, folder, name, item }];
}
