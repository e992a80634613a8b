import path from 'node:path';
import type { Settings } from '../../config/schema.js';
import { EXIT, type ExitCode, ExitError } from '../core/exit.js';
import { DEFAULT_DIALECT } from '../core/table-dialect.js';
import type { Logger } from '../core/telling.js';
import { formatOf } from '../results/check-outputs.js';
import { exportRun, type RowsReader } from '../results/export.js';
import { STDOUT } from '../results/location.js';
import { MergedRows, type MergedRun } from '../results/merged-rows.js';
import { openRuns, refuseMixed, shareOf, tellShares } from './exported-runs.js';
import type { Io } from './io.js';
import { isCsv, tellExport, tellRenamed } from './outputs.js';
import { withResources } from './resources.js';
import { outputDialect } from './run/kept-dialect.js';
import { mergedTable } from './table.js';
import { tellingOf } from './telling.js';

/** Writes the rows of a run, or those of several as one, as they are now: also while they run. */
export function exportRuns(names: readonly string[], settings: Settings, io: Io): Promise<ExitCode> {
  return withResources(async (resources) => {
    const runs = await openRuns(names, { settings, io }, resources);
    const { logger } = await tellingOf(settings, io);
    if (!settings.mixed) refuseMixed(runs);
    const outputs = outputsOf(settings, runs);
    const merged = new MergedRows(runs);
    const reader = readerOf(runs, merged);
    if (outputs.some(isCsv)) tellRenamed(tableOf(runs, settings), logger);
    const files: ExportedFile[] = [];
    for (const output of outputs) {
      if (output === STDOUT) await streamAll(reader, io);
      else files.push(await exportTo(output, { reader, runs, settings, io, logger }));
    }
    const shares = runs.map((run, index) => shareOf(run, merged.shares[index]));
    if (settings.json) io.stdout.write(`${JSON.stringify({ schema_version: 1, outputs: files, runs: shares })}\n`);
    if (runs.length > 1) tellShares(shares, logger);
    return EXIT.ok;
  });
}

/** An output as `export --json` prints it. */
interface ExportedFile {
  readonly path: string;
  readonly rows: number;
  readonly items: number;
  /** Below the header of a CSV: more than rows where a list is exploded. */
  readonly lines: number;
}

interface ExportToOptions {
  readonly reader: RowsReader;
  readonly runs: readonly MergedRun[];
  readonly settings: Settings;
  readonly io: Io;
  readonly logger: Logger;
}

async function exportTo(file: string, { io, logger, reader, runs, settings }: ExportToOptions): Promise<ExportedFile> {
  const [first] = runs;
  const csv =
    isCsv(file) && first !== undefined
      ? { ...tableOf(runs, settings), dialect: outputDialect(first.meta, settings) }
      : { columns: [], explode: null, dialect: DEFAULT_DIALECT };
  const output = { path: path.resolve(io.cwd, file), format: formatOf(file), csv };
  const exported = await exportRun({ reader, output, overwrite: settings.overwrite });
  tellExport(exported, file, logger);
  return { path: output.path, rows: exported.rows, items: exported.of, lines: exported.lines };
}

function tableOf(runs: readonly MergedRun[], settings: Settings): ReturnType<typeof mergedTable> {
  return mergedTable(
    runs.map(({ meta }) => meta),
    settings,
  );
}

/** One run's files are its own: its next start writes them again. */
function readerOf(runs: readonly MergedRun[], merged: MergedRows): RowsReader {
  const [only, another] = runs;
  if (only === undefined || another !== undefined) return merged;
  return {
    lines: () => merged.lines(),
    meta: () => only.reader.meta(),
    noteOutput: (state) => only.reader.noteOutput(state),
  };
}

/** The outputs that were named, else those that the one run has had. */
function outputsOf({ outputs, explode, json }: Settings, runs: readonly MergedRun[]): readonly string[] {
  const [only, another] = runs;
  const known = another === undefined ? (only?.meta.outputs ?? []).map((output) => output.path) : [];
  const chosen = outputs.length > 0 ? outputs : [...new Set(known)];
  if (chosen.length === 0)
    throw new ExitError(
      EXIT.usage,
      another === undefined ? 'The run has no output file yet.' : 'Expected an output for the rows of several runs.',
      { fix: 'Name one: -o out.csv' },
    );
  if (explode !== null && !chosen.some(isCsv))
    throw new ExitError(EXIT.usage, `Expected an output that ends in .csv, got ${chosen.join(', ')}`, {
      fix: 'Only a table can be exploded. Name one: -o out.csv',
    });
  if (json && chosen.includes(STDOUT))
    throw new ExitError(EXIT.usage, 'Expected --json beside output files, got -o -, which prints rows.', {
      fix: 'Leave out one of them.',
    });
  return chosen;
}

async function streamAll(reader: RowsReader, { stdout }: Io): Promise<void> {
  for (const line of reader.lines()) {
    if (line === null) continue;
    const more = stdout.write(Buffer.concat([line, Buffer.from('\n')]));
    if (!more) await new Promise((resolve) => stdout.once('drain', resolve));
  }
}
