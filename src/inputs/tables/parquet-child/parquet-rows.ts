import { Buffer, isUtf8 } from 'node:buffer';
import { sniff } from '../../../core/sniff.js';
import { damageOf } from './damage.js';
import type { ParquetFile, ParquetRecord } from './parquet-file.js';
import type { ParquetColumn } from './parquet-schema.js';
import type { ParquetGroup, ParquetRow, RowsWanted } from './task.js';

interface RowsOptions extends RowsWanted {
  /** All of the table's. */
  readonly columns: readonly ParquetColumn[];
}

/** Rows that are held at once: so many, or so many bytes of them unpacked. */
const ROWS_AT_ONCE = 16_384;
const BYTES_AT_ONCE = 16 * 1_048_576;
/** A group of which every piece takes reading all before it comes in no more pieces than this. */
const MOST_READS = 4;
/** The first piece is small: often only the first row is wanted. */
const FIRST_ROWS = 64;
/** Rows by which a column of bytes is found to hold words after all, as old writers left them. */
const TRIED_ROWS = 4;
const MOST_TRIED_BYTES = 268_435_456;

/** The columns of a file; what old writers left as bytes are values where the first rows hold words. */
export async function typedColumns(file: ParquetFile): Promise<readonly ParquetColumn[]> {
  return await Promise.all(
    file.columns.map(async (column) =>
      column.kind === 'bytes' && (await holdsWords(column.name, file))
        ? { ...column, kind: 'values' as const }
        : column,
    ),
  );
}

/**
 * Rows from `from` on: those of its group, or of a large group a piece; none where there is no such row.
 *
 * @throws VisionError IMAGE_UNREADABLE
 */
export async function readRows(file: ParquetFile, options: RowsOptions): Promise<readonly ParquetRow[]> {
  const { from } = options;
  const group = file.groups.find(({ rows, start }) => from < start + rows);
  if (group === undefined) return [];
  const plan = planOf(file, group, options);
  const most = from === 0 ? Math.min(plan.atOnce, FIRST_ROWS) : plan.atOnce;
  const to = Math.min(from + most, group.start + group.rows);
  try {
    const records = await file.read({ columns: plan.columns, from, to, withBytes: plan.withBytes });
    return records.map((record) => rowOf(record, { ...options, heldBy: plan.heldBy }));
  } catch (cause) {
    throw damageOf(cause);
  }
}

/** How a group is read. */
interface GroupPlan {
  readonly columns: readonly string[];
  readonly withBytes: boolean;
  readonly atOnce: number;
  /** Whether a row's cell in an image column holds bytes. */
  readonly heldBy: (column: ParquetColumn, value: unknown) => boolean;
}

/** Bytes are read only where the file does not say which cells have some. */
function planOf(file: ParquetFile, group: ParquetGroup, { carried, columns: all, images }: RowsOptions): GroupPlan {
  const holders = images.flatMap((at) => all[at] ?? []).filter(isHolder);
  const empty = new Map(holders.map(({ name }) => [name, file.emptyCells(name, group)]));
  const isSaid = [...empty.values()].every((count) => count === 0 || count === group.rows);
  const isRead = ({ kind }: ParquetColumn): boolean => kind !== 'bytes' || !isSaid;
  const columns = [...images, ...carried].flatMap((at) => all[at] ?? []).filter(isRead);
  const names = columns.map(({ name }) => name);
  const heldBytes = isSaid ? 0 : holders.reduce((sum, { name }) => sum + (file.groupBytes(name, group) ?? 0), 0);
  const bytes = file.bytesOf(new Set(names), group) + heldBytes;
  const share = Math.min(1, BYTES_AT_ONCE / Math.max(1, bytes));
  const few = Math.max(1, Math.min(ROWS_AT_ONCE, Math.floor(group.rows * share)));
  const isDear = file.isReadFromStart(new Set(names), group);
  return {
    columns: names,
    withBytes: !isSaid,
    atOnce: isDear ? Math.max(few, Math.ceil(group.rows / MOST_READS)) : few,
    heldBy: (column, value) => (isSaid ? empty.get(column.name) === 0 : bytesIn(value) !== null),
  };
}

function rowOf(
  record: ParquetRecord,
  { columns, heldBy, images }: RowsOptions & Pick<GroupPlan, 'heldBy'>,
): ParquetRow {
  const cells = columns.map((column) => wordsOf(record[column.name], column));
  const held = images.filter((at) => {
    const column = columns[at];
    return column !== undefined && isHolder(column) && heldBy(column, record[column.name]);
  });
  return { cells, held };
}

/** The bytes of an image's cell, alone or in `{bytes, path}`; null where there are none. */
export function bytesIn(value: unknown): Uint8Array | null {
  const bytes = typeof value === 'object' && value !== null && 'bytes' in value ? value.bytes : value;
  return bytes instanceof Uint8Array && bytes.length > 0 ? bytes : null;
}

/** Whether a column's cells may be images themselves. */
export function isHolder({ kind }: ParquetColumn): boolean {
  return kind === 'bytes' || kind === 'struct';
}

async function holdsWords(column: string, file: ParquetFile): Promise<boolean> {
  const [group] = file.groups;
  if (group === undefined || (file.groupBytes(column, group) ?? 0) > MOST_TRIED_BYTES) return false;
  const reading = { columns: [column], from: 0, to: Math.min(TRIED_ROWS, group.rows), withBytes: true };
  const values = (await file.read(reading)).flatMap((record) => bytesIn(record[column]) ?? []);
  return values.length > 0 && values.every((bytes) => isUtf8(bytes) && ['text', 'html'].includes(sniff(bytes)));
}

/** A cell as text: null is nothing, of `{bytes, path}` the path, lists and records as JSON. */
function wordsOf(value: unknown, { isSingle, kind, scale }: ParquetColumn): string {
  if (value === null || value === undefined || kind === 'bytes' || kind === 'other') return '';
  if (kind === 'struct') return typeof value === 'object' && 'path' in value ? plain(value.path) : '';
  if (scale !== null) return decimalOf(value, scale);
  return isSingle && typeof value === 'number' ? shortestSingle(value) : plain(value);
}

/** A decimal number is a whole one, or the bytes of one (two's complement, the highest first), and where its point is. */
function decimalOf(value: unknown, scale: number): string {
  const whole = value instanceof Uint8Array ? signedOf(value) : BigInt(String(value));
  const digits = String(whole < 0n ? -whole : whole).padStart(scale + 1, '0');
  const sign = whole < 0n ? '-' : '';
  return scale === 0 ? `${sign}${digits}` : `${sign}${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
}

function signedOf(bytes: Uint8Array): bigint {
  const hex = Buffer.from(bytes).toString('hex');
  return hex === '' ? 0n : BigInt.asIntN(bytes.length * 8, BigInt(`0x${hex}`));
}

/** 0.1 of 32 bits is no nearer to 0.10000000149011612 than to 0.1. */
function shortestSingle(value: number): string {
  for (let digits = 1; digits <= 9; digits += 1) {
    const shorter = Number(value.toPrecision(digits));
    if (Math.fround(shorter) === value) return String(shorter);
  }
  return String(value);
}

function plain(value: unknown): string {
  if (value === null || value === undefined) return '';
  if (typeof value === 'string') return value;
  if (value instanceof Uint8Array) return Buffer.from(value).toString();
  return typeof value === 'object' ? JSON.stringify(value, jsonMember) : String(value);
}

/** Whole numbers that JavaScript would round stay text. */
function jsonMember(_: string, value: unknown): unknown {
  if (typeof value !== 'bigint') return value;
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : String(value);
}
