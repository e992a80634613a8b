import { Buffer } from 'node:buffer';
import type { FileHandle } from 'node:fs/promises';
import { compressors } from 'hyparquet-compressors';
import { readRange } from '../../file-range.js';
import {
  type AsyncBuffer,
  type Chunk,
  type Compressors,
  columnOf,
  type FileMetaData,
  isBytes,
  type ParquetColumn,
  parquetMetadataAsync,
  parquetReadObjects,
  parquetSchema,
  rawDecimals,
  withoutBytes,
} from './parquet-schema.js';
import type { ParquetGroup } from './task.js';

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
      if (bytes > MOST_PAGE_BYTES) throw new Error(`a page says that it has ${bytes} bytes`);
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
  readonly #slices: Slices;

  private constructor(file: AsyncBuffer, metadata: FileMetaData, slices: Slices) {
    this.#file = file;
    this.#slices = slices;
    this.#metadata = metadata;
    this.columns = parquetSchema(metadata).children.map(columnOf);
    this.groups = groupsOf(metadata);
  }

  /** Throws an Error where the file is no Parquet file. */
  static async of(handle: FileHandle): Promise<ParquetFile> {
    const { size } = await handle.stat();
    const file = sliced(handle, size, new Slices());
    const metadata = await parquetMetadataAsync(file);
    const rows = metadata.row_groups.reduce((sum, group) => sum + group.num_rows, 0n);
    if (rows !== metadata.num_rows) throw new Error(`it says that it has ${metadata.num_rows} rows, and ${rows}`);
    const known = new ParquetFile(file, metadata, new Slices());
    if (known.columns.some(({ name }) => typeof name !== 'string')) throw new Error('a column has no name');
    return known;
  }

  /** The same file, opened again: what is known of it need not be read twice. Nothing of what is read now is kept. */
  at(handle: FileHandle): ParquetFile {
    return this.#with(handle, new Slices());
  }

  /** The same with the pieces of the file that were read before, and are kept for what is read next. */
  on(handle: FileHandle): ParquetFile {
    return this.#with(handle, this.#slices);
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

  #with(handle: FileHandle, slices: Slices): ParquetFile {
    return new ParquetFile(sliced(handle, this.#file.byteLength, slices), this.#metadata, slices);
  }

  #chunkOf(column: string, group: ParquetGroup) {
    return this.#metadata.row_groups[this.groups.indexOf(group)]?.columns.find(isOf(column))?.meta_data;
  }
}

/** The chunk that holds a column's bytes. */
function isOf(column: string): (chunk: Chunk) => boolean {
  return ({ meta_data: data }) => {
    const [name, inner, ...deeper] = data?.path_in_schema ?? [];
    return name === column && deeper.length === 0 && (inner === undefined || inner === 'bytes');
  };
}

/** What of a file is kept, in bytes: the pieces of a group lie in the same slices of it. */
const KEPT_BYTES = 67_108_864;

class Slices {
  readonly #kept = new Map<string, ArrayBuffer>();
  #bytes = 0;

  get(name: string): ArrayBuffer | undefined {
    return this.#kept.get(name);
  }

  keep(name: string, slice: ArrayBuffer): void {
    if (this.#bytes + slice.byteLength > KEPT_BYTES) {
      this.#kept.clear();
      this.#bytes = 0;
    }
    if (slice.byteLength > KEPT_BYTES) return;
    this.#kept.set(name, slice);
    this.#bytes += slice.byteLength;
  }
}

function sliced(handle: FileHandle, byteLength: number, slices: Slices): AsyncBuffer {
  return {
    byteLength,
    async slice(start: number, end = byteLength): Promise<ArrayBuffer> {
      const name = `${start} ${end}`;
      const known = slices.get(name);
      if (known !== undefined) return known;
      const bytes = await readRange(handle, { at: start, length: end - start });
      if (bytes === null) throw new Error('the file ends too early');
      slices.keep(name, bytes.buffer);
      return bytes.buffer;
    },
  };
}

function groupsOf({ row_groups }: FileMetaData): readonly ParquetGroup[] {
  let start = 0;
  return row_groups.map(({ num_rows }) => {
    const group = { start, rows: Number(num_rows) };
    start += group.rows;
    return group;
  });
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
