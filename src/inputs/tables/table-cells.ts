import type { Stats } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { VisionError } from '../../core/errors.js';
import type { TableCell } from '../../core/item.js';
import { readRange } from '../file-range.js';
import type { GzipSpools } from '../spool/gzip-spools.js';
import { csvCells } from './csv-rows.js';
import { bytesOfBase64, bytesOfDataUrl } from './data-url.js';
import { jsonlCell } from './jsonl-rows.js';
import { parquetCells } from './parquet-cells.js';
import type { ParquetChild } from './parquet-child/child.js';

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

/** Packed texts lie in `spools`, and Parquet files are read by `child`. */
export function tableCells(spools: GzipSpools, child: ParquetChild): TableCells {
  const fromParquet = parquetCells(child);
  return {
    read: async (table, cell) => {
      if (table.stats.size !== cell.tableBytes) throw changed();
      const bytes = await (cell.table === 'parquet' ? fromParquet(table, cell) : fromText(table, cell, spools));
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

function changed(): VisionError {
  return new VisionError('IMAGE_UNREADABLE', 'The table has changed since its rows were read.', {
    fix: 'Start again when it has been written.',
  });
}
