import { accessSync, constants, existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Attempt } from '../core/ask.js';
import { EXIT, ExitError } from '../core/exit.js';
import type { FoundItem } from '../core/item.js';
import type { VisionRecord } from '../core/record.js';
import {
  attemptsOf,
  decodeItem,
  decodeOutcome,
  HASH_BYTES,
  itemKey,
  keyHash,
  lineOf,
  positionOf,
  type StoredOutcome,
} from './layout.js';
import { noteMergedOutput, noteOutput, readGeneration, readMergedOutputs, readMeta } from './meta-table.js';
import type { ItemPosition, OutputState, RunMeta } from './run-meta.js';
import { type LockState, readLock } from './store-lock.js';
import { openTables, type Table, type Tables } from './tables.js';

/** An item and where it stands in input order. */
export interface PlacedItem {
  readonly position: ItemPosition;
  readonly item: FoundItem;
}

/** A part of the input. */
export interface ItemRange {
  /** Where an earlier look ended. */
  readonly after?: ItemPosition;
  /** Ordinal of the first folder that is not complete yet. */
  readonly beforeFolder?: number;
}

/** Where a row stands in input order, and whose it is. */
export interface RowPlace {
  /** Sorts bytewise; the same item has the same place in every store over the same inputs. */
  readonly place: Buffer;
  /** Hash of the item's key. */
  readonly hash: Buffer;
  item(): FoundItem;
}

/** What can be read of a store, also while a run in another process writes it. */
export interface StoreReader {
  readonly dir: string;
  /** Null in a new store. */
  meta(): RunMeta | null;
  /** Who holds the run, as last said; null where nobody does. */
  lock(): LockState | null;
  /**
   * Items of the newest generation in input order; in the process that discovers, of the one being discovered. May rest
   * for minutes between two steps.
   */
  items(range?: ItemRange): Iterable<PlacedItem>;
  /** Number of items of the newest complete generation; 0 before the first. */
  itemCount(): number;
  /**
   * For each item of the newest complete generation (before the first: of the one being discovered), in input order, its
   * record's JSON line without a line end, or null where it has none. A line is valid until the next step.
   */
  lines(): Iterable<Uint8Array | null>;
  /** For each item that {@link lines} has, in the same order, where it stands. */
  places(): Iterable<RowPlace>;
  /** An item's line by the hash of its key, present or not; null where it has none. Valid until the next look. */
  line(hash: Buffer): Uint8Array | null;
  record(key: string): VisionRecord | undefined;
  /** What the done-check needs of a record. */
  outcome(key: string): StoredOutcome | undefined;
  /** Whether any item has a record, present or not. */
  hasRecords(): boolean;
  /** Every counted try at an item; empty where it has no record. */
  attempts(key: string): readonly Attempt[];
  /** Remembers an output that is about to be put in place, beside its former state. */
  noteOutput(state: OutputState): Promise<void>;
  /** Files that rows of this and of other runs were merged into. */
  mergedOutputs(): readonly OutputState[];
  /** Remembers such a file, as {@link noteOutput} does the run's own. */
  noteMergedOutput(state: OutputState): Promise<void>;
  close(): Promise<void>;
}

/** Reads one set of tables; both readers and the run's own store are built on it. */
export class TableReader {
  readonly #tables: () => Tables;

  /** @param tables - the tables of the moment: they change when a removed folder was healed */
  constructor(tables: () => Tables) {
    this.#tables = tables;
  }

  *items(generation: number, range: ItemRange): Generator<PlacedItem> {
    const after = range.after === undefined ? undefined : itemKey(range.after);
    for (const { key, value } of this.#itemTable(generation).entries(after)) {
      const position = positionOf(key);
      if (range.beforeFolder !== undefined && position.folder >= range.beforeFolder) return;
      yield { position, item: decodeItem(value) };
    }
  }

  *lines(): Generator<Uint8Array | null> {
    for (const { value } of this.#itemTable(this.#readable()).entries()) yield this.line(value.subarray(0, HASH_BYTES));
  }

  *places(): Generator<RowPlace> {
    for (const { key, value } of this.#itemTable(this.#readable()).entries()) {
      yield { place: key, hash: value.subarray(0, HASH_BYTES), item: () => decodeItem(value) };
    }
  }

  line(hash: Buffer): Uint8Array | null {
    const stored = this.#tables().records.peek(hash);
    return stored === undefined ? null : lineOf(stored);
  }

  mergedOutputs(): readonly OutputState[] {
    return readMergedOutputs(this.#tables());
  }

  record(key: string): VisionRecord | undefined {
    const value = this.#tables().records.peek(keyHash(key));
    return value === undefined ? undefined : (JSON.parse(lineOf(value).toString()) as VisionRecord);
  }

  outcome(key: string): StoredOutcome | undefined {
    const value = this.#tables().outcomes.peek(keyHash(key));
    return value === undefined ? undefined : decodeOutcome(value, () => this.record(key));
  }

  hasRecords(): boolean {
    return this.#tables().outcomes.count() > 0;
  }

  attempts(key: string): readonly Attempt[] {
    const value = this.#tables().records.peek(keyHash(key));
    return value === undefined ? [] : attemptsOf(value);
  }

  /** The newest complete generation, or the first while it is being discovered. */
  #readable(): number {
    return Math.max(1, readGeneration(this.#tables()).number);
  }

  readableItems(range: ItemRange): Iterable<PlacedItem> {
    return this.items(this.#readable(), range);
  }

  #itemTable(generation: number): Table {
    return this.#tables().items[parity(generation)];
  }
}

/** Which of the two tables a generation uses. */
export function parity(generation: number): 0 | 1 {
  return generation % 2 === 0 ? 0 : 1;
}

/** Whether a folder is a store. */
export function isStore(dir: string): boolean {
  return existsSync(join(dir, 'data.mdb'));
}

/**
 * Opens a store for reading; takes no lock.
 *
 * @throws ExitError with exit 2 where there is no store
 */
export function readStore(dir: string): StoreReader {
  if (!isStore(dir)) throw new ExitError(EXIT.usage, `Expected ${dir} to hold a run, got a folder without one`);
  // An export by hand has to be remembered as ours, so a reader opens for writing where it may.
  const tables = openTables(dir, { readOnly: !isWritable(join(dir, 'data.mdb')) });
  const reader = new TableReader(() => tables);
  return {
    dir,
    meta: () => readMeta(tables),
    lock: () => readLock(tables),
    items: (range = {}) => reader.readableItems(range),
    itemCount: () => readGeneration(tables).items,
    lines: () => reader.lines(),
    places: () => reader.places(),
    line: (hash) => reader.line(hash),
    record: (key) => reader.record(key),
    outcome: (key) => reader.outcome(key),
    hasRecords: () => reader.hasRecords(),
    attempts: (key) => reader.attempts(key),
    noteOutput: async (state) => {
      if (!tables.readOnly) await noteOutput(tables, state);
    },
    mergedOutputs: () => reader.mergedOutputs(),
    noteMergedOutput: async (state) => {
      if (!tables.readOnly) await noteMergedOutput(tables, state);
    },
    close: () => tables.close(),
  };
}

function isWritable(path: string): boolean {
  try {
    accessSync(path, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}
