import type { Attempt } from '../core/ask.js';
import { messageOf, VisionError } from '../core/errors.js';
import { EXIT, ExitError } from '../core/exit.js';
import type { VisionRecord } from '../core/record.js';
import type { Logger } from '../core/telling.js';
import { type Contents, contentsOf } from './contents.js';
import { type Discovery, startDiscovery } from './discovery.js';
import { InHand } from './in-hand.js';
import { encodeOutcome, encodeRecord, keyHash, type StoredOutcome } from './layout.js';
import { forgetAll, noteMergedOutput, noteOutput, readGeneration, readMeta, writeMeta } from './meta-table.js';
import type { OutputState, RunMeta } from './run-meta.js';
import { makeStoreFolder, StoreFolder } from './store-folder.js';
import { beat, type Coordinator, HEARTBEAT_MS, type LockState, readLock, releaseLock, takeLock } from './store-lock.js';
import { type ItemRange, type PlacedItem, type RowPlace, type StoreReader, TableReader } from './store-reader.js';
import { openTables, type Tables } from './tables.js';

/** A record and every counted try behind it. */
export interface FinishedItem {
  readonly record: VisionRecord;
  readonly attempts: readonly Attempt[];
}

/** What a coordinator's store needs from outside. */
export interface StoreOptions {
  /** The process that holds the lock: {@link thisProcess}. */
  readonly coordinator: Coordinator;
  readonly logger: Logger;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** How often the folder is compared with its path, in milliseconds. */
  readonly folderCheckMs: number;
  /** The folder is lost and could not be made again, or the lock cannot be kept: the run must stop. */
  readonly onLost: (error: VisionError) => void;
}

/** How often a store's folder is compared with its path. */
export const FOLDER_CHECK_MS = 5_000;

/** The store of the run that this process coordinates. */
export interface RunStore extends StoreReader {
  /** Whether there was no store before this one was opened. */
  readonly isNew: boolean;
  /** Writes the run to the disk; its `generation` and `outputs` are the store's own and are not taken from it. */
  writeMeta(meta: RunMeta): Promise<void>;
  /** What is known of the bytes of sources. */
  readonly contents: Contents;
  /** Starts a new generation of items; one at a time. */
  discovery(): Promise<Discovery>;
  /**
   * Resolves when the batch is on the disk. A record that arrives twice is one; its item is no longer in hand.
   *
   * @throws VisionError STORE_FAILED
   */
  put(batch: readonly FinishedItem[]): Promise<void>;
  /** Marks items in hand before this returns, so that one that kills the process is found. Survives a killed process. */
  markRunning(keys: readonly string[]): Promise<void>;
  clearRunning(keys: readonly string[]): Promise<void>;
  /** Keys of items marked as in hand. */
  running(): readonly string[];
  /** Forgets items, records and everything else of the run, as for a fresh start. */
  forget(): Promise<void>;
  /** Closes the store and removes its files, and no others. */
  remove(): Promise<void>;
}

/**
 * Opens a store for its coordinator, making the folder where there is none.
 *
 * @throws ExitError with exit 6 where another coordinator holds it, with exit 5 where it cannot be made, with exit 2 where the
 *   folder holds other files
 */
export async function openStore(dir: string, options: StoreOptions): Promise<RunStore> {
  const { isNew, tables } = openOrExplain(dir);
  try {
    takeLock(tables, options.coordinator, options.now());
    return new LockedStore(dir, { isNew, tables }, options);
  } catch (error) {
    await tables.close();
    throw explained(dir, error);
  }
}

/** A store's tables as they were found. */
interface Opened {
  readonly isNew: boolean;
  readonly tables: Tables;
}

function openOrExplain(dir: string): Opened {
  try {
    return { isNew: makeStoreFolder(dir), tables: openTables(dir, { readOnly: false }) };
  } catch (error) {
    throw explained(dir, error);
  }
}

function explained(dir: string, cause: unknown): ExitError {
  if (cause instanceof ExitError) return cause;
  const fix = 'Free disk space, or choose another place with --state DIR.';
  return new ExitError(EXIT.output, `The run's store cannot be kept in ${dir}: ${messageOf(cause)}`, { fix, cause });
}

class LockedStore implements RunStore {
  readonly dir: string;
  readonly isNew: boolean;
  readonly contents: Contents = contentsOf({ tables: () => this.#tables, write: (queue) => this.#write(queue) });
  readonly #options: StoreOptions;
  readonly #folder: StoreFolder;
  readonly #inHand: InHand;
  readonly #reader: TableReader;
  readonly #timers: NodeJS.Timeout[];
  readonly #writing = new Set<Promise<void>>();
  #tables: Tables;
  #healing: Promise<void> = Promise.resolve();
  #discovering: number | null = null;
  #repairing = false;
  #lost = false;

  constructor(dir: string, { isNew, tables }: Opened, options: StoreOptions) {
    this.dir = dir;
    this.isNew = isNew;
    this.#tables = tables;
    this.#options = options;
    this.#folder = new StoreFolder(dir);
    this.#inHand = new InHand(dir);
    this.#reader = new TableReader(() => this.#tables);
    this.#timers = [
      setInterval(() => void this.#beat(), HEARTBEAT_MS).unref(),
      setInterval(() => this.#checkFolder(), options.folderCheckMs).unref(),
    ];
  }

  meta(): RunMeta | null {
    return readMeta(this.#tables);
  }

  lock(): LockState | null {
    return readLock(this.#tables);
  }

  items(range: ItemRange = {}): Iterable<PlacedItem> {
    return this.#discovering === null
      ? this.#reader.readableItems(range)
      : this.#reader.items(this.#discovering, range);
  }

  itemCount(): number {
    return readGeneration(this.#tables).items;
  }

  lines(): Iterable<Uint8Array | null> {
    return this.#reader.lines();
  }

  places(): Iterable<RowPlace> {
    return this.#reader.places();
  }

  line(hash: Buffer): Uint8Array | null {
    return this.#reader.line(hash);
  }

  record(key: string): VisionRecord | undefined {
    return this.#reader.record(key);
  }

  outcome(key: string): StoredOutcome | undefined {
    return this.#reader.outcome(key);
  }

  hasRecords(): boolean {
    return this.#reader.hasRecords();
  }

  attempts(key: string): readonly Attempt[] {
    return this.#reader.attempts(key);
  }

  writeMeta(meta: RunMeta): Promise<void> {
    return this.#write((tables) => writeMeta(tables, meta));
  }

  noteOutput(state: OutputState): Promise<void> {
    return this.#write((tables) => noteOutput(tables, state));
  }

  mergedOutputs(): readonly OutputState[] {
    return this.#reader.mergedOutputs();
  }

  noteMergedOutput(state: OutputState): Promise<void> {
    return this.#write((tables) => noteMergedOutput(tables, state));
  }

  async discovery(): Promise<Discovery> {
    if (this.#discovering !== null) throw new Error('Expected one discovery at a time, got a second');
    this.#discovering = readGeneration(this.#tables).number + 1;
    return startDiscovery({
      tables: () => this.#tables,
      write: (queue) => this.#write(queue),
      ended: () => {
        this.#discovering = null;
      },
    });
  }

  put(batch: readonly FinishedItem[]): Promise<void> {
    return this.#write(async (tables) => {
      const start = readMeta(tables)?.starts ?? 0;
      await tables.write((add) => {
        for (const { record, attempts } of batch) {
          const hash = keyHash(record.id);
          add(tables.records.put(hash, encodeRecord(record, attempts)));
          add(tables.outcomes.put(hash, encodeOutcome(record, start)));
        }
      });
      await tables.flush();
      this.#inHand.leave(batch.map(({ record }) => record.id));
    });
  }

  async markRunning(keys: readonly string[]): Promise<void> {
    this.#inHand.take(keys);
  }

  async clearRunning(keys: readonly string[]): Promise<void> {
    this.#inHand.leave(keys);
  }

  running(): readonly string[] {
    return this.#inHand.keys();
  }

  async forget(): Promise<void> {
    await this.#write(forgetAll);
    this.#inHand.leave(this.#inHand.keys());
  }

  async remove(): Promise<void> {
    for (const timer of this.#timers) clearInterval(timer); // else what is gone would be healed
    await this.#healing;
    this.#folder.remove(); // while it is locked: whoever comes now begins a store of their own
    await this.close();
  }

  async close(): Promise<void> {
    for (const timer of this.#timers) clearInterval(timer);
    await this.#healing;
    await Promise.allSettled(this.#writing);
    try {
      if (!this.#lost) await releaseLock(this.#tables);
    } finally {
      this.#inHand.close();
      await this.#tables.close();
    }
  }

  /** Every write goes through here, so that none falls between a copy of the tables and its use. */
  async #write(queue: (tables: Tables) => Promise<void>): Promise<void> {
    for (let seen: unknown = null; seen !== this.#healing; ) {
      seen = this.#healing;
      await seen;
    }
    const write = queue(this.#tables);
    this.#writing.add(write);
    try {
      await write;
    } finally {
      this.#writing.delete(write);
    }
  }

  async #beat(): Promise<void> {
    try {
      await this.#write((tables) => beat(tables, this.#options.coordinator, this.#options.now()));
    } catch (error) {
      this.#lose(error);
    }
  }

  #checkFolder(): void {
    if (this.#lost || this.#repairing) return;
    const state = this.#folder.look();
    if (state === 'foreign') this.#lose(new Error('another store lies at its path'));
    if (state !== 'gone') return;
    this.#repairing = true;
    this.#healing = this.#heal()
      .catch((error: unknown) => this.#lose(error))
      .finally(() => {
        this.#repairing = false;
      });
  }

  /** LMDB goes on writing into a removed folder without an error, so what it holds is copied to where it belongs. */
  async #heal(): Promise<void> {
    await Promise.allSettled(this.#writing);
    this.#folder.restore();
    await this.#tables.backup(this.dir);
    const orphaned = this.#tables;
    this.#tables = openTables(this.dir, { readOnly: false });
    this.#folder.adopt();
    this.#inHand.restore();
    await orphaned.close();
    this.#options.logger.warn(`The folder ${this.dir} was removed; the run's store has been written there again`);
  }

  #lose(cause: unknown): void {
    if (this.#lost) return;
    this.#lost = true;
    const sentence = `The run's store in ${this.dir} is lost: ${messageOf(cause)}.`;
    const fix = 'Bring its folder back, then run the same command again.';
    this.#options.onLost(new VisionError('STORE_FAILED', sentence, { fix, cause }));
  }
}
