import path from 'node:path';
import type { Failure } from '../core/errors.js';
import type { FoundSource } from '../core/item.js';
import { keyOfPath } from '../core/keys.js';
import { type BytePath, bytePathOf, isWithin, textOf } from './byte-path.js';
import { lookAt } from './listing.js';
import type { Manifest } from './manifest.js';
import type { ManifestRow } from './manifest-error.js';
import { placeOf, type RunRoots } from './roots.js';
import { realpathOf } from './walk.js';

/** Where images of a manifest may lie: a list that came from elsewhere must not reach what it likes. */
export interface ImageTerritory {
  readonly roots: RunRoots;
  /** The folders that the user gave as inputs, absolute: narrower than the roots, which may have a common one above. */
  readonly folders: readonly BytePath[];
  /** The same without links. */
  readonly realFolders: readonly BytePath[];
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
  const text = row.cells[column] ?? '';
  const where = `line ${row.line} of ${path.basename(manifest.path)}, column \`${manifest.columns[column]}\``;
  if (text.trim() === '') {
    const message = `There is no image in ${where}.`;
    return { source: null, key: null, problem: { code: 'IMAGE_MISSING', message } };
  }
  if (text.length > MAX_PATH_BYTES || /^data:/i.test(text)) {
    const message = `What stands in ${where} is no path or URL (${text.length} characters). Write images into files of their own.`;
    return { source: null, key: null, problem: { code: 'IMAGE_UNSUPPORTED', message } };
  }
  const scheme = /^([a-z][a-z0-9+.-]+):\/\//i.exec(text)?.[1]?.toLowerCase();
  if (scheme === undefined) return await fileAt(path.resolve(manifest.base, text), options);
  const source: FoundSource = { ref: { url: text }, size: null, mtimeMs: null };
  const key = keyOfPath(text);
  if (scheme === 'http' || scheme === 'https') return { source, key };
  const message = `Expected a path or an http(s) URL in ${where}, got ${JSON.stringify(`${scheme}://…`)}.`;
  return { source, key, problem: { code: 'IMAGE_UNSUPPORTED', message } };
}

async function fileAt(file: string, { folders, realFolders, roots }: ImageTerritory): Promise<CellImage> {
  const bytes = bytePathOf(file);
  const { key, path: below, root } = placeOf(bytes, roots);
  const unseen: FoundSource = { ref: { root, path: textOf(below) ?? file }, size: null, mtimeMs: null };
  const failed = (problem: Failure): CellImage => ({ source: unseen, key, problem });
  const lies = (territory: readonly BytePath[], at: BytePath) => territory.some((folder) => isWithin(folder, at));
  if (!lies(folders, bytes)) return failed(forbidden(file));
  const real = await realpathOf(bytes);
  if (real !== null && !lies(realFolders, real)) return failed(forbidden(file));
  const look = await lookAt(bytes);
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
