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

/** What a manifest's columns are for, each by its place in the header. */
export interface ColumnRoles {
  /** None: a row is called by its image. */
  readonly ids: readonly number[];
  /** In the order in which the images are looked at. */
  readonly images: readonly number[];
  /** All that are no images, in order. */
  readonly carried: readonly number[];
}

/** Names under which tables usually hold an image's path or URL, lower case. */
const IMAGE_NAMES: ReadonlySet<string> = new Set('image path file filename source url image_path file_name'.split(' '));

/**
 * Finds the columns for images and ids.
 *
 * @throws ExitError 2 where a named column is not there, or none or several could hold the image; it names those there are
 */
export function rolesOf(
  columns: readonly string[],
  choice: ColumnChoice & { readonly file: ManifestFile },
): ColumnRoles {
  const { file, severalImages } = choice;
  const images = choice.imageColumns.length > 0 ? placesOf(choice.imageColumns, 'image') : [usualImage(columns, file)];
  if (images.length > 1 && !severalImages) {
    const problem = `Expected one image column, got ${listed(choice.imageColumns)}: a row has one image here.`;
    throw new ManifestError(file, { problem, fix: 'Several images of one row are looked at together by compare.' });
  }
  const ids = choice.idColumns.length > 0 ? placesOf(choice.idColumns, 'id') : usualId(columns);
  return { ids, images, carried: [...columns.keys()].filter((at) => !images.includes(at)) };

  function placesOf(names: readonly string[], role: 'id' | 'image'): readonly number[] {
    return [...new Set(names)].map((name) => {
      const at = columns.indexOf(name);
      if (at >= 0) return at;
      const problem = `Expected the ${role} column to be one of ${listed(columns)}, got \`${name}\`.`;
      throw new ManifestError(file, { problem });
    });
  }
}

function usualImage(columns: readonly string[], file: ManifestFile): number {
  const usual = [...columns.keys()].filter((at) => IMAGE_NAMES.has(columns[at]?.trim().toLowerCase() ?? ''));
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
