import type { Stats } from 'node:fs';
import { VisionError } from '../../core/errors.js';
import type { TableCell } from '../../core/item.js';
import { ChildLost, type ParquetChild } from './parquet-child/child.js';
import { keptIn } from './parquet-child/kept.js';
import type { ParquetId, ParquetTable } from './parquet-child/task.js';

type ParquetCell = Extract<TableCell, { readonly table: 'parquet' }>;

/** A table on this machine. */
interface Table {
  readonly path: string;
  readonly stats: Stats;
}

/** Reads the images that cells of Parquet files hold; null where there is none. It throws VisionErrors. */
export function parquetCells(child: ParquetChild): (table: Table, cell: ParquetCell) => Promise<Uint8Array | null> {
  const tables = new Map<string, Promise<ParquetTable>>();
  const lost = new Map<string, ChildLost>(); // by group of rows: each of its images would cost a child
  return async ({ path, stats }, { column, row }) => {
    const id: ParquetId = { path, size: stats.size, mtimeMs: stats.mtimeMs, inode: stats.ino };
    const name = JSON.stringify(id);
    let part = name;
    try {
      mustNotBeLost(lost, part);
      const { groups } = await keptIn(tables, name, () => child.open(path));
      const group = groups.find(({ rows, start }) => row >= start && row < start + rows);
      if (group === undefined) return null;
      part = JSON.stringify([name, column, group.start]);
      mustNotBeLost(lost, part);
      return await child.image(id, { column, row });
    } catch (error) {
      if (error instanceof ChildLost) lost.set(part, error);
      throw damaged(error);
    }
  };
}

function mustNotBeLost(lost: ReadonlyMap<string, ChildLost>, part: string): void {
  const error = lost.get(part);
  if (error !== undefined) throw error;
}

function damaged(error: unknown): unknown {
  const isTold = error instanceof ChildLost || (error instanceof VisionError && error.code === 'IMAGE_UNREADABLE');
  if (!isTold) return error;
  const problem = `This part of the Parquet file cannot be read: ${error.sentence}.`;
  return new VisionError(error.code, problem, { cause: error });
}
