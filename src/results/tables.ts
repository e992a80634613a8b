import type { Buffer } from 'node:buffer';
import { setTimeout as delay } from 'node:timers/promises';
import { type Database, open, type RootDatabase } from 'lmdb';
import { messageOf, VisionError } from '../core/errors.js';

type Bytes = Database<Buffer, Buffer>;
const AS_BYTES = { encoding: 'binary', keyEncoding: 'binary' } as const;
const CHUNK = 512;
const CAUSE_WAIT_MS = 1_000;
/** What closing gets after a commit that failed: LMDB may wait for it for ever. */
const CLOSE_MS = 1_000;

/** A key and its value, copies that stay valid. */
export interface Entry {
  readonly key: Buffer;
  readonly value: Buffer;
}

/** One sorted table of bytes. */
export class Table {
  readonly #db: Bytes;

  constructor(db: Bytes) {
    this.#db = db;
  }

  get(key: Buffer): Buffer | undefined {
    return this.#db.getBinary(key);
  }

  /** As {@link get}, without a copy: valid until the next read of any table. */
  peek(key: Buffer): Buffer | undefined {
    return this.#db.getBinaryFast(key);
  }

  has(key: Buffer): boolean {
    return this.#db.doesExist(key);
  }

  count(): number {
    return this.#db.getCount();
  }

  /** Entries in the order of their keys' bytes, read in chunks: no read transaction outlives a step. */
  *entries(after?: Buffer): Generator<Entry> {
    let start = after;
    for (;;) {
      const range = start === undefined ? { limit: CHUNK } : { start, exclusiveStart: true, limit: CHUNK };
      const chunk = [...this.#db.getRange(range)];
      yield* chunk;
      if (chunk.length < CHUNK) return;
      start = chunk.at(-1)?.key;
    }
  }

  /** Queues a write; {@link Tables.write} waits for it. */
  put(key: Buffer, value: Buffer): Promise<unknown> {
    return this.#db.put(key, value);
  }

  remove(key: Buffer): Promise<unknown> {
    return this.#db.remove(key);
  }

  clear(): Promise<unknown> {
    return this.#db.clearAsync();
  }

  putSync(key: Buffer, value: Buffer): void {
    this.#db.putSync(key, value);
  }
}

/**
 * The tables of a store. Items exist twice: a discovery fills the table that the newest complete one does not use, so that replacing it is one small write and readers of the former one are never cut short.
 */
export interface Tables {
  readonly readOnly: boolean;
  /** The run, the newest generation, outputs, the lock. */
  readonly meta: Table;
  /** Position → key hash and item, by the generation's parity. */
  readonly items: readonly [Table, Table];
  /** Key hash → JSON line and attempts. */
  readonly records: Table;
  /** Key hash → what the done-check needs. */
  readonly outcomes: Table;
  /** Of sources and their bytes; opened when first asked for, as few runs look for duplicates. */
  contents(): ContentTables;
  /**
   * Runs what queues writes and waits until all are committed. Once a commit has failed, so do all later writes.
   *
   * @throws VisionError STORE_FAILED, a full disk for one
   */
  write(queue: (add: (write: Promise<unknown>) => void) => void): Promise<void>;
  /** Waits until what was committed is on the disk. Throws VisionError STORE_FAILED. */
  flush(): Promise<void>;
  /** Runs `action` as the only writer of all processes; its `putSync`s are on the disk when this returns. */
  exclusively<T>(action: () => T): T;
  /** Copies everything, also what was written after the folder was removed, into another folder. */
  backup(dir: string): Promise<void>;
  close(): Promise<void>;
}

/** What a search for duplicates keeps. */
export interface ContentTables {
  /** Hash of a source's name → its size, time and SHA-256. */
  readonly digests: Table;
  /** Hash of what is asked about which bytes → key of the first item that it is. */
  readonly firsts: Table;
}

/** Opens a store's tables in an existing folder. The only place that knows LMDB. */
export function openTables(dir: string, options: { readonly readOnly: boolean }): Tables {
  const { readOnly } = options;
  // A path that looks like a file's is otherwise taken for one.
  const env = open({ path: dir, noSubdir: false, maxDbs: 16, readOnly, ...AS_BYTES });
  const commits = new Commits(dir, env);
  const table = (name: string): Table => new Table(env.openDB<Buffer, Buffer>({ name, ...AS_BYTES }));
  let contents: ContentTables | undefined;
  return {
    readOnly,
    meta: table('meta'),
    items: [table('items-0'), table('items-1')],
    records: table('records'),
    outcomes: table('outcomes'),
    contents: () => {
      contents ??= { digests: table('digests'), firsts: table('firsts') };
      return contents;
    },
    write: (queue) => commits.written(queue),
    flush: () => commits.flushed(),
    exclusively: (action) => env.transactionSync(action),
    backup: (to) => env.backup(to, false),
    close: () => commits.closed(),
  };
}

/** The commits of one environment, and the first of them that failed: after it LMDB leaves promises open for ever. */
class Commits {
  readonly #dir: string;
  readonly #env: RootDatabase;
  readonly #failed: Promise<never>;
  #fail: (error: VisionError) => void = () => {};

  constructor(dir: string, env: RootDatabase) {
    this.#dir = dir;
    this.#env = env;
    this.#failed = new Promise((_, reject) => {
      this.#fail = reject;
    });
    this.#failed.catch(() => {}); // thrown by whatever waits next
    // The commit of an event turn can have a promise that belongs to no write; it is there when the turn's task has run.
    env.on('beforecommit', () => queueMicrotask(() => void env.committed.then(null, (error) => this.#note(error))));
  }

  async written(queue: (add: (write: Promise<unknown>) => void) => void): Promise<void> {
    // Writes of one commit share a promise, and a batch can span commits: each has to be heard.
    const writes = new Set<Promise<unknown>>();
    queue((write) => writes.add(write));
    const settled = await Promise.race([Promise.allSettled(writes), this.#failed]);
    const failed = settled.find((result) => result.status === 'rejected');
    if (failed === undefined) return;
    await this.#note(failed.reason);
    await this.#failed;
  }

  async flushed(): Promise<void> {
    const flushed = this.#env.flushed.then(null, (error: unknown) => this.#note(error));
    await Promise.race([flushed, this.#failed]);
  }

  async closed(): Promise<void> {
    const late = this.#failed.catch(() => delay(CLOSE_MS));
    await Promise.race([this.#env.close(), late]);
  }

  async #note(error: unknown): Promise<void> {
    this.#fail(storeFailed(this.#dir, await causeOf(error)));
  }
}

/** LMDB tells the cause of a failed commit by another promise, which nobody else listens to. */
async function causeOf(error: unknown): Promise<unknown> {
  if (!(error instanceof Error) || !('commitError' in error)) return error;
  const cause = Promise.resolve(error.commitError).then(
    () => error,
    (thrown: unknown) => thrown,
  );
  return Promise.race([cause, delay(CAUSE_WAIT_MS, error)]);
}

function storeFailed(dir: string, cause: unknown): VisionError {
  return new VisionError('STORE_FAILED', `The store in ${dir} cannot be written: ${messageOf(cause)}.`, {
    fix: 'Free disk space or repair the folder, then run the same command again.',
    cause,
  });
}
