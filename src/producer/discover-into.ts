import { KeySet } from '../core/key-set.js';
import type { Found } from '../inputs/found.js';
import { repeatedRow } from '../inputs/manifest-items.js';
import type { Discovery } from '../results/discovery.js';
import { keyHash } from '../results/layout.js';
import { BATCH } from './window.js';

export interface DiscoverOptions {
  readonly found: AsyncIterable<Found>;
  readonly discovery: Discovery;
  /** Folders with a smaller ordinal are complete: their items can be read back in order. */
  readonly onFrontier: (folder: number) => void;
  readonly signal: AbortSignal;
}

/**
 * Writes discovery into the store, folder by folder. The store does the sorting; all that is held here is which rows of
 * manifests were met, eight bytes each.
 *
 * @returns files that are no images, by extension, or null where the signal ended it early
 * @throws ExitError 2 where two rows of manifests have one key: the store would keep one of them only
 */
export async function discoverInto(options: DiscoverOptions): Promise<Readonly<Record<string, number>> | null> {
  const { discovery, onFrontier, signal } = options;
  const notImages = new Map<string, number>();
  const rows = new KeySet();
  let folder = 0;
  let batch: Parameters<Discovery['add']>[0][number][] = [];
  const flush = async () => {
    if (batch.length > 0) await discovery.add(batch);
    batch = [];
  };
  for await (const found of options.found) {
    if (signal.aborted) return null;
    refuseRepeat(found, rows);
    if (found.kind === 'other') {
      notImages.set(found.extension, (notImages.get(found.extension) ?? 0) + 1);
    } else if (found.kind === 'folder') {
      await flush();
      folder = discovery.folder(found.input);
      onFrontier(folder);
    } else {
      batch.push({ input: found.input, folder, name: found.name, item: found.item });
      if (batch.length >= BATCH) await flush();
    }
  }
  await flush();
  return Object.fromEntries(notImages);
}

function refuseRepeat(found: Found, rows: KeySet): void {
  if (found.kind !== 'item' || found.row === undefined) return;
  if (!rows.add(keyHash(found.item.key))) throw repeatedRow(found.item.key, found.row);
}
