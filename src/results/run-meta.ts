import type { Ask } from '../core/ask.js';
import type { Root } from '../core/item.js';
import type { ShardCount } from '../core/shard.js';
import type { TableDialect } from '../core/table-dialect.js';
import type { RunCounts } from '../core/telling.js';

/** An output file as this run last wrote it. */
export interface OutputState {
  /** Absolute path. */
  readonly path: string;
  readonly size: number;
  readonly mtimeMs: number;
  readonly rows: number;
  /** Whether it holds a row for every item of the run, as of that export. */
  readonly finished: boolean;
}

/** A fingerprint and digest whose records count as done; a null digest is any. */
export interface AcceptedAsk {
  readonly fingerprint: string;
  readonly digest: string | null;
}

/** How the one table that a run is over is written. */
export interface RunTable {
  readonly dialect: TableDialect;
  /** Whether the newest start writes its CSV outputs likewise. */
  readonly kept: boolean;
}

/** What a store says of its run. */
export interface RunMeta {
  readonly schema: 1;
  /** UUIDv7, new with `--fresh`. */
  readonly runId: string;
  readonly name: string;
  /** Milliseconds since 1970. */
  readonly createdMs: number;
  /** Absolute paths or patterns, in the order given. */
  readonly inputs: readonly string[];
  /** Folder that keys are relative to, pinned at the first start. */
  readonly root: Root;
  /** The ask in full, pinned at the first start. */
  readonly ask: Ask;
  /** Fingerprint of {@link ask}. */
  readonly fingerprint: string;
  /** The model's digest, pinned by the first host that served. */
  readonly digest: string | null;
  /** Earlier asks whose records `--on-change keep` kept, and the present one. */
  readonly accepted: readonly AcceptedAsk[];
  /** Ask settings that the user gave, as given. */
  readonly given: Readonly<Record<string, unknown>>;
  /** Number of the newest complete discovery; 0 before the first. Kept by the store, not by who writes the meta. */
  readonly generation: number;
  /** Whether the newest start has found every item. */
  readonly discovered: boolean;
  /** Files met that are no images, by extension (`''` for none). */
  readonly notImages: Readonly<Record<string, number>>;
  /** At most two for a path, newest last: a crash may fall before or after a rename. Kept by the store. */
  readonly outputs: readonly OutputState[];
  /** Columns that manifests carry, in order; absent where the run began before there were manifests. */
  readonly carried?: readonly string[];
  /** Null where the inputs are anything but one CSV table; absent where the run began before this was kept. */
  readonly table?: RunTable | null;
  /** Which part of the inputs it is over, and how much of them that is; null or absent: all of them. */
  readonly shard?: ShardCount | null;
  /** Readable items that each input held at the newest complete discovery, by the input as in {@link inputs}. */
  readonly found: Readonly<Record<string, number>>;
  /** As last written by the coordinator. */
  readonly counts: RunCounts | null;
  /** Starts so far, this one included; records say in which they were written. */
  readonly starts: number;
  /** Items found in hand when a process had died, and how many times in a row. */
  readonly suspects: Readonly<Record<string, number>>;
}

/** Where an item stands in input order. */
export interface ItemPosition {
  readonly input: number;
  readonly folder: number;
  /** Name bytes and page, as the store sorts them. */
  readonly name: Uint8Array;
}
