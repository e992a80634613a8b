import type { Stats } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { VisionError } from '../../core/errors.js';
import type { TableCell } from '../../core/item.js';
import { readRange } from '../file-range.js';
import type { GzipSpools } from '../spool/gzip-spools.js';
import { csvCells } from './csv-rows.js';
import { bytesOfBase64, bytesOfDataUrl } from './data-url.js';
import { jsonlCell } from './jsonl-rows.js';
import { parquetIn } from './parquet.js';
import type { ParquetFile, ParquetGroup } from './parquet-file.js';
import { bytesIn } from './parquet-rows.js';

/** Reads images out of the cells of tables. */
export interface TableCells {
  /**
   * The bytes of an image that a cell holds.
   *
   * @throws VisionError IMAGE_UNREADABLE where the table has changed, or what the cell holds is no image;
   * IMAGE_TOO_LARGE
   */
  read(table: OpenTable, cell: TableCell): Promise<Uint8Array>;
}

/** A table on this machine, open. */
interface OpenTable {
  readonly path: string;
  readonly handle: FileHandle;
  readonly stats: Stats;
}

/** Groups of rows that are kept unpacked, and tables: neighbours are asked for together, and at a border two in turn. */
const MOST_KEPT = 2;
/** A larger group without an index of its pages is not unpacked for one image. */
const MOST_GROUP_BYTES = 536_870_912;

/** Keeps the last groups of rows that it has unpacked; packed texts lie in `spools`. */
export function tableCells(spools: GzipSpools): TableCells {
  const unpackedGroups: Groups = new Map();
  const files: Files = new Map();
  return {
    read: async (table, cell) => {
      if (table.stats.size !== cell.tableBytes) throw changed();
      const bytes =
        cell.table === 'parquet'
          ? await fromParquet(table, cell, { files, groups: unpackedGroups })
          : await fromText(table, cell, spools);
      if (bytes === null) throw changed();
      return bytes;
    },
  };
}

async function fromText(
  { handle, stats }: OpenTable,
  cell: Exclude<TableCell, { readonly table: 'parquet' }>,
  spools: GzipSpools,
): Promise<Uint8Array | null> {
  const range = { at: cell.offset, length: cell.length };
  const row = cell.packed ? await spools.read({ handle, stats, noun: 'table' }, range) : await readRange(handle, range);
  if (row === null) return null;
  const text = cell.table === 'csv' ? (await csvCells(row, cell))?.[cell.column] : jsonlCell(row, cell.column);
  if (text === undefined || text === null) return null;
  return /^\s*data:/i.test(text) ? bytesOfDataUrl(text.trim()) : bytesOfBase64(text);
}

type Groups = Map<string, Promise<readonly (Uint8Array | null)[]>>;
/** What is known of the last tables, by path, size and time: reading it again takes as long as reading an image. */
type Files = Map<string, Promise<ParquetFile>>;

interface Kept {
  readonly groups: Groups;
  readonly files: Files;
}

async function fromParquet(
  table: OpenTable,
  { column, row }: Extract<TableCell, { readonly table: 'parquet' }>,
  { files, groups }: Kept,
): Promise<Uint8Array | null> {
  const id = [table.path, table.stats.size, table.stats.mtimeMs] as const;
  const opened = await keptIn(files, JSON.stringify(id), () => parquetIn(table.handle)).catch((error: unknown) => {
    throw damaged(error);
  });
  const file = opened.at(table.handle);
  const group = file.groups.find(({ rows, start }) => row >= start && row < start + rows);
  if (group === undefined) return null;
  const groupBytes = file.groupBytes(column, group);
  if (groupBytes === null) return alone((await unpacked({ file, column, from: row, to: row + 1 }))[0]);
  if (groupBytes > MOST_GROUP_BYTES) throw tooLarge(group, groupBytes);
  const rows = await keptIn(groups, JSON.stringify([...id, column, group.start]), () =>
    unpacked({ file, column, from: group.start, to: group.start + group.rows }),
  );
  return alone(rows[row - group.start]);
}

/** The value of this name, made where it is not kept; the {@link MOST_KEPT} asked for last are. */
function keptIn<T>(kept: Map<string, Promise<T>>, name: string, make: () => Promise<T>): Promise<T> {
  const value = kept.get(name) ?? make();
  kept.delete(name);
  kept.set(name, value); // the one asked for last stands at the end
  for (const oldest of kept.keys()) if (kept.size > MOST_KEPT) kept.delete(oldest);
  value.catch(() => kept.delete(name));
  return value;
}

/** A copy: a view would carry its whole page to wherever it is sent. */
function alone(bytes: Uint8Array | null | undefined): Uint8Array | null {
  return bytes?.slice() ?? null;
}

interface Unpacking {
  readonly file: ParquetFile;
  readonly column: string;
  readonly from: number;
  readonly to: number;
}

async function unpacked({ column, file, from, to }: Unpacking): Promise<readonly (Uint8Array | null)[]> {
  try {
    const records = await file.read({ columns: [column], from, to, withBytes: true });
    return records.map((record) => bytesIn(record[column]));
  } catch (error) {
    throw damaged(error);
  }
}

function changed(): VisionError {
  return new VisionError('IMAGE_UNREADABLE', 'The table has changed since its rows were read.', {
    fix: 'Start again when it has been written.',
  });
}

function damaged(cause: unknown): VisionError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new VisionError('IMAGE_UNREADABLE', `This part of the Parquet file cannot be read: ${reason}.`, { cause });
}

function tooLarge({ rows }: ParquetGroup, bytes: number): VisionError {
  return new VisionError(
    'IMAGE_TOO_LARGE',
    `The image lies in a group of ${rows} rows that takes ${bytes} bytes unpacked.`,
    {
      fix: 'Write the table with smaller row groups (100 rows), or with a page index.',
    },
  );
}
