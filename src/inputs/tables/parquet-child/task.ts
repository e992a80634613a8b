import type { Failure } from '../../../core/errors.js';
import type { ParquetColumn } from './parquet-schema.js';

/** A file as it was opened: what else lies at its path later is another one. */
export interface ParquetId {
  /** Absolute. */
  readonly path: string;
  readonly size: number;
  readonly mtimeMs: number;
  readonly inode: number;
}

/** A run of rows that is stored, and so read, together. */
export interface ParquetGroup {
  /** Number of its first row, from 0. */
  readonly start: number;
  readonly rows: number;
}

/** A Parquet file as a table: which of its columns hold what. */
export interface ParquetTable {
  readonly id: ParquetId;
  /** All of them, in order. */
  readonly columns: readonly ParquetColumn[];
  readonly groups: readonly ParquetGroup[];
}

/** Which rows are wanted, and what of them. */
export interface RowsWanted {
  /** The first one, from 0. */
  readonly from: number;
  /** Places of the columns with images, and of those that are carried. */
  readonly images: readonly number[];
  readonly carried: readonly number[];
}

export interface ParquetRow {
  /** In the order of the table's columns. */
  readonly cells: readonly string[];
  /** Places of the columns whose cells hold bytes. */
  readonly held: readonly number[];
}

/** Which cell is wanted. */
export interface ImageWanted {
  readonly column: string;
  /** From 0. */
  readonly row: number;
}

/** What the child is asked. */
export type ParquetTask =
  | { readonly kind: 'open'; readonly path: string }
  | ({ readonly kind: 'rows'; readonly id: ParquetId } & RowsWanted)
  | ({ readonly kind: 'image'; readonly id: ParquetId } & ImageWanted);

/** What it answers. Errors lose their class on the way between processes; a failure does not. */
export type ParquetReply =
  | { readonly kind: 'table'; readonly table: ParquetTable }
  /** At least one, where there are any. */
  | { readonly kind: 'rows'; readonly rows: readonly ParquetRow[] }
  /** Null where the cell holds none. */
  | { readonly kind: 'image'; readonly bytes: Uint8Array | null }
  | { readonly kind: 'failed'; readonly failure: Failure };

/** Whether a message to the child is a task: nobody else sends it one. */
export function isTask(message: unknown): message is ParquetTask {
  return typeof message === 'object' && message !== null && 'kind' in message;
}

/** Whether a message of the child is a reply. */
export function isReply(message: unknown): message is ParquetReply {
  return typeof message === 'object' && message !== null && 'kind' in message;
}
