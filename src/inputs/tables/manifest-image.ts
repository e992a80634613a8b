import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Failure } from '../../core/errors.js';
import type { FoundSource, TableCell } from '../../core/item.js';
import { keyOfPath } from '../../core/keys.js';
import { withoutUserinfo } from '../../core/redact.js';
import { type BytePath, bytePathOf, isWithin, textOf } from '../byte-path.js';
import type { RealPlaces } from '../folders/real-places.js';
import { placeOf, type RunRoots } from '../roots.js';
import { isImageText } from './data-url.js';
import type { Manifest } from './manifest.js';
import type { ManifestRow } from './manifest-error.js';

/** Where images of a manifest may lie: a list that came from elsewhere must not reach what it likes. */
export interface ImageTerritory {
  readonly roots: RunRoots;
  /** The folders that the user gave as inputs, absolute: narrower than the roots, which may have a common one above. */
  readonly folders: readonly BytePath[];
  /** The same without links. */
  readonly realFolders: readonly BytePath[];
  readonly places: RealPlaces;
}

interface CellOptions extends ImageTerritory {
  readonly manifest: Manifest;
  /** Place of the column in the header. */
  readonly column: number;
}

/** Nothing longer is a path: PATH_MAX of Linux, in bytes. */
const MAX_PATH_BYTES = 4_096;

/** What a cell came to. */
export interface CellImage {
  readonly source: FoundSource | null;
  /** What an item without an id is called by; null where the cell is no name. */
  readonly key: string | null;
  readonly problem?: Failure;
}

/** Looks at the image that a cell names. Never throws: what cannot be read is a failed item. */
export async function imageOf(row: ManifestRow, options: CellOptions): Promise<CellImage> {
  const { column, manifest } = options;
  const text = (row.cells[column] ?? '').trim();
  const where = `${manifest.format.kind === 'parquet' ? 'row' : 'line'} ${row.line} of ${path.basename(manifest.path)}, column \`${manifest.columns[column]}\``;
  const isHeld = row.held?.has(column) ?? false;
  if (isHeld || isImageText(text)) return heldIn(row, { ...options, where });
  if (text === '') {
    const message = `There is no image in ${where}.`;
    return { source: null, key: null, problem: { code: 'IMAGE_MISSING', message } };
  }
  if (manifest.format.kind === 'jsonl' && /^(?:\{.*\}|\[.*\])$/s.test(text)) {
    const message = `Expected text in ${where}, a path, a URL or base64, got ${text.startsWith('[') ? 'a list' : 'an object'}.`;
    return { source: null, key: null, problem: { code: 'IMAGE_UNSUPPORTED', message } };
  }
  if (text.length > MAX_PATH_BYTES) {
    const message = `What stands in ${where} is no path, URL or image in base64 (${text.length} characters).`;
    return { source: null, key: null, problem: { code: 'IMAGE_UNSUPPORTED', message } };
  }
  const scheme = /^([a-z][a-z0-9+.-]+):\/\//i.exec(text)?.[1]?.toLowerCase();
  if (scheme === undefined) return await fileAt(path.resolve(manifest.base, text), options);
  if (scheme === 'file') return await fileAtUrl(text, options);
  const source: FoundSource = { ref: { url: text }, size: null, mtimeMs: null };
  const key = keyOfPath(withoutUserinfo(text));
  if (FETCHED.has(scheme)) return { source, key };
  const message = `Expected a path or an http(s) or s3 URL in ${where}, got ${JSON.stringify(`${scheme}://…`)}.`;
  return { source, key, problem: { code: 'IMAGE_UNSUPPORTED', message } };
}

const FETCHED: ReadonlySet<string> = new Set(['http', 'https', 's3']);

interface HeldOptions extends CellOptions {
  /** Where the cell is, in words. */
  readonly where: string;
}

/**
 * An image that the cell holds itself. Its bytes stay where they are: any machine that has the table finds them again, and
 * nothing of them goes through a queue or a store. That needs a table whose rows can be found by their place.
 */
function heldIn(row: ManifestRow, options: HeldOptions): CellImage {
  const { column, manifest, roots, where } = options;
  const name = row.cells[column] ?? '';
  const key = manifest.format.kind === 'parquet' && name !== '' ? keyOfPath(name) : null;
  const { path: below, root } = placeOf(bytePathOf(manifest.path), roots);
  const file = textOf(below);
  const failed = (problem: Failure): CellImage => ({ source: null, key, problem });
  if (file === null || !roots.some((known) => isWithin(bytePathOf(known.path), bytePathOf(manifest.path)))) {
    const message = `There is an image in ${where}, but the first rows of the table have none: they decide whether workers read it. Keep tables with images apart from those with paths.`;
    return failed({ code: 'IMAGE_FORBIDDEN', message });
  }
  const cell = cellAt(row, options);
  if (cell === null) {
    const message = `There is an image in ${where}, which cannot be found again in a table that is not UTF-8. Write ${path.basename(manifest.path)} as UTF-8, for example with iconv.`;
    return failed({ code: 'IMAGE_UNSUPPORTED', message });
  }
  return { source: { ref: { root, path: file, cell }, size: null, mtimeMs: manifest.mtimeMs }, key };
}

function cellAt({ place }: ManifestRow, { column, manifest }: CellOptions): TableCell | null {
  const { columns, format, size: tableBytes } = manifest;
  const name = columns[column] ?? '';
  if ('row' in place) return { table: 'parquet', tableBytes, row: place.row, column: name };
  if (format.kind === 'parquet' || format.text.encoding !== 'utf-8') return null;
  const { packed } = format.text;
  if (format.kind === 'jsonl') return { table: 'jsonl', tableBytes, ...place, packed, column: name };
  return { table: 'csv', tableBytes, ...place, packed, column, ...format.dialect };
}

async function fileAtUrl(url: string, territory: ImageTerritory): Promise<CellImage> {
  try {
    return await fileAt(fileURLToPath(url), territory);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    const message = `Expected a file URL of this machine, such as file:///scans/a.jpg, got ${JSON.stringify(url)}.`;
    return { source: null, key: keyOfPath(url), problem: { code: 'IMAGE_UNSUPPORTED', message } };
  }
}

async function fileAt(file: string, { folders, places, realFolders, roots }: ImageTerritory): Promise<CellImage> {
  const bytes = bytePathOf(file);
  const { key, path: below, root } = placeOf(bytes, roots);
  const unseen: FoundSource = { ref: { root, path: textOf(below) ?? file }, size: null, mtimeMs: null };
  const failed = (problem: Failure): CellImage => ({ source: unseen, key, problem });
  const lies = (territory: readonly BytePath[], at: BytePath) => territory.some((folder) => isWithin(folder, at));
  if (!lies(folders, bytes)) return failed(forbidden(file));
  const { look, real } = await places.of(bytes);
  if (real !== null && !lies(realFolders, real)) return failed(forbidden(file));
  if (look === 'folder') return failed({ code: 'IMAGE_UNREADABLE', message: 'This is a folder, not a file.' });
  const { mtimeMs, problem, size } = look;
  return problem === undefined ? { source: { ...unseen, size, mtimeMs }, key } : failed(problem);
}

function forbidden(file: string): Failure {
  return {
    code: 'IMAGE_FORBIDDEN',
    message: `${file} lies outside of the manifest's folder and of the other inputs, or is a link that leads out. Name the folder that holds the images: --base DIR`,
  };
}
