import { listed, ManifestError, type ManifestFile } from './manifest-error.js';

/** Which columns the user named. */
export interface ColumnChoice {
  /** Columns whose values make a row's id; none leaves it to the header. */
  readonly idColumns: readonly string[];
  /** Columns that hold an image; none leaves it to the header. */
  readonly imageColumns: readonly string[];
  /** Whether a row may hold several images, to be looked at together. */
  readonly severalImages: boolean;
}

/** A table's columns, and what is known of them. */
export interface TableColumns {
  readonly file: ManifestFile;
  readonly names: readonly string[];
  /** Places of those that hold images themselves. */
  readonly holders: readonly number[];
  /** Places of those that hold bytes of any kind, which no row can carry. */
  readonly bytes: ReadonlySet<number>;
}

/** What a manifest's columns are for, each by its place in the header. */
export interface ColumnRoles {
  /** None: a row is called by its image. */
  readonly ids: readonly number[];
  /** In the order in which the images are looked at. */
  readonly images: readonly number[];
  /** All that are neither images nor bytes, in order. */
  readonly carried: readonly number[];
}

/** Names under which tables usually hold an image's path or URL, lower case. */
const IMAGE_NAMES: ReadonlySet<string> = new Set('image path file filename source url image_path file_name'.split(' '));

/**
 * Finds the columns for images and ids.
 *
 * @throws ExitError 2 where a named column is not there, or none or several could hold the image; it names those there are
 */
export function rolesOf(table: TableColumns, choice: ColumnChoice): ColumnRoles {
  const { file, names: columns } = table;
  const { severalImages } = choice;
  const images = choice.imageColumns.length > 0 ? placesOf(choice.imageColumns, 'image') : [usualImage(table)];
  if (images.length > 1 && !severalImages) {
    const problem = `Expected one image column, got ${listed(choice.imageColumns)}: a row has one image here.`;
    throw new ManifestError(file, { problem, fix: 'Several images of one row are looked at together by compare.' });
  }
  const ids = choice.idColumns.length > 0 ? placesOf(choice.idColumns, 'id') : usualId(columns);
  return { ids, images, carried: [...columns.keys()].filter((at) => !images.includes(at) && !table.bytes.has(at)) };

  function placesOf(names: readonly string[], role: 'id' | 'image'): readonly number[] {
    return [...new Set(names)].map((name) => {
      const at = columns.indexOf(name);
      if (at >= 0) return at;
      const problem = `Expected the ${role} column to be one of ${listed(columns)}, got \`${name}\`.`;
      throw new ManifestError(file, { problem });
    });
  }
}

/** The column of the usual name; of several the only one that holds images itself. */
function usualImage({ file, holders, names: columns }: TableColumns): number {
  const named = [...columns.keys()].filter((at) => IMAGE_NAMES.has(columns[at]?.trim().toLowerCase() ?? ''));
  const isTold = named.length !== 1 && holders.length === 1;
  const usual = isTold ? holders : named;
  const [only] = usual;
  if (only !== undefined && usual.length === 1) return only;
  const fix = 'Name the column that holds the image: --image-column COLUMN';
  if (usual.length > 1) {
    const names = usual.flatMap((at) => columns[at] ?? []);
    throw new ManifestError(file, { problem: `Several columns may hold the image: ${listed(names)}.`, fix });
  }
  throw new ManifestError(file, {
    problem: `No column is known to hold the image. There are ${listed(columns)}.`,
    fix,
  });
}

function usualId(columns: readonly string[]): readonly number[] {
  const exact = columns.indexOf('id');
  const at = exact >= 0 ? exact : columns.findIndex((name) => name.trim().toLowerCase() === 'id');
  return at < 0 ? [] : [at];
}
