import { stat } from 'node:fs/promises';
import path from 'node:path';
import type { BytePath } from './byte-path.js';
import { csvDelimiter, csvRows } from './csv-rows.js';
import { jsonlColumns, jsonlRows } from './jsonl-rows.js';
import { type ColumnChoice, type ColumnRoles, rolesOf } from './manifest-columns.js';
import { listed, ManifestError, type ManifestFile, type ManifestRow } from './manifest-error.js';
import { extensionOf } from './patterns.js';

/** How a manifest is to be read. */
export interface ManifestOptions extends ColumnChoice {
  /** Folder that its paths are relative to; null is the manifest's own. */
  readonly base: string | null;
}

/** A table whose rows name images. Its rows are read only when they are needed, one after another. */
export interface Manifest extends ManifestFile, ColumnRoles {
  readonly format: { readonly kind: 'csv'; readonly delimiter: string } | { readonly kind: 'jsonl' };
  /** Every column, in order. */
  readonly columns: readonly string[];
  /** Absolute folder that its paths are relative to. */
  readonly base: string;
}

const KINDS: Readonly<Record<string, 'csv' | 'tsv' | 'jsonl'>> = {
  csv: 'csv',
  tsv: 'tsv',
  jsonl: 'jsonl',
  ndjson: 'jsonl',
};

/** Whether a file named explicitly is opened as a manifest: `.csv`, `.tsv`, `.jsonl` or `.ndjson` in any case. */
export function isManifestName(name: BytePath): boolean {
  return Object.hasOwn(KINDS, extensionOf(name));
}

/**
 * Reads what must be known of a manifest before the run: its columns and what each is for.
 *
 * @throws ExitError 2 where the file is empty, is no table, or its columns do not say which holds the image
 */
export async function openManifest(file: ManifestFile, options: ManifestOptions): Promise<Manifest> {
  if (!(await isRegularFile(file))) {
    throw new ManifestError(file, { problem: 'Expected a regular file: a manifest is read more than once.' });
  }
  const format = await formatOf(file);
  const columns = format.kind === 'csv' ? await headerOf(file, format.delimiter) : await jsonlColumns(file);
  if (columns.length === 0) {
    const fix = 'A manifest names its columns in the first line and an image in each further one.';
    throw new ManifestError(file, { problem: 'The file is empty.', fix });
  }
  const base = options.base ?? path.dirname(file.path);
  return { ...file, ...rolesOf(columns, { ...options, file }), format, columns, base };
}

/** The rows of a manifest without its header, and without rows of which every cell is empty, as spreadsheets leave them. */
export async function* manifestRows(manifest: Manifest): AsyncGenerator<ManifestRow> {
  const { columns, format } = manifest;
  const rows = format.kind === 'csv' ? csvRows(manifest, format.delimiter) : jsonlRows(manifest, columns);
  let isHeader = format.kind === 'csv';
  for await (const row of rows) {
    if (isHeader && named(row.cells).join('\n') !== columns.join('\n')) {
      throw new ManifestError(manifest, { problem: 'The header changed after the run began.', fix: 'Start again.' });
    }
    if (!isHeader && row.cells.some((cell) => cell !== '')) yield row;
    isHeader = false;
  }
}

/** A manifest is told from other inputs by its kind; see `resolve.ts`. */
type Input =
  | { readonly kind: 'manifest'; readonly manifest: Manifest }
  | { readonly kind: 'items'; readonly columns: readonly string[] }
  | { readonly kind: 'folder' | 'file' | 'glob' };

/** The columns that the inputs' items carry, in order, each once: known before anything is asked. */
export function carriedColumns(inputs: readonly Input[]): readonly string[] {
  const carried = inputs.flatMap((input) => {
    if (input.kind === 'items') return input.columns;
    return input.kind === 'manifest' ? namesOf(input.manifest) : [];
  });
  return [...new Set(carried)];
}

function namesOf({ carried, columns }: Manifest): readonly string[] {
  return carried.flatMap((at) => columns[at] ?? []);
}

async function formatOf(file: ManifestFile): Promise<Manifest['format']> {
  const kind = KINDS[extensionOf(file.path)];
  if (kind === 'jsonl') return { kind };
  return { kind: 'csv', delimiter: kind === 'tsv' ? '\t' : await csvDelimiter(file) };
}

async function headerOf(file: ManifestFile, delimiter: string): Promise<readonly string[]> {
  for await (const { cells, line } of csvRows(file, delimiter)) {
    const columns = named(cells);
    const doubled = columns.filter((name, at) => columns.indexOf(name) !== at);
    if (doubled.length === 0) return columns;
    throw new ManifestError(file, {
      line,
      problem: `Expected every column to have a name of its own, got ${listed(doubled)} twice.`,
    });
  }
  return [];
}

/** A column without a name, as a table's index is often written, is called by its number. */
function named(header: readonly string[]): readonly string[] {
  return header.map((name, at) => (name.trim() === '' ? `column ${at + 1}` : name));
}

async function isRegularFile(file: ManifestFile): Promise<boolean> {
  try {
    return (await stat(file.path)).isFile();
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? String(error);
    throw new ManifestError(file, { problem: `The file cannot be read: ${code}.`, cause: error });
  }
}
