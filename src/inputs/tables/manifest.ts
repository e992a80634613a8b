import { open, stat } from 'node:fs/promises';
import path from 'node:path';
import { systemCodeOf } from '../../core/errors.js';
import type { CsvDialect, TextEncoding } from '../../core/table-dialect.js';
import type { BytePath } from '../byte-path.js';
import { extensionOf } from '../patterns.js';
import { type DialectChoice, dialectOf } from './csv-dialect.js';
import { csvRows } from './csv-rows.js';
import { isImageText } from './data-url.js';
import { jsonlColumns, jsonlRows } from './jsonl-rows.js';
import { type ColumnChoice, type ColumnRoles, rolesOf } from './manifest-columns.js';
import { listed, ManifestError, type ManifestFile, type ManifestRow } from './manifest-error.js';
import { openParquet, parquetRows } from './parquet.js';
import { ChildLost, type ParquetChild } from './parquet-child/child.js';
import { isHolder } from './parquet-child/parquet-rows.js';
import type { ParquetTable } from './parquet-child/task.js';
import { openText, type TextFile } from './text-file.js';

/** How a manifest is to be read. */
export interface ManifestOptions extends ColumnChoice, DialectChoice {
  /** Folder that its paths are relative to; null is the manifest's own. */
  readonly base: string | null;
  /** How a text is written; null is found out. */
  readonly encoding: TextEncoding | null;
  /** Columns that must not be empty: the question is made of them. */
  readonly wordColumns: readonly string[];
}

interface OpenOptions extends ManifestOptions {
  /** Reads Parquet files. */
  readonly parquet: ParquetChild;
}

/** What a manifest is by its name. */
export type ManifestKind = 'csv' | 'tsv' | 'jsonl' | 'parquet';

/** How a manifest is stored. */
type ManifestFormat =
  | { readonly kind: 'csv'; readonly text: TextFile; readonly dialect: CsvDialect }
  | { readonly kind: 'jsonl'; readonly text: TextFile }
  | { readonly kind: 'parquet'; readonly table: ParquetTable; readonly child: ParquetChild };

/** A table whose rows name images. Its rows are read only when they are needed, one after another. */
export interface Manifest extends ManifestFile, ColumnRoles {
  readonly format: ManifestFormat;
  /** Every column, in order. */
  readonly columns: readonly string[];
  /** Absolute folder that its paths are relative to. */
  readonly base: string;
  /** As it was opened. */
  readonly size: number;
  /** Whole milliseconds since 1970. */
  readonly mtimeMs: number;
  /** Places of columns that must not be empty. */
  readonly words: readonly number[];
  /** Whether its first image is a cell's own bytes. */
  readonly holdsImages: boolean;
}

const KINDS: Readonly<Record<string, ManifestKind>> = {
  csv: 'csv',
  tsv: 'tsv',
  jsonl: 'jsonl',
  ndjson: 'jsonl',
  parquet: 'parquet',
};

/**
 * Whether a file named explicitly is opened as a manifest: `.csv`, `.tsv`, `.jsonl`, `.ndjson` or `.parquet` in any case,
 * with `.gz` behind it or not.
 */
export function isManifestName(name: BytePath): boolean {
  return Object.hasOwn(KINDS, tableExtensionOf(name));
}

/**
 * Reads what must be known of a manifest before the run: its columns and what each is for.
 *
 * @param file - its `kind` is told by its name where it is left out
 * @throws ExitError 2 where the file is empty, is no table, or its columns do not say which holds the image
 */
export async function openManifest(
  { kind, ...file }: ManifestFile & { readonly kind?: ManifestKind },
  options: OpenOptions,
): Promise<Manifest> {
  const { mtimeMs, size } = await statsOf(file);
  const format = await formatOf(file, { ...options, kind: kind ?? KINDS[tableExtensionOf(file.path)] ?? 'csv' });
  const names = await columnsOf(file, format);
  if (names.length === 0) {
    const fix = 'A manifest names its columns in the first line and an image in each further one.';
    throw new ManifestError(file, { problem: 'The file is empty.', fix });
  }
  const stored = format.kind === 'parquet' ? format.table.columns : [];
  const holders = [...stored.keys()].filter((at) => stored.slice(at, at + 1).some(isHolder));
  const bytes = new Set([...stored.keys()].filter((at) => stored[at]?.kind !== 'values'));
  const roles = rolesOf({ file, names, holders, bytes }, options);
  const words = options.wordColumns.map((name) => names.indexOf(name)).filter((at) => at >= 0);
  const base = options.base ?? path.dirname(file.path);
  const manifest = { ...file, ...roles, words, format, columns: names, base, size, mtimeMs: Math.floor(mtimeMs) };
  return { ...manifest, holdsImages: await holdsImages(manifest) };
}

/** The rows of a manifest without its header, and of CSV without those of which every cell is empty, as spreadsheets leave them. */
export async function* manifestRows(manifest: Omit<Manifest, 'holdsImages'>): AsyncGenerator<ManifestRow> {
  const { columns, format } = manifest;
  let isHeader = format.kind === 'csv';
  for await (const row of rowsOf(manifest)) {
    if (isHeader && named(row.cells).join('\n') !== columns.join('\n')) {
      throw new ManifestError(manifest, { problem: 'The header changed after the run began.', fix: 'Start again.' });
    }
    if (!isHeader && (format.kind !== 'csv' || row.cells.some((cell) => cell !== ''))) yield row;
    isHeader = false;
  }
}

function rowsOf(manifest: Omit<Manifest, 'holdsImages'>): AsyncGenerator<ManifestRow> {
  const { columns, format } = manifest;
  switch (format.kind) {
    case 'csv':
      return csvRows(format.text, format.dialect);
    case 'jsonl':
      return jsonlRows(format.text, columns);
    case 'parquet':
      return parquetRows({ ...manifest, ...format });
  }
}

/** By the first row with an image. */
async function holdsImages(manifest: Omit<Manifest, 'holdsImages'>): Promise<boolean> {
  try {
    for await (const { cells, held } of manifestRows(manifest)) {
      if (held !== undefined && held.size > 0) return true;
      const images = manifest.images.map((at) => cells[at] ?? '').filter((cell) => cell.trim() !== '');
      if (images.length > 0) return images.some(isImageText);
    }
  } catch (error) {
    // Whoever reads the rows will meet it in its place, but need not wait for what takes too long a second time.
    if (!(error instanceof ManifestError) || error.cause instanceof ChildLost) throw error;
  }
  return false;
}

interface FormatOptions extends OpenOptions {
  readonly kind: ManifestKind;
}

async function formatOf(file: ManifestFile, options: FormatOptions): Promise<ManifestFormat> {
  const head = await headOf(file);
  if (head.startsWith('PK\x03\x04')) {
    const problem = 'Expected a table, got a ZIP file, as .xlsx is one.';
    throw new ManifestError(file, { problem, fix: 'Save the spreadsheet as CSV (UTF-8).' });
  }
  if (options.kind === 'parquet' || head === 'PAR1') return await parquetFormat(file, head, options.parquet);
  const text = await openText(file, options.encoding);
  if (options.kind === 'jsonl') return { kind: 'jsonl', text };
  const delimiter = options.delimiter ?? (options.kind === 'tsv' ? '\t' : null);
  return { kind: 'csv', text, dialect: await dialectOf(text, { ...options, delimiter }) };
}

async function parquetFormat(file: ManifestFile, head: string, child: ParquetChild): Promise<ManifestFormat> {
  if (head.startsWith('\x1f\x8b')) {
    throw new ManifestError(file, { problem: 'A packed Parquet file cannot be read.', fix: `gunzip ${file.given}` });
  }
  return { kind: 'parquet', table: await openParquet(file, child), child };
}

async function columnsOf(file: ManifestFile, format: ManifestFormat): Promise<readonly string[]> {
  const { columns, line } = await headerOf(format);
  const place = { ...(line === undefined ? {} : { line }) };
  const doubled = columns.filter((name, at) => columns.indexOf(name) !== at);
  if (doubled.length > 0) {
    const problem = `Expected every column to have a name of its own, got ${listed([...new Set(doubled)])} twice.`;
    throw new ManifestError(file, { ...place, problem });
  }
  if (columns.includes('__proto__')) {
    const problem = 'A column is called `__proto__`, which is no name for a value in JavaScript.';
    throw new ManifestError(file, { ...place, problem, fix: 'Give it another name.' });
  }
  return columns;
}

async function headerOf(
  format: ManifestFormat,
): Promise<{ readonly columns: readonly string[]; readonly line?: number }> {
  if (format.kind === 'parquet') return { columns: format.table.columns.map(({ name }) => name) };
  if (format.kind === 'jsonl') return { columns: await jsonlColumns(format.text) };
  for await (const { cells, line } of csvRows(format.text, format.dialect)) return { columns: named(cells), line };
  return { columns: [] };
}

/** A column without a name, as a table's index is often written, is called by its number. */
function named(header: readonly string[]): readonly string[] {
  return header.map((name, at) => (name.trim() === '' ? `column ${at + 1}` : name));
}

/** The extension without the `.gz` of what is packed. */
export function tableExtensionOf(name: string): string {
  return extensionOf(name.replace(/\.gz$/i, ''));
}

async function statsOf(file: ManifestFile) {
  const stats = await stat(file.path).catch((error: NodeJS.ErrnoException) => {
    const problem = `The file cannot be read: ${error.code ?? error.message}.`;
    throw new ManifestError(file, { problem, cause: error });
  });
  if (stats.isFile()) return stats;
  throw new ManifestError(file, { problem: 'Expected a regular file: a manifest is read more than once.' });
}

/** The first four bytes, one character each. */
async function headOf(file: ManifestFile): Promise<string> {
  try {
    await using handle = await open(file.path, 'r');
    const { buffer, bytesRead } = await handle.read({ length: 4, position: 0, buffer: new Uint8Array(4) });
    return String.fromCharCode(...buffer.subarray(0, bytesRead));
  } catch (cause) {
    const code = systemCodeOf(cause);
    throw new ManifestError(file, { problem: `The file cannot be read: ${code}.`, cause });
  }
}
