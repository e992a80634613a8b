import type { FoundItem } from '../core/item.js';
import { KeySet } from '../core/key-set.js';
import { decodeItem, encodeItem, HASH_BYTES, itemKey, keyHash, positionName } from './layout.js';
import { readGeneration, writeGeneration } from './meta-table.js';
import { type PlacedItem, parity } from './store-reader.js';
import type { Tables } from './tables.js';

/** Steps of a long scan between two turns of the event loop. */
const STEPS = 5_000;

/** An item as discovery hands it over. */
export interface DiscoveredItem {
  /** Ordinal of its input. */
  readonly input: number;
  /** Ordinal of its folder, from {@link Discovery.folder}. */
  readonly folder: number;
  /** The file's name as bytes, by which items of a folder are sorted. */
  readonly name: Uint8Array;
  readonly item: FoundItem;
}

/** How much of what was done a discovery no longer finds. */
export interface Shrinkage {
  /** Items of the former generation that have a record. */
  readonly done: number;
  /** Those of them that this discovery did not find. */
  readonly gone: number;
}

/** A new generation of items, invisible to readers until it is finished. */
export interface Discovery {
  /**
   * Ordinal for the next folder of an input; call it in the order in which folders are to be exported.
   *
   * @throws RangeError where an input comes after a later one
   */
  folder(input: number): number;
  /**
   * Adds items; a key that this generation has already is left where it is. Resolves when they
   * can be read. Each call is a commit, so small folders are better added together.
   */
  add(entries: readonly DiscoveredItem[]): Promise<void>;
  /** Puts items in the place of those that stand there, with the same keys. Resolves when they can be read. */
  replace(placed: readonly PlacedItem[]): Promise<void>;
  /**
   * Compares with the former generation; to be asked before {@link finish}.
   *
   * @param isThere - whether an item that was not found counts as if it were
   */
  shrinkage(isThere?: (item: FoundItem) => boolean): Promise<Shrinkage>;
  /** Puts this generation in the former one's place. */
  finish(): Promise<{ readonly items: number }>;
  /** Leaves the former generation in its place. */
  abandon(): Promise<void>;
}

interface DiscoveryOptions {
  /** The tables of the moment. */
  readonly tables: () => Tables;
  /** Runs a write when no repair is under way. */
  readonly write: (queue: (tables: Tables) => Promise<void>) => Promise<void>;
  /** Called once, when it was finished or abandoned. */
  readonly ended: () => void;
}

/** Starts a new generation in the table of the one before the former, which is emptied first. */
export async function startDiscovery(options: DiscoveryOptions): Promise<Discovery> {
  const { tables, write, ended } = options;
  const number = readGeneration(tables()).number + 1;
  const slot = parity(number);
  const empty = (): Promise<void> => write((now) => now.write((add) => add(now.items[slot].clear())));
  const met = new KeySet();
  let folders = 0;
  let newestInput = 0;
  await empty();
  return {
    folder: (input) => {
      if (input < newestInput) throw new RangeError(`Expected \`input\` to be ${newestInput} or more, got ${input}`);
      newestInput = input;
      return folders++;
    },
    add: (entries) => write((now) => addEntries(now, entries, { slot, met })),
    replace: (placed) => write((now) => replaceItems(now, placed, slot)),
    shrinkage: (isThere = () => false) => compare(tables, { slot, met }, isThere),
    finish: async () => {
      await write((now) => writeGeneration(now, { number, items: met.size }));
      ended();
      return { items: met.size };
    },
    abandon: async () => {
      ended();
      await empty();
    },
  };
}

interface Generation {
  /** Which of the two tables it fills. */
  readonly slot: 0 | 1;
  readonly met: KeySet;
}

function addEntries(tables: Tables, entries: readonly DiscoveredItem[], { slot, met }: Generation): Promise<void> {
  return tables.write((add) => {
    for (const { input, folder, name, item } of entries) {
      const hash = keyHash(item.key);
      if (!met.add(hash)) continue;
      const key = itemKey({ input, folder, name: positionName(name, item.page, hash) });
      add(tables.items[slot].put(key, encodeItem(hash, item)));
    }
  });
}

function replaceItems(tables: Tables, placed: readonly PlacedItem[], slot: 0 | 1): Promise<void> {
  return tables.write((add) => {
    for (const { item, position } of placed) {
      add(tables.items[slot].put(itemKey(position), encodeItem(keyHash(item.key), item)));
    }
  });
}

async function compare(
  tables: () => Tables,
  { slot, met }: Generation,
  isThere: (item: FoundItem) => boolean,
): Promise<Shrinkage> {
  let done = 0;
  let gone = 0;
  let steps = 0;
  for (const { value } of tables().items[slot === 0 ? 1 : 0].entries()) {
    if (++steps % STEPS === 0) await new Promise((resolve) => setImmediate(resolve));
    const hash = value.subarray(0, HASH_BYTES);
    if (!tables().outcomes.has(hash)) continue;
    done += 1;
    if (!met.has(hash) && !isThere(decodeItem(value))) gone += 1;
  }
  return { done, gone };
}
