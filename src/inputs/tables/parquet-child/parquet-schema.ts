import { type FileMetaData, parquetSchema, type SchemaTree } from 'hyparquet';

// One file imports the package, for the other, too.
export {
  type AsyncBuffer,
  type Compressors,
  type FileMetaData,
  parquetMetadataAsync,
  parquetReadObjects,
  parquetSchema,
} from 'hyparquet';

/**
 * What a top-level column of a Parquet file holds: words and numbers; images as bytes, alone or as `{bytes, path}` (so
 * Hugging Face's datasets library writes them); or bytes of another kind within something.
 */
type ParquetKind = 'values' | 'bytes' | 'struct' | 'other';

export interface ParquetColumn {
  readonly name: string;
  readonly kind: ParquetKind;
  /** Digits after the point of a decimal number, which comes as a whole one or its bytes; null for other columns. */
  readonly scale: number | null;
  /** Whether its numbers have 32 bits. */
  readonly isSingle: boolean;
}

/** A column's values in one group of rows. */
export type Chunk = FileMetaData['row_groups'][number]['columns'][number];

/** What is known of a top-level column. */
export function columnOf(tree: SchemaTree): ParquetColumn {
  const { name, type } = tree.element;
  return { name, kind: kindOf(tree), scale: scaleOf(tree), isSingle: type === 'FLOAT' };
}

/** Digits after the point of a column of decimal numbers; null for others, and for what holds some deeper within. */
function scaleOf({ children, element }: SchemaTree): number | null {
  const { converted_type, logical_type, repetition_type, scale } = element;
  if (children.length > 0 || repetition_type === 'REPEATED') return null;
  if (logical_type?.type === 'DECIMAL') return logical_type.scale;
  return converted_type === 'DECIMAL' ? (scale ?? 0) : null;
}

/** The same file as if its decimal numbers were whole: as fractions they would be rounded. */
export function rawDecimals(metadata: FileMetaData): FileMetaData {
  const decimals = new Set(
    parquetSchema(metadata).children.flatMap((tree) => (scaleOf(tree) === null ? [] : tree.element)),
  );
  const schema = metadata.schema.map((element) => {
    if (!decimals.has(element)) return element;
    const { converted_type: _, logical_type: __, ...raw } = element;
    return raw;
  });
  return { ...metadata, schema };
}

function kindOf({ children, element }: SchemaTree): ParquetKind {
  if (children.length === 0)
    return isRaw(element) ? (element.repetition_type === 'REPEATED' ? 'other' : 'bytes') : 'values';
  const bytes = children.find((child) => child.element.name === 'bytes');
  const isImage = bytes !== undefined && bytes.children.length === 0 && isRaw(bytes.element);
  const others = children.filter((child) => child !== bytes);
  if (isImage && element.repetition_type !== 'REPEATED' && !others.some(holdsRaw)) return 'struct';
  return children.some(holdsRaw) ? 'other' : 'values';
}

function holdsRaw({ children, element }: SchemaTree): boolean {
  return children.length === 0 ? isRaw(element) : children.some(holdsRaw);
}

/** Bytes of which nothing says that they are text or a number. */
function isRaw({ converted_type, logical_type, type }: SchemaTree['element']): boolean {
  return /BYTE_ARRAY$/.test(type ?? '') && converted_type === undefined && logical_type === undefined;
}

/** Whether this is the path of the bytes in `{bytes, path}`. */
export function isBytes([, inner, ...deeper]: readonly string[]): boolean {
  return inner === 'bytes' && deeper.length === 0;
}

/** The same file as if `{bytes, path}` had no bytes: what is not read costs nothing. */
export function withoutBytes(metadata: FileMetaData): FileMetaData {
  const schema = metadata.schema.map((element) => ({ ...element }));
  const dropped = new Set<number>();
  const paths = new Set<string>();
  let at = 1; // the schema is its tree depth-first, the root at 0
  for (const tree of parquetSchema(metadata).children) {
    const struct = schema[at];
    if (kindOf(tree) === 'struct' && tree.children.length > 1 && struct !== undefined) {
      let inner = at + 1;
      for (const child of tree.children) {
        if (child.element.name === 'bytes') dropped.add(inner);
        inner += child.count;
      }
      struct.num_children = tree.children.length - 1;
      paths.add(tree.element.name);
    }
    at += tree.count;
  }
  const isLeft = ({ meta_data: data }: Chunk): boolean =>
    data === undefined || !(paths.has(data.path_in_schema[0] ?? '') && isBytes(data.path_in_schema));
  return {
    ...metadata,
    schema: schema.filter((_, index) => !dropped.has(index)),
    row_groups: metadata.row_groups.map((group) => ({ ...group, columns: group.columns.filter(isLeft) })),
  };
}
