import { type FileHandle, open } from 'node:fs/promises';
import { VisionError } from '../../../core/errors.js';
import { damageOf } from './damage.js';
import { keptIn } from './kept.js';
import { ParquetFile } from './parquet-file.js';
import { imageReader } from './parquet-image.js';
import { readRows, typedColumns } from './parquet-rows.js';
import type { ParquetColumn } from './parquet-schema.js';
import type { ParquetId, ParquetReply, ParquetRow, ParquetTask } from './task.js';

/** What is known of a file: reading it again takes as long as reading an image. */
interface Known {
  readonly file: ParquetFile;
  readonly columns: readonly ParquetColumn[];
}

/** The rows that were read together last. */
interface Piece {
  readonly name: string;
  readonly from: number;
  readonly rows: readonly ParquetRow[];
}

/** One answer has so many rows or characters, and a row more: taking it from the child must not hold up the run. */
const ROWS_AT_ONCE = 512;
const CHARACTERS_AT_ONCE = 1_048_576;

/** Reads Parquet files, in a process of its own. Where the file is at fault it throws a VisionError: IMAGE_UNREADABLE with a bare reason. */
export function parquetReader(): (task: ParquetTask) => Promise<ParquetReply> {
  const files = new Map<string, Promise<Known>>();
  const imageOf = imageReader();
  let piece: Piece | null = null;
  return async (task) => {
    await using handle = await open(task.kind === 'open' ? task.path : task.id.path, 'r');
    const id = await idOf(handle, task);
    const name = JSON.stringify(id);
    const { columns, file } = await keptIn(files, name, () => known(handle));
    if (task.kind === 'open') return { kind: 'table', table: { id, columns, groups: file.groups } };
    if (task.kind === 'image') return { kind: 'image', bytes: await imageOf(file.at(handle), { name, ...task }) };
    const { carried, from, images } = task;
    const wanted = JSON.stringify([name, images, carried]);
    if (piece === null || piece.name !== wanted || from < piece.from || from >= piece.from + piece.rows.length) {
      piece = null; // what was read before goes first
      piece = { name: wanted, from, rows: await readRows(file.on(handle), { columns, ...task }) };
    }
    return { kind: 'rows', rows: someOf(piece.rows, from - piece.from) };
  };
}

async function idOf(handle: FileHandle, task: ParquetTask): Promise<ParquetId> {
  const { ino: inode, mtimeMs, size } = await handle.stat();
  if (task.kind === 'open') return { path: task.path, size, mtimeMs, inode };
  if (size === task.id.size && mtimeMs === task.id.mtimeMs && inode === task.id.inode) return task.id;
  throw new VisionError('IMAGE_UNREADABLE', 'it has changed since it was opened');
}

async function known(handle: FileHandle): Promise<Known> {
  try {
    const file = await ParquetFile.of(handle);
    return { file, columns: await typedColumns(file) };
  } catch (cause) {
    throw damageOf(cause);
  }
}

function someOf(rows: readonly ParquetRow[], start: number): readonly ParquetRow[] {
  let end = start;
  for (let characters = 0; end < start + ROWS_AT_ONCE && characters < CHARACTERS_AT_ONCE; end += 1) {
    characters += rows[end]?.cells.reduce((sum, cell) => sum + cell.length, 0) ?? 0;
  }
  return rows.slice(start, end);
}
