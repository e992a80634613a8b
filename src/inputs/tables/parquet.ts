import { VisionError } from '../../core/errors.js';
import { ManifestError, type ManifestFile, type ManifestRow } from './manifest-error.js';
import type { ParquetChild } from './parquet-child/child.js';
import type { ParquetTable, RowsWanted } from './parquet-child/task.js';

interface ParquetRowsOptions extends ManifestFile, Omit<RowsWanted, 'from'> {
  readonly table: ParquetTable;
  readonly child: ParquetChild;
}

/**
 * Reads what must be known of a Parquet file before its rows.
 *
 * @throws ExitError 2 where it cannot be read
 */
export async function openParquet(file: ManifestFile, child: ParquetChild): Promise<ParquetTable> {
  try {
    return await child.open(file.path);
  } catch (cause) {
    const problem = `Expected a Parquet file, got one that cannot be read: ${reasonOf(cause)}.`;
    throw new ManifestError(file, { problem, cause });
  }
}

/**
 * The rows of a Parquet file, one group after another.
 *
 * @throws ExitError 2 with the rows that cannot be read
 */
export async function* parquetRows(options: ParquetRowsOptions): AsyncGenerator<ManifestRow> {
  const { carried, images, table, child } = options;
  for (const { rows, start } of table.groups) {
    const end = start + rows;
    for (let from = start; from < end; ) {
      const unreadable = (reason: string, cause?: unknown): ManifestError => {
        const problem = `The rows ${from + 1} to ${end} cannot be read: ${reason}.`;
        return new ManifestError(options, { problem, fix: 'Is the file damaged? Write it again.', cause });
      };
      const some = await child.rows(table.id, { from, images, carried }).catch((cause: unknown) => {
        throw unreadable(reasonOf(cause), cause);
      });
      if (some.length === 0) throw unreadable('they are not there');
      for (const [at, { cells, held }] of some.entries()) {
        yield { cells, line: from + at + 1, place: { row: from + at }, held: new Set(held) };
      }
      from += some.length;
    }
  }
}

function reasonOf(cause: unknown): string {
  return cause instanceof VisionError ? cause.sentence : String(cause);
}
