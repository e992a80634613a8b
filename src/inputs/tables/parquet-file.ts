import { Buffer } from 'node:buffer';
import type { FileHandle } from 'node:fs/promises';
import {
  type AsyncBuffer,
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
  /** Digits after the point of a decimal number; null for other columns. */
  readonly scale: number | null;
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
  /** First row, from 0, and the row after the last. */
  readonly from: number;
  readonly to: number;
}

/** Times keep every digit; what is JSON stays its text. */
const PARSERS = {
  dateFromDays: (days: number) => new Date(days * 86_400_000).toISOString().slice(0, 10),
  timestampFromMilliseconds: (ms: bigint) => new Date(Number(ms)).toISOString(),
  timestampFromMicroseconds: (us: bigint) => timeOf(us, 6),
  timestampFromNanoseconds: (ns: bigint) => timeOf(ns, 9),
  jsonFromBytes: (bytes: Uint8Array) => Buffer.from(bytes).toString(),
};

/** A Parquet file (https://parquet.apache.org/docs/file-format/) in an open file, which stays its owner's. */
export class ParquetFile {
  readonly columns: readonly ParquetColumn[];
  readonly groups: readonly ParquetGroup[];
  readonly #file: AsyncBuffer;
  readonly #metadata: FileMetaData;

  private constructor(handle: FileHandle, bytes: number, metadata: FileMetaData) {
    this.#file = sliced(handle, bytes);
    this.#metadata = metadata;
    this.columns = parquetSchema(metadata).children.map(columnOf);
    this.groups = groupsOf(metadata);
  }

  /** Throws an Error where the file is no Parquet file. */
  static async of(handle: FileHandle): Promise<ParquetFile> {
    const { size } = await handle.stat();
    return new ParquetFile(handle, size, await parquetMetadataAsync(sliced(handle, size)));
  }

  /** Rows of some columns, in order; bytes are left out of `{bytes, path}` where `withBytes` is false. */
  read({ columns, from, to, withBytes }: ParquetReading & { readonly withBytes: boolean }): Promise<ParquetRecord[]> {
    return parquetReadObjects({
      file: this.#file,
      metadata: withBytes ? this.#metadata : withoutBytes(this.#metadata),
      columns: [...columns],
      rowStart: from,
      rowEnd: to,
      compressors,
      utf8: false,
      parsers: PARSERS,
      useOffsetIndex: true,
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
  const { converted_type, name, scale = 0 } = tree.element;
  return { name, kind: kindOf(tree), scale: converted_type === 'DECIMAL' ? scale : null };
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
  const iso = new Date(Number((value - rest) / perMs)).toISOString();
  return rest === 0n ? iso : iso.replace('Z', `${String(rest).padStart(digits - 3, '0')}Z`);
}
