import type { Stats } from 'node:fs';
import { type FileHandle, opendir, stat } from 'node:fs/promises';
import path from 'node:path';
import { type Failure, systemCodeOf, VisionError } from '../core/errors.js';
import type { OpenHow, Part, Root, SourceBytes, SourceReader, SourceRef, SourceSeen, TableCell } from '../core/item.js';
import { partIn, rangeOfPart, readPart } from './archives/archive-part.js';
import { fileFailure } from './file-failure.js';
import { readRange } from './file-range.js';
import { wholeMs } from './folders/listing.js';
import type { SourceLook } from './recent-sources.js';
import { GzipSpools } from './spool/gzip-spools.js';
import { createParquetChild, type ParquetChild } from './tables/parquet-child/child.js';
import { type TableCells, tableCells } from './tables/table-cells.js';
import { type OpenedFile, Territory } from './territory.js';
import type { FetchHow } from './urls/reader.js';
import { readVersion } from './urls/url-version.js';

export interface SourceReaderOptions {
  /** The most bytes that a source may have. */
  readonly maxBytes: number;
  /** Fetches what lies behind a URL; null where none may be fetched. */
  readonly urls: ((url: string, how: FetchHow) => Promise<SourceBytes>) | null;
  /**
   * Reads Parquet files.
   *
   * @defaultValue a process of its own
   */
  readonly parquet?: ParquetChild;
}

const TRIES_WHILE_CHANGING = 3;

/**
 * Opens sources under the roots and nowhere else: the path without links must lie in one of them.
 *
 * The reader throws IMAGE_MISSING, IMAGE_FORBIDDEN, IMAGE_TOO_LARGE, IMAGE_UNREADABLE; UNEXPECTED where the machine and
 * not the file is at fault; for a URL what `urls` throws, or IMAGE_UNSUPPORTED where there is none.
 */
export function sourceReader(roots: readonly Root[], options: SourceReaderOptions): SourceReader {
  const territory = new Territory(roots);
  const spools = new GzipSpools();
  const cells = tableCells(spools, options.parquet ?? createParquetChild());
  return async (source: SourceRef, how: OpenHow = {}) => {
    if ('bytes' in source) return { bytes: source.bytes, size: source.bytes.length, mtimeMs: 0 };
    if ('url' in source) return await fetched(source, { ...options, signal: how.signal });
    const root = roots.find((known) => known.name === source.root);
    if (root === undefined) throw unknownRoot(source.root);
    try {
      const file = await territory.open(root, source.path);
      await using _ = file.handle;
      return await readFrom(file, source, { ...options, seen: how.seen, spools, cells });
    } catch (error) {
      throw fileFailure(error, 'file');
    }
  };
}

function readFrom(
  file: OpenedFile,
  { cell, part }: Extract<SourceRef, { readonly path: string }>,
  options: WholeOptions & MemberOptions & CellOptions,
): Promise<SourceBytes> {
  if (cell !== undefined) return readCell(file, cell, options);
  return part === undefined ? readWhole(file.handle, options) : readMember(file.handle, part, options);
}

/** Looks at files under the roots without opening them; null for what is no file. One that has gone has no size. */
export function sourceLook(roots: readonly Root[]): SourceLook {
  return async (source) => {
    const root = 'path' in source ? roots.find((known) => known.name === source.root) : undefined;
    if (root === undefined || !('path' in source)) return null;
    const stats = await stat(path.join(root.path, source.path)).catch(() => null);
    if (stats === null) return { size: -1, mtimeMs: -1 };
    if (source.cell !== undefined) return null;
    return { size: source.part?.size ?? stats.size, mtimeMs: wholeMs(stats.mtimeMs) };
  };
}

interface Fetch extends SourceReaderOptions {
  readonly signal: AbortSignal | undefined;
}

async function fetched(
  { url, part }: Extract<SourceRef, { url: string }>,
  { maxBytes, signal, urls }: Fetch,
): Promise<SourceBytes> {
  if (urls === null) throw new VisionError('IMAGE_UNSUPPORTED', 'URLs are not fetched here.');
  if (part === undefined) return await urls(url, { signal });
  const { size, version } = part;
  const { at: offset, length } = rangeOfPart(part);
  mustFit(Math.max(size, length), maxBytes);
  const range = { offset, length };
  const read =
    version === undefined
      ? await urls(url, { signal, range })
      : await readVersion(urls, url, { signal, range, version });
  return { ...read, bytes: await partIn(read.bytes, part), size };
}

/**
 * Why this machine cannot serve a run with these roots, or null where it can: one is missing, may not be listed, or is
 * empty, as the mount point of a disk that is not mounted.
 */
export async function rootsProblem(roots: readonly Root[]): Promise<Failure | null> {
  for (const root of roots) {
    const fix = `Mount it, or say where it is on this machine: --root ${root.name}=PATH`;
    try {
      if (await isEmpty(root.path))
        return { code: 'IMAGE_MISSING', message: `The folder ${root.path} is empty. ${fix}` };
    } catch (error) {
      const { code } = fileFailure(error, 'file');
      const reason = systemCodeOf(error);
      return { code, message: `The folder ${root.path} cannot be listed (${reason}). ${fix}` };
    }
  }
  return null;
}

async function isEmpty(folder: string): Promise<boolean> {
  const directory = await opendir(folder);
  try {
    return (await directory.read()) === null;
  } finally {
    await directory.close();
  }
}

interface WholeOptions extends SourceReaderOptions {
  readonly seen: SourceSeen | undefined;
}

async function readWhole(handle: FileHandle, { maxBytes, seen }: WholeOptions): Promise<SourceBytes> {
  if (seen?.size != null && seen.size <= maxBytes) {
    const read = await readAsSeen(handle, seen.size).catch(() => null); // looked at first, it says why
    if (read !== null && read.mtimeMs === seen.mtimeMs) return read;
  }
  for (let tries = 1; tries <= TRIES_WHILE_CHANGING; tries += 1) {
    const before = await handle.stat();
    mustBeFile(before);
    mustFit(before.size, maxBytes);
    const bytes = await readRange(handle, { at: 0, length: before.size });
    const after = await handle.stat();
    if (bytes !== null && after.size === before.size && after.mtimeMs === before.mtimeMs) {
      return { bytes, size: before.size, mtimeMs: wholeMs(before.mtimeMs) };
    }
  }
  throw new VisionError('IMAGE_UNREADABLE', 'The file kept changing while it was read.', {
    fix: 'Start again when it has been written.',
  });
}

/** Reads a file of a size that is known, and looks at it afterwards only; null where it is none of that size. */
async function readAsSeen(handle: FileHandle, size: number): Promise<SourceBytes | null> {
  const bytes = await readRange(handle, { at: 0, length: size });
  const after = await handle.stat();
  if (bytes === null || !after.isFile() || after.size !== size) return null;
  return { bytes, size, mtimeMs: wholeMs(after.mtimeMs) };
}

interface MemberOptions extends SourceReaderOptions {
  readonly spools: GzipSpools;
}

/** One member of an archive: nothing else of it is read. */
async function readMember(handle: FileHandle, part: Part, options: MemberOptions): Promise<SourceBytes> {
  const stats = await handle.stat();
  mustBeFile(stats);
  const { maxBytes, spools } = options;
  mustFit(Math.max(part.size, part.length), maxBytes);
  const bytes = await readPart({ handle, stats }, part, spools);
  return { bytes, size: part.size, mtimeMs: wholeMs(stats.mtimeMs) };
}

interface CellOptions extends SourceReaderOptions {
  readonly cells: TableCells;
}

/** An image in a cell of a table. Its time is the table's: a table that was written anew is looked at again. */
async function readCell(file: OpenedFile, cell: TableCell, { cells, maxBytes }: CellOptions): Promise<SourceBytes> {
  const stats = await file.handle.stat();
  mustBeFile(stats);
  const bytes = await cells.read({ ...file, stats }, cell);
  mustFit(bytes.length, maxBytes);
  return { bytes, size: bytes.length, mtimeMs: wholeMs(stats.mtimeMs) };
}

function mustFit(bytes: number, maxBytes: number): void {
  if (bytes <= maxBytes) return;
  throw new VisionError('IMAGE_TOO_LARGE', `The file has ${bytes} bytes, more than the ${maxBytes} allowed.`, {
    fix: 'Make a smaller copy of it.',
  });
}

function mustBeFile(stats: Stats): void {
  if (stats.isDirectory()) throw new VisionError('IMAGE_UNREADABLE', 'This is a folder, not a file.');
  if (!stats.isFile()) {
    throw new VisionError('IMAGE_UNREADABLE', 'This is no regular file but a pipe, a socket or a device.');
  }
}

function unknownRoot(name: string): VisionError {
  return new VisionError('IMAGE_FORBIDDEN', `This machine has no folder for the root ${JSON.stringify(name)}.`, {
    fix: `Say where it is: --root ${name}=PATH`,
  });
}
