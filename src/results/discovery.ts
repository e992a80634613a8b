import { Buffer } from 'node:buffer';
import type { FoundItem } from '../core/item.js';
import { encodeItem, itemKey, keyHash, positionName } from './layout.js';
import { readGeneration, writeGeneration } from './meta-table.js';
import { parity } from './store-reader.js';
import type { Tables } from './tables.js';

const NOTHING = Buffer.alloc(0);
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
  /** Adds items; a key that this generation has already is left where it is. Wait for it before adding more. */
  add(entries: readonly DiscoveredItem[]): Promise<void>;
  /** Compares with the former generation; to be asked before {@link finish}. */
  shrinkage(): Promise<Shrinkage>;
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

/** Starts a new generation in the tables of the one before the former, which are emptied first. */
export async function startDiscovery(options: DiscoveryOptions): Promise<Discovery> {
  const number = readGeneration(options.tables()).number + 1;
  const slot = parity(number);
  const empty = (): Promise<void> =>
    options.write((tables) =>
      tables.write((add) => {
        add(tables.items[slot].clear());
        add(tables.members[slot].clear());
      }),
    );
  await empty();
  let folders = 0;
  let newestInput = 0;
  let items = 0;
  let tail = Promise.resolve();
  return {
    folder: (input) => {
      if (input < newestInput) throw new RangeError(`Expected \`input\` to be ${newestInput} or more, got ${input}`);
      newestInput = input;
      return folders++;
    },
    add: (entries) => {
      // One after the other: a key is looked for among what is committed.
      tail = tail.then(() =>
        options.write(async (tables) => {
          items += await addEntries(tables, slot, entries);
        }),
      );
      return tail;
    },
    shrinkage: () => compare(options.tables, slot),
    finish: async () => {
      await tail;
      await options.write((tables) => writeGeneration(tables, { number, items }));
      options.ended();
      return { items };
    },
    abandon: async () => {
      options.ended();
      await empty();
    },
  };
}

async function addEntries(tables: Tables, slot: 0 | 1, entries: readonly DiscoveredItem[]): Promise<number> {
  const members = tables.members[slot];
  const fresh = new Set<string>();
  await tables.write((add) => {
    for (const { input, folder, name, item } of entries) {
      const hash = keyHash(item.key);
      if (fresh.has(item.key) || members.has(hash)) continue;
      fresh.add(item.key);
      add(members.put(hash, NOTHING));
      const key = itemKey({ input, folder, name: positionName(name, item.page, hash) });
      add(tables.items[slot].put(key, encodeItem(hash, item)));
    }
  });
  return fresh.size;
}

async function compare(tables: () => Tables, slot: 0 | 1): Promise<Shrinkage> {
  let done = 0;
  let gone = 0;
  let steps = 0;
  for (const { key } of tables().members[slot === 0 ? 1 : 0].entries()) {
    if (++steps % STEPS === 0) await new Promise((resolve) => setImmediate(resolve));
    if (!tables().outcomes.has(key)) continue;
    done += 1;
    if (!tables().members[slot].has(key)) gone += 1;
  }
  return { done, gone };
}
