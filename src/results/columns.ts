import { type ColumnSpec, type VisionRecord, visionRecordSchema } from '../core/record.js';

type Member = keyof VisionRecord;

/** Members that are objects of their own, and theirs. */
const NESTED = {
  error: ['code', 'message'],
  weakest: ['text', 'confidence'],
  verify: ['agreement', 'missing', 'added'],
  tokens: ['prompt', 'output'],
  timing_ms: ['queued', 'load', 'prompt', 'generate', 'total'],
  image: ['sha256', 'width', 'height', 'sent_width', 'sent_height', 'sent_bytes'],
} as const satisfies Partial<Record<Member, readonly string[]>>;

const BEFORE_THE_RESULT = ['id', 'source', 'page', 'status'].map((name) => column(name));
const AFTER_THE_RESULT = [column('error', 'code'), column('error', 'message'), column('warnings')];

/** `people`: what one reads. `all`: every member of a record, nested ones as `a.b`. */
export type ColumnChoice = 'people' | 'all';

/** What a table's columns are made of. */
export interface ColumnsOptions {
  readonly columns: ColumnChoice;
  /** The result's columns, none of them named as one of {@link fixedColumns}, unless it is the same. */
  readonly result: readonly ColumnSpec[];
  /** Columns carried from a manifest, by their names. One whose name is taken is called `row.NAME`. */
  readonly carried: readonly string[];
}

/** The columns of a CSV output, known before the first row. */
export function tableColumns({ columns, result, carried }: ColumnsOptions): readonly ColumnSpec[] {
  const [before, after] = aroundTheResult(columns);
  const known = new Set([...before, ...after].map(pathOf));
  const own = [...before, ...result.filter((spec) => !known.has(pathOf(spec))), ...after];
  const taken = new Set(own.map(({ header }) => header));
  return [
    ...own,
    ...carried.map((name) => ({ header: freeHeader(name, { taken, prefix: 'row' }), path: ['row', name] })),
  ];
}

/** The columns that every table of this choice has, whatever is asked. */
export function fixedColumns(columns: ColumnChoice): readonly ColumnSpec[] {
  return aroundTheResult(columns).flat();
}

function aroundTheResult(
  columns: ColumnChoice,
): readonly [before: readonly ColumnSpec[], after: readonly ColumnSpec[]] {
  return columns === 'all' ? [everyMember(), []] : [BEFORE_THE_RESULT, AFTER_THE_RESULT];
}

function everyMember(): readonly ColumnSpec[] {
  const nested: Partial<Record<string, readonly string[]>> = NESTED;
  return Object.keys(visionRecordSchema.shape)
    .filter((name) => name !== 'row')
    .flatMap((name) => nested[name]?.map((inner) => column(name, inner)) ?? [column(name)]);
}

/** The name, or where it is taken `PREFIX.name`; taken from then on. */
export function freeHeader(
  name: string,
  { taken, prefix }: { readonly taken: Set<string>; readonly prefix: string },
): string {
  let header = name;
  while (taken.has(header)) header = `${prefix}.${header}`;
  taken.add(header);
  return header;
}

function column(...path: readonly string[]): ColumnSpec {
  return { header: path.join('.'), path };
}

function pathOf({ path }: ColumnSpec): string {
  return JSON.stringify(path);
}
