import type { Settings } from '../../../config/schema.js';
import { EXIT, ExitError } from '../../core/exit.js';
import { DEFAULT_DIALECT, type TableDialect } from '../../core/table-dialect.js';
import type { ResolvedInput } from '../../inputs/resolve.js';
import type { RunMeta, RunTable } from '../../results/run-meta.js';

type DialectSettings = Pick<Settings, 'bom' | 'csvDialect'>;

/**
 * How the one table that the inputs are is written; null where they are anything else.
 *
 * @throws ExitError 2 where outputs are to be written as it, and there is none
 */
export function tableIn(
  inputs: readonly ResolvedInput[],
  { csvDialect }: Pick<Settings, 'csvDialect'>,
): RunTable | null {
  const [only, ...others] = inputs;
  const dialect = only === undefined || others.length > 0 ? null : dialectOf(only);
  const kept = csvDialect === 'table';
  if (dialect !== null) return { dialect, kept };
  if (!kept) return null;
  throw noTable(inputs.map(({ given }) => given).join(', '), 'Run each table by itself, or leave --csv-dialect out.');
}

function dialectOf(input: ResolvedInput): TableDialect | null {
  if (input.kind !== 'manifest' || input.manifest.format.kind !== 'csv') return null;
  const { dialect, text } = input.manifest.format;
  return { ...dialect, encoding: text.encoding, mark: text.markBytes > 0 };
}

/**
 * How a CSV output of a run is written: as the settings say, and where they say nothing as the run's newest start did.
 *
 * @throws ExitError 2 where it is to be written as a table that the run does not have
 */
export function outputDialect(
  { name, table = null }: Pick<RunMeta, 'name' | 'table'>,
  settings: DialectSettings,
): TableDialect {
  const { bom, csvDialect } = settings;
  const choice = csvDialect ?? (table?.kept === true ? 'table' : 'default');
  if (choice === 'default') return { ...DEFAULT_DIALECT, mark: bom };
  if (table === null) throw noTable(`run ${name} over others`, 'Leave --csv-dialect out.');
  return { ...table.dialect, mark: table.dialect.mark || bom };
}

function noTable(got: string, fix: string): ExitError {
  const what = 'Expected one .csv or .tsv table as the only input, as --csv-dialect table says';
  return new ExitError(EXIT.usage, `${what}, got ${got}`, { fix });
}
