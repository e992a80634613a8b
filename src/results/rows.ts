import { type ColumnSpec, type VisionRecord, visionRecordSchema } from '../core/record.js';

type Member = keyof VisionRecord;

/** Members that are objects of their own, and theirs. */
const NESTED = {
  error: ['code', 'message'],
  tokens: ['prompt', 'output'],
  timing_ms: ['queued', 'load', 'prompt', 'generate', 'total'],
  image: ['sha256', 'width', 'height', 'sent_width', 'sent_height', 'sent_bytes'],
} as const satisfies Partial<Record<Member, readonly string[]>>;

const BEFORE_THE_RESULT = ['id', 'source', 'page', 'status'].map((name) => column(name));
const AFTER_THE_RESULT = [column('error', 'code'), column('error', 'message'), column('warnings')];

/** What a table's columns are made of. */
export interface ColumnsOptions {
  /** `people`: what one reads. `all`: every member of a record, nested ones as `a.b`. */
  readonly columns: 'people' | 'all';
  /** The task's result columns. */
  readonly task: readonly ColumnSpec[];
  /** Columns carried from a manifest, by their names. */
  readonly carried: readonly string[];
}

/** The columns of a CSV output, known before the first row. */
export function tableColumns({ columns, task, carried }: ColumnsOptions): readonly ColumnSpec[] {
  const fixed = columns === 'all' ? everyMember() : [...BEFORE_THE_RESULT, ...task, ...AFTER_THE_RESULT];
  const taken = new Set(fixed.map(({ header }) => header));
  const further = carried.map((name) => ({ header: taken.has(name) ? `row.${name}` : name, path: ['row', name] }));
  return [...fixed, ...further];
}

function everyMember(): readonly ColumnSpec[] {
  const nested: Partial<Record<string, readonly string[]>> = NESTED;
  return Object.keys(visionRecordSchema.shape)
    .filter((name) => name !== 'row')
    .flatMap((name) => nested[name]?.map((inner) => column(name, inner)) ?? [column(name)]);
}

function column(...path: readonly string[]): ColumnSpec {
  return { header: path.join('.'), path };
}

/**
 * A record's cells: text as it is, numbers as numbers (which no spreadsheet takes for a formula), null and empty lists as
 * empty cells, other lists and objects as JSON.
 */
export function cellsOf(record: VisionRecord, columns: readonly ColumnSpec[]): (string | number)[] {
  return columns.map(({ path }) => cell(valueAt(record, path)));
}

function cell(value: unknown): string | number {
  if (typeof value === 'string' || typeof value === 'number') return value;
  if (value === null || value === undefined) return '';
  if (Array.isArray(value) && value.length === 0) return '';
  return JSON.stringify(value);
}

/** Where a path meets a list (the images of a comparison), the list of what is found in each. */
function valueAt(value: unknown, path: readonly string[]): unknown {
  let at = value;
  let depth = 0;
  for (const name of path) {
    if (Array.isArray(at)) return at.map((one) => valueAt(one, path.slice(depth)));
    if (typeof at !== 'object' || at === null) return undefined;
    at = (at as Readonly<Record<string, unknown>>)[name];
    depth += 1;
  }
  return at;
}
