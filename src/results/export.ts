import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { type OutputFormat, refuseForeign } from './check-outputs.js';
import { CsvFormat, type CsvOptions } from './csv-writer.js';
import { JsonlFormat } from './jsonl-writer.js';
import { notWritable, OutputFile } from './output-file.js';
import type { RowFormat } from './row-format.js';
import type { OutputState, RunMeta } from './run-meta.js';
import { Unwritable } from './text-bytes.js';

/** A file to export to. */
export interface OutputSpec {
  /** Absolute. */
  readonly path: string;
  readonly format: OutputFormat;
  /** Where the format is CSV. */
  readonly csv: CsvOptions;
}

/** Rows of a run, or of several as one. */
export interface RowsReader {
  meta(): Pick<RunMeta, 'generation' | 'outputs'> | null;
  /** As `StoreReader.lines` gives them. */
  lines(): Iterable<Uint8Array | null>;
  /** As `StoreReader.noteOutput`. */
  noteOutput(state: OutputState): Promise<void>;
}

export interface ExportOptions {
  readonly reader: RowsReader;
  readonly output: OutputSpec;
  /** Replace a file that this run did not write or that was changed since. */
  readonly overwrite: boolean;
}

/** What an export wrote. */
export interface Exported {
  readonly rows: number;
  /** Items of the run, with or without a record. */
  readonly of: number;
  /** Lines below the header: more than rows where a list is exploded (CSV). */
  readonly lines: number;
  /** Cells longer than a spreadsheet shows (CSV). */
  readonly longCells: number;
  /** Why the file is UTF-8 though another encoding was asked for (CSV); null where it is as it was asked for. */
  readonly unwritable: Unwritable | null;
  readonly state: OutputState;
}

/**
 * Writes every record of the present items, in input order, into a new file and puts it in the output's place. The store
 * remembers the file before it is put there, so that after a crash between the two it is known as ours.
 *
 * @throws ExitError with exit 5, leaving what stood there as it was
 */
export async function exportRun({ reader, output, overwrite }: ExportOptions): Promise<Exported> {
  const { path } = output;
  if (!overwrite) await refuseForeign(path, reader.meta()?.outputs ?? []);
  try {
    await mkdir(dirname(path), { recursive: true });
    return await writeOutput(reader, output).catch(async (error: unknown) => {
      if (!(error instanceof Unwritable)) throw error;
      return { ...(await writeOutput(reader, inUtf8(output))), unwritable: error };
    });
  } catch (cause) {
    throw notWritable(path, cause);
  }
}

/** One character that the encoding lacks makes the whole file UTF-8, with the mark by which spreadsheets know it. */
function inUtf8({ csv, ...output }: OutputSpec): OutputSpec {
  return { ...output, csv: { ...csv, dialect: { ...csv.dialect, encoding: 'utf-8', mark: true } } };
}

async function writeOutput(reader: RowsReader, output: OutputSpec): Promise<Exported> {
  const file = await OutputFile.create(output.path);
  try {
    return await writeAndReplace(file, reader, output);
  } catch (error) {
    await file.discard();
    throw error;
  }
}

async function writeAndReplace(file: OutputFile, reader: RowsReader, output: OutputSpec): Promise<Exported> {
  const format: RowFormat = output.format === 'csv' ? new CsvFormat(output.csv) : new JsonlFormat();
  const written = await writeRows(file, reader, format);
  const finished = reader.meta()?.generation !== 0 && written.rows === written.of;
  const state = { path: output.path, ...(await file.finish()), rows: written.rows, finished };
  await reader.noteOutput(state);
  await file.replace();
  const { longCells, furtherLines } = format;
  return { ...written, lines: written.rows + furtherLines, longCells, unwritable: null, state };
}

async function writeRows(
  file: OutputFile,
  reader: RowsReader,
  format: RowFormat,
): Promise<{ readonly rows: number; readonly of: number }> {
  let rows = 0;
  let of = 0;
  await file.write(format.begin());
  for (const line of reader.lines()) {
    of += 1;
    if (line === null) continue;
    rows += 1;
    const piece = format.add(line);
    if (piece !== null) await file.write(piece);
  }
  await file.write(format.end());
  return { rows, of };
}
