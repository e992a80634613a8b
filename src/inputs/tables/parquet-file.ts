import { Buffer } from 'node:buffer';
import type { FileHandle } from 'node:fs/promises';
import {
  type AsyncBuffer,
  type Compressors,
  type FileMetaData,
  parquetMetadataAsync,
  parquetReadObjects,
  parquetSchema,
  type SchemaTree,
} from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import { readRange } from '../file-range.js';

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

/** A run of rows that is stored, and so read, together. */
export interface ParquetGroup {
  /** Number of its first row, from 0. */
  readonly start: number;
  readonly rows: number;
}

/** Values are what JSON has, bigint, bytes and null. */
export type ParquetRecord = Readonly<Record<string, unknown>>;

interface ParquetReading {
  readonly columns: readonly string[];
  /** First row, from 0, and the row after the last, in the same group. */
  readonly from: number;
  readonly to: number;
  readonly withBytes: boolean;
}

/** Times keep every digit, those beyond JavaScript's (the year 275,760) are the numbers that stand there; JSON stays its text. */
const PARSERS = {
  dateFromDays: (days: number) => isoOf(days * 86_400_000)?.replace(/T.*/, '') ?? String(days),
  timestampFromMilliseconds: (ms: bigint) => isoOf(Number(ms)) ?? String(ms),
  timestampFromMicroseconds: (us: bigint) => timeOf(us, 6),
  timestampFromNanoseconds: (ns: bigint) => timeOf(ns, 9),
  jsonFromBytes: (bytes: Uint8Array) => Buffer.from(bytes).toString(),
};

/** A larger page is a damaged header: nothing is allocated for it. In bytes. */
const MOST_PAGE_BYTES = 536_870_912;

/** The packers of pages that Parquet knows, within {@link MOST_PAGE_BYTES}. */
const COMPRESSORS: Compressors = Object.fromEntries(
  Object.entries(compressors).map(([codec, unpack]) => [
    codec,
    (packed: Uint8Array, bytes: number) => {
      if (bytes > MOST_PAGE_BYTES) throw new RangeError(`a page says that it has ${bytes} bytes`);
      return unpack(packed, bytes);
    },
  ]),
);

/** A Parquet file (https://parquet.apache.org/docs/file-format/) in an open file, which stays its owner's. */
export class ParquetFile {
  readonly columns: readonly ParquetColumn[];
  readonly groups: readonly ParquetGroup[];
  readonly #file: AsyncBuffer;
  readonly #metadata: FileMetaData;

  private constructor(file: AsyncBuffer, metadata: FileMetaData) {
    this.#file = file;
    this.#metadata = metadata;
    this.columns = parquetSchema(metadata).children.map(columnOf);
    this.groups = groupsOf(metadata);
  }

  /** Throws an Error where the file is no Parquet file. */
  static async of(handle: FileHandle): Promise<ParquetFile> {
    const { size } = await handle.stat();
    const metadata = await parquetMetadataAsync(sliced(handle, size));
    const rows = metadata.row_groups.reduce((sum, group) => sum + group.num_rows, 0n);
    if (rows !== metadata.num_rows) throw new Error(`it says that it has ${metadata.num_rows} rows, and ${rows}`);
    return new ParquetFile(sliced(handle, size), metadata);
  }

  /** The same file, opened again: what is known of it need not be read twice. */
  at(handle: FileHandle): ParquetFile {
    return new ParquetFile(sliced(handle, this.#file.byteLength), this.#metadata);
  }

  /** Rows of some columns of one group, in order; bytes are left out of `{bytes, path}` where `withBytes` is false. */
  read({ columns, from, to, withBytes }: ParquetReading): Promise<ParquetRecord[]> {
    const at = this.groups.findIndex(({ rows, start }) => from < start + rows);
    const start = this.groups[at]?.start ?? 0;
    const metadata = rawDecimals({ ...this.#metadata, row_groups: this.#metadata.row_groups.slice(at, at + 1) });
    return parquetReadObjects({
      file: this.#file,
      metadata: withBytes ? metadata : withoutBytes(metadata),
      columns: [...columns],
      rowStart: from - start,
      rowEnd: to - start,
      compressors: COMPRESSORS,
      utf8: false,
      parsers: PARSERS,
      useOffsetIndex: true,
    });
  }

  /** Whether a row of these columns in a group can only be found by reading all rows before it. */
  isReadFromStart(columns: ReadonlySet<string>, group: ParquetGroup): boolean {
    const chunks = this.#metadata.row_groups[this.groups.indexOf(group)]?.columns ?? [];
    return chunks.some(({ meta_data: data, offset_index_offset: index }) => {
      const [name = '', ...inner] = data?.path_in_schema ?? [];
      return index === undefined && inner.length > 0 && columns.has(name);
    });
  }

  /** How many rows of a group hold no bytes in this column, where the file says it; null where it does not. */
  emptyCells(column: string, group: ParquetGroup): number | null {
    const count = this.#chunkOf(column, group)?.statistics?.null_count;
    return count === undefined ? null : Number(count);
  }

  /** Bytes that reading this column in a group takes, unpacked; null where single pages of it can be found. */
  groupBytes(column: string, group: ParquetGroup): number | null {
    const chunk = this.#metadata.row_groups[this.groups.indexOf(group)]?.columns.find(isOf(column));
    return chunk?.offset_index_offset === undefined ? Number(chunk?.meta_data?.total_uncompressed_size ?? 0) : null;
  }

  /** Bytes that these columns take in a group, unpacked. */
  bytesOf(columns: ReadonlySet<string>, group: ParquetGroup): number {
    const chunks = this.#metadata.row_groups[this.groups.indexOf(group)]?.columns ?? [];
    return chunks.reduce((sum, { meta_data: data }) => {
      const isCounted =
        data !== undefined && columns.has(data.path_in_schema[0] ?? '') && !isBytes(data.path_in_schema);
      return isCounted ? sum + Number(data.total_uncompressed_size) : sum;
    }, 0);
  }

  #chunkOf(column: string, group: ParquetGroup) {
    return this.#metadata.row_groups[this.groups.indexOf(group)]?.columns.find(isOf(column))?.meta_data;
  }
}

type Chunk = FileMetaData['row_groups'][number]['columns'][number];

/** The chunk that holds a column's bytes. */
function isOf(column: string): (chunk: Chunk) => boolean {
  return ({ meta_data: data }) => {
    const [name, inner, ...deeper] = data?.path_in_schema ?? [];
    return name === column && deeper.length === 0 && (inner === undefined || inner === 'bytes');
  };
}

function isBytes([, inner, ...deeper]: readonly string[]): boolean {
  return inner === 'bytes' && deeper.length === 0;
}

/** What of a file is kept, in bytes: the pieces of a group lie in the same slices of it. */
const KEPT_BYTES = 67_108_864;

function sliced(handle: FileHandle, byteLength: number): AsyncBuffer {
  const kept = new Map<string, ArrayBuffer>();
  let keptBytes = 0;
  return {
    byteLength,
    async slice(start: number, end = byteLength): Promise<ArrayBuffer> {
      const name = `${start} ${end}`;
      const known = kept.get(name);
      if (known !== undefined) return known;
      const bytes = await readRange(handle, { at: start, length: end - start });
      if (bytes === null) throw new RangeError('the file ends too early');
      if (keptBytes + bytes.length > KEPT_BYTES) {
        kept.clear();
        keptBytes = 0;
      }
      if (bytes.length > KEPT_BYTES) return bytes.buffer;
      kept.set(name, bytes.buffer);
      keptBytes += bytes.length;
      return bytes.buffer;
    },
  };
}

function columnOf(tree: SchemaTree): ParquetColumn {
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
function rawDecimals(metadata: FileMetaData): FileMetaData {
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

function groupsOf({ row_groups }: FileMetaData): readonly ParquetGroup[] {
  let start = 0;
  return row_groups.map(({ num_rows }) => {
    const group = { start, rows: Number(num_rows) };
    start += group.rows;
    return group;
  });
}

/** The same file as if `{bytes, path}` had no bytes: what is not read costs nothing. */
function withoutBytes(metadata: FileMetaData): FileMetaData {
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

/** `2026-11-21T15:38:25.123456Z`: digits beyond milliseconds are kept where there are any. */
function timeOf(value: bigint, digits: number): string {
  const perMs = 10n ** BigInt(digits - 3);
  const rest = ((value % perMs) + perMs) % perMs;
  const iso = isoOf(Number((value - rest) / perMs)) ?? String(value);
  return rest === 0n ? iso : iso.replace('Z', `${String(rest).padStart(digits - 3, '0')}Z`);
}

function isoOf(ms: number): string | null {
  const date = new Date(ms);
  return Number.isNaN(date.getTime()) ? null : date.toISOString();
}
