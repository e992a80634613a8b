import { VisionError } from '../../../core/errors.js';
import { damageOf } from './damage.js';
import { keptIn } from './kept.js';
import type { ParquetFile } from './parquet-file.js';
import { bytesIn } from './parquet-rows.js';
import type { ImageWanted, ParquetGroup } from './task.js';

interface ImageOptions extends ImageWanted {
  /** Tells the file from others. */
  readonly name: string;
}

type Unpacked = readonly (Uint8Array | null)[];

/** A larger group without an index of its pages is not unpacked for one image. */
const MOST_GROUP_BYTES = 536_870_912;

/**
 * Reads images that cells hold; null where there is none. Keeps the last groups of rows that it has unpacked.
 *
 * It throws VisionError IMAGE_UNREADABLE, IMAGE_TOO_LARGE.
 */
export function imageReader(): (file: ParquetFile, wanted: ImageOptions) => Promise<Uint8Array<ArrayBuffer> | null> {
  const unpackedGroups = new Map<string, Promise<Unpacked>>();
  return async (file, { column, name, row }) => {
    const group = file.groups.find(({ rows, start }) => row >= start && row < start + rows);
    if (group === undefined) return null;
    const groupBytes = file.groupBytes(column, group);
    if (groupBytes === null) return alone((await unpacked({ file, column, from: row, to: row + 1 }))[0]);
    if (groupBytes > MOST_GROUP_BYTES) throw tooLarge(group, groupBytes);
    const rows = await keptIn(unpackedGroups, JSON.stringify([name, column, group.start]), () =>
      unpacked({ file, column, from: group.start, to: group.start + group.rows }),
    );
    return alone(rows[row - group.start]);
  };
}

/** A copy: a view would take its whole page along. */
function alone(bytes: Uint8Array | null | undefined): Uint8Array<ArrayBuffer> | null {
  return bytes === null || bytes === undefined ? null : new Uint8Array(bytes);
}

interface Unpacking {
  readonly file: ParquetFile;
  readonly column: string;
  readonly from: number;
  readonly to: number;
}

async function unpacked({ column, file, from, to }: Unpacking): Promise<Unpacked> {
  try {
    const records = await file.read({ columns: [column], from, to, withBytes: true });
    return records.map((record) => bytesIn(record[column]));
  } catch (cause) {
    throw damageOf(cause);
  }
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
