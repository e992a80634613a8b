import type { Settings } from '../../config/schema.js';
import { resultColumns } from '../../jobs/tasks/columns.js';
import type { ColumnSpec } from '../core/record.js';
import { fixedColumns, freeHeader, tableColumns } from '../results/columns.js';
import type { RunMeta } from '../results/run-meta.js';
import { explodeColumn } from './explode.js';
import { completeAsk } from './run/complete-ask.js';

/** A run's rows as a table. */
export interface Table {
  readonly columns: readonly ColumnSpec[];
  /** Where the list stands in a record that gets a line for each of its elements; null: one line a row. */
  readonly explode: readonly string[] | null;
  /** Columns that could not have their own name, because another has it. */
  readonly renamed: readonly Renamed[];
}

export interface Renamed {
  readonly name: string;
  readonly header: string;
}

/**
 * The columns of a run's CSV: the record's, the result's, the carried ones.
 *
 * @throws ExitError 2 where `--explode` names no column that holds lists
 */
export function tableOf(
  { ask: stored, carried = [] }: Pick<RunMeta, 'ask' | 'carried'>,
  { columns: choice, explode }: Pick<Settings, 'columns' | 'explode'>,
): Table {
  const ask = completeAsk(stored);
  const columns = choice === 'all' ? 'all' : 'people';
  const result = resultColumns(ask, new Set(fixedColumns(columns).map(({ header }) => header)));
  const all = tableColumns({ columns, result, carried });
  const unhindered = resultColumns(ask, new Set());
  const renamed = all.flatMap((spec) => renamedFrom(spec, unhindered[result.indexOf(spec)]?.header));
  if (explode === null) return { columns: all, explode, renamed };
  const exploded = explodeColumn({ columns: all, form: ask.form, name: explode });
  return { columns: exploded.columns, explode: exploded.list, renamed };
}

/** @param own - the header that a column of the result would have had */
function renamedFrom({ header, path: [member, carried] }: ColumnSpec, own: string | undefined): readonly Renamed[] {
  const name = member === 'row' ? carried : own;
  return name === undefined || name === header ? [] : [{ name, header }];
}

/**
 * The columns of several runs' CSV: those of the first, then what only later ones have. One column holds what stands in
 * one place of the records; where two places go by one name, the record's own member keeps it, then the earlier result's.
 *
 * @throws ExitError 2 where `--explode` names no column that holds lists
 */
export function mergedTable(
  runs: readonly Pick<RunMeta, 'ask' | 'carried'>[],
  settings: Pick<Settings, 'columns' | 'explode'>,
): Table {
  const carried = [...new Set(runs.flatMap((run) => run.carried ?? []))];
  const tables = runs.map(({ ask }) => tableOf({ ask, carried }, settings));
  const headers = freeHeaders(mergedColumns(tables));
  return {
    columns: [...headers].map(([{ path }, header]) => ({ header, path })),
    explode: tables[0]?.explode ?? null,
    renamed: [...headers].flatMap(([{ names }, header]) =>
      [...names].flatMap((name) => (name === header ? [] : [{ name, header }])),
    ),
  };
}

/** A place in the records of several runs. */
interface MergedColumn extends ColumnSpec {
  /** What it would be called if no other column were there: each run has questions of its own. */
  readonly names: ReadonlySet<string>;
}

function mergedColumns(tables: readonly Table[]): readonly MergedColumn[] {
  const columns = new Map<string, { header: string; readonly path: readonly string[]; readonly names: Set<string> }>();
  for (const { columns: own, renamed } of tables) {
    for (const { header, path } of own) {
      const place = JSON.stringify(path);
      const column = columns.get(place) ?? { header, path, names: new Set() };
      if (column.header !== header && path[0] === 'answers') column.header = `answer ${Number(path[1]) + 1}`;
      column.names.add(renamed.find((other) => other.header === header)?.name ?? header);
      columns.set(place, column);
    }
  }
  return [...columns.values()];
}

/** A header for each column, unlike all others: the record's own members choose first, carried columns last. */
function freeHeaders(columns: readonly MergedColumn[]): ReadonlyMap<MergedColumn, string> {
  const taken = new Set<string>();
  const headers = new Map(columns.map((column) => [column, column.header]));
  for (const column of columns.toSorted((a, b) => turnOf(a) - turnOf(b)))
    headers.set(column, freeHeader(column.header, { taken, prefix: column.path[0] ?? '' }));
  return headers; // in the order of the columns
}

function turnOf({ header, path }: ColumnSpec): number {
  if (header === path.join('.')) return 0;
  return path[0] === 'row' ? 2 : 1;
}
