import type { Settings } from '../../config/schema.js';
import { resultColumns } from '../../jobs/tasks/columns.js';
import type { ColumnSpec } from '../core/record.js';
import { fixedColumns, tableColumns } from '../results/columns.js';
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
 * The columns of several runs' CSV: those of the first, then what only later ones have.
 *
 * @throws ExitError 2 where `--explode` names no column that holds lists
 */
export function mergedTable(
  runs: readonly Pick<RunMeta, 'ask' | 'carried'>[],
  settings: Pick<Settings, 'columns' | 'explode'>,
): Table {
  const carried = [...new Set(runs.flatMap((run) => run.carried ?? []))];
  const tables = runs.map(({ ask }) => tableOf({ ask, carried }, settings));
  const columns = new Map(
    tables.flatMap((table) => table.columns.map((spec) => [spec.header, spec] as const)).reverse(),
  );
  const headers = new Set(tables.flatMap((table) => table.columns.map(({ header }) => header)));
  return {
    columns: [...headers].flatMap((header) => columns.get(header) ?? []),
    explode: tables[0]?.explode ?? null,
    renamed: tables[0]?.renamed ?? [],
  };
}
