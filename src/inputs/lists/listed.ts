import { createHash } from 'node:crypto';
import path from 'node:path';
import { EXIT, ExitError } from '../../core/exit.js';

/** One image of an item that a program lists. */
export type ListedSource =
  /** Absolute. */
  | { readonly path: string }
  /** `http:`, `https:`, or a name of the program's own for bytes that it has. */
  | { readonly url: string }
  /** Bytes that the program has, under a name of its own; null where their number is not known. */
  | { readonly url: string; readonly size: number | null };

/** One item that a program lists itself. */
export interface ListedItem {
  /** The item's key. */
  readonly key: string;
  readonly sources: readonly ListedSource[];
  /** Columns that it carries. */
  readonly row?: Readonly<Record<string, string>>;
}

/** Items that a program lists itself, as an input of a run. */
export interface ListedInput {
  readonly kind: 'items';
  /** Stands for all of them: other items have another one. */
  readonly given: string;
  /** Absolute folder that holds every path. */
  readonly path: string;
  readonly items: readonly ListedItem[];
  /** The columns that they carry, in order, each once. */
  readonly columns: readonly string[];
}

/**
 * Makes an input of listed items.
 *
 * @param folder - absolute; stands where no item has a path
 */
export function listedInput(items: readonly ListedItem[], folder: string): ListedInput {
  const folders = items.flatMap(({ sources }) =>
    sources.flatMap((source) => ('path' in source ? path.dirname(source.path) : [])),
  );
  const columns = [...new Set(items.flatMap(({ row }) => Object.keys(row ?? {})))];
  const hash = createHash('sha256');
  for (const item of items) hash.update(JSON.stringify(item));
  const given = `items ${hash.digest('hex')}`;
  return { kind: 'items', given, path: commonFolder(folders) ?? folder, items, columns };
}

/** The deepest folder above all; null of none. */
function commonFolder(folders: readonly string[]): string | null {
  return folders.reduce<string | null>((shared, folder) => {
    let above = shared ?? folder;
    while (above !== folder && !folder.startsWith(above.endsWith('/') ? above : `${above}/`))
      above = path.dirname(above);
    return above;
  }, null);
}

/** Refuses items with more images than one question may show. Throws ExitError 2. */
export function refuseLargeItems({ items }: ListedInput, maxImages: number): void {
  const large = items.find(({ sources }) => sources.length > maxImages);
  if (large === undefined) return;
  throw new ExitError(
    EXIT.usage,
    `Expected at most ${maxImages} images for one question to this model, but item ${JSON.stringify(large.key)} has ${large.sources.length}.`,
    { fix: 'Give items of fewer images, or compare them with `stitch`, which lays them on one canvas.' },
  );
}
