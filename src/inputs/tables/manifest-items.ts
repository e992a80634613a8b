import { Buffer } from 'node:buffer';
import path from 'node:path';
import type { Failure } from '../../core/errors.js';
import type { FoundItem } from '../../core/item.js';
import { keyOfPath } from '../../core/keys.js';
import type { Found, FoundRow } from '../found.js';
import { type Manifest, manifestRows } from './manifest.js';
import { ManifestError, type ManifestRow } from './manifest-error.js';
import { type CellImage, type ImageTerritory, imageOf } from './manifest-image.js';

export interface ManifestItemsOptions extends ImageTerritory {
  /** Ordinal of the manifest among the inputs. */
  readonly input: number;
}

/** Enough in flight to keep Node's I/O threads busy, few enough to hold. */
const ROWS_AT_ONCE = 64;
/** Rows with images in them are large: no more than this many characters wait. */
const CHARACTERS_AT_ONCE = 8 * 1_048_576;
/** Bytes of a row's number, by which the rows are sorted. */
const NUMBER_BYTES = 6;

/**
 * The items of a manifest, in the order of its rows. They count as one folder, so that nothing of a manifest is asked
 * before all of it was read and found to be in order.
 *
 * @throws ExitError 2 where the file is no table or a row has no id
 */
export async function* manifestItems(
  manifest: Manifest,
  options: ManifestItemsOptions,
): AsyncGenerator<readonly Found[]> {
  const { input } = options;
  yield [{ kind: 'folder', input }];
  let number = 0;
  let pending: Promise<Found>[] = [];
  let characters = 0;
  for await (const row of manifestRows(manifest)) {
    const key = idOf(row, manifest);
    const name = Buffer.alloc(NUMBER_BYTES);
    name.writeUIntBE(number, 0, NUMBER_BYTES);
    number += 1;
    const found = itemOf(row, { ...options, manifest, key });
    pending.push(found.then((item) => ({ kind: 'item', input, name, item, row: { manifest, line: row.line } })));
    characters += row.cells.reduce((sum, cell) => sum + cell.length, 0);
    if (pending.length < ROWS_AT_ONCE && characters < CHARACTERS_AT_ONCE) continue;
    yield await Promise.all(pending);
    pending = [];
    characters = 0;
  }
  yield await Promise.all(pending);
}

/** Two rows of one key would be one item, and one of them lost. */
export function repeatedRow(key: string, { manifest, line }: FoundRow): ManifestError {
  const fix =
    'Every row is an item of its own: name the columns that tell them apart with --id-column COLUMN, or number them with --on-repeat number.';
  return new ManifestError(manifest, { line, problem: `An earlier row is called ${JSON.stringify(key)}, too.`, fix });
}

/** What the row's id columns say, as a key; null where it is called by its image. */
function idOf({ cells, line }: ManifestRow, manifest: Manifest): string | null {
  if (manifest.ids.length === 0) return null;
  const values = manifest.ids.map((at) => cells[at] ?? '');
  if (values.every((value) => value.trim() === '')) {
    throw new ManifestError(manifest, { line, problem: 'Expected the row to have an id, got none.' });
  }
  const keys = values.map(keyOfPath);
  return keys.length === 1 ? (keys[0] ?? null) : keys.map((key) => key.replaceAll('/', '%2F')).join('/');
}

interface RowOptions extends ManifestItemsOptions {
  readonly manifest: Manifest;
  readonly key: string | null;
}

async function itemOf(row: ManifestRow, options: RowOptions): Promise<FoundItem> {
  const { manifest } = options;
  const images = await Promise.all(manifest.images.map((column) => imageOf(row, { ...options, column })));
  const keys = images.map(({ key }) => key);
  const ownKey = keys.includes(null) ? keyOfPath(`${path.basename(manifest.path)}:${row.line}`) : keys.join(' + ');
  const problem =
    images.map((image) => (images.length === 1 ? image.problem : told(image))).find((found) => found !== undefined) ??
    wordless(row, manifest);
  const carried = manifest.carried.map((at) => [manifest.columns[at] ?? '', row.cells[at] ?? ''] as const);
  return {
    key: options.key ?? ownKey,
    sources: images.flatMap(({ source }) => source ?? []),
    page: 1,
    ...(carried.length === 0 ? {} : { row: Object.fromEntries(carried) }),
    ...(problem === undefined ? {} : { problem }),
  };
}

/** A question without words is none. */
function wordless({ cells, line }: ManifestRow, { columns, path: file, words }: Manifest): Failure | undefined {
  const empty = words.find((at) => (cells[at] ?? '').trim() === '');
  if (empty === undefined) return undefined;
  const message = `The question is empty in row ${line} of ${path.basename(file)}, column \`${columns[empty]}\`.`;
  return { code: 'REQUEST_REFUSED', message };
}

/** The problem of one image of several, saying which it is. */
function told({ key, problem }: CellImage): Failure | undefined {
  if (key === null || problem === undefined) return problem; // the message says where the cell is
  return { code: problem.code, message: `${key}: ${problem.message}` };
}
