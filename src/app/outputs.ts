import { hostname } from 'node:os';
import path from 'node:path';
import type { Settings } from '../../config/schema.js';
import { EXIT, ExitError } from '../core/exit.js';
import type { VisionRecord } from '../core/record.js';
import { DEFAULT_DIALECT } from '../core/table-dialect.js';
import type { Logger } from '../core/telling.js';
import { checkOutputs, formatOf, standing } from '../results/check-outputs.js';
import { type Exported, exportRun } from '../results/export.js';
import { fileSystemType } from '../results/file-systems.js';
import { streamRow } from '../results/jsonl-writer.js';
import { locateStore, type Places, pointOutputs, STDOUT, type StoreLocation } from '../results/location.js';
import type { RunStore } from '../results/store.js';
import { isStore, readStore, type StoreReader } from '../results/store-reader.js';
import { counted } from '../telemetry/words.js';
import type { Io } from './io.js';
import { outputDialect } from './run/kept-dialect.js';
import { type Table, tableOf } from './table.js';

/** An output as the last summary names it. */
export interface OutputEnd {
  readonly path: string;
  readonly rows: number;
  readonly finished: boolean;
}

/** Takes records as they are done, each when it is ready for it; waits no longer once the signal fires. */
export type RecordSink = (record: VisionRecord, signal: AbortSignal) => Promise<void>;

/** Share of the time that exports of unfinished runs may cost. */
const EXPORT_SHARE = 0.02;

/** The outputs of a run: checked before anything is asked, written whole or not at all. */
export class Outputs {
  readonly location: StoreLocation;
  readonly #settings: Settings;
  readonly #io: Io;
  readonly #logger: Logger;
  /** Absolute paths, without stdout. */
  readonly #files: readonly string[];
  /** Whether records go to stdout. */
  readonly #streams: boolean;
  readonly #sink: RecordSink | null;
  readonly #streamed = new AbortController();
  #store: RunStore | undefined;
  #lastEndMs = Date.now();
  #lastCostMs = 0;
  #exporting = false;
  /** Whether records came since the files were last brought up to date. */
  #stale = false;

  private constructor(
    location: StoreLocation,
    outputs: readonly string[],
    around: { settings: Settings; io: Io; logger: Logger; sink: RecordSink | null },
  ) {
    this.location = location;
    this.#settings = around.settings;
    this.#io = around.io;
    this.#logger = around.logger;
    this.#files = outputs.filter((output) => output !== STDOUT);
    this.#streams = outputs.includes(STDOUT);
    this.#sink = around.sink ?? (this.#streams ? (record, signal) => streamRow(this.#io.stdout, record, signal) : null);
    if (this.#streams && this.#files.length > 0) {
      this.#io.outliveStdout().addEventListener('abort', () => this.stopStreaming(), { once: true });
    }
  }

  /**
   * Finds where the run's store lies and whether every output can be written.
   *
   * @param sink - takes records in place of an output, or beside them
   * @throws ExitError 2 or 5
   */
  static async locate(settings: Settings, io: Io, logger: Logger, sink: RecordSink | null = null): Promise<Outputs> {
    const outputs = settings.outputs.map((output) => (output === STDOUT ? output : path.resolve(io.cwd, output)));
    if (outputs.length === 0 && sink === null)
      throw new ExitError(EXIT.usage, 'Expected an output.', { fix: 'Say where rows go: -o out.csv' });
    const stateDir = settings.state === null ? null : path.resolve(io.cwd, settings.state);
    const location = await locateStore({ ...placesOf(io), outputs, name: settings.name, stateDir, fileSystemType });
    await checkOutputs({ outputs, known: await knownOutputs(location.dir), overwrite: settings.overwrite });
    if (location.leftDisk !== null) {
      logger.info(
        `The output is on a network disk (${location.leftDisk}), so the run's state is kept in ${location.dir}.`,
      );
    }
    return new Outputs(location, outputs, { settings, io, logger, sink });
  }

  /**
   * Points every output to the run's store, so that any of them finds it, and says which columns had to be renamed.
   *
   * @throws ExitError 2 where `--explode` names no column that holds lists
   */
  async attach(store: RunStore): Promise<void> {
    this.#store = store;
    const meta = store.meta();
    if (meta !== null && this.#files.some(isCsv)) tellRenamed(tableOf(meta, this.#settings), this.#logger);
    await pointOutputs(this.#files, { store: this.location.dir, machine: hostname() });
  }

  /** Hands records to whoever takes them as they are done, stdout where that is an output. */
  async stream(records: readonly VisionRecord[]): Promise<void> {
    this.#stale ||= records.length > 0;
    if (this.#sink === null) return;
    for (const record of records) await this.#sink(record, this.#streamed.signal);
  }

  /** Hands over the record of an earlier start likewise. */
  async streamKept(key: string): Promise<void> {
    const record = this.#sink === null ? undefined : this.#store?.record(key);
    if (record !== undefined) await this.#sink?.(record, this.#streamed.signal);
  }

  /** Waits no longer for whoever takes the records. What it has not got is in the store: the next start streams it. */
  stopStreaming(): void {
    this.#streamed.abort();
    if (this.#streams) this.#io.abandonStdout();
  }

  /** Writes every output at the end of a run. */
  async exportFinished(): Promise<void> {
    for (const file of this.#files) await this.#export(file);
  }

  /** Writes the rows so far where no finished export stands: half of today never replaces all of yesterday. */
  async exportSoFar(): Promise<void> {
    for (const file of this.#files) {
      const state = await standing(file, this.#reader().meta()?.outputs ?? []);
      if (state?.finished !== true) await this.#export(file);
    }
  }

  /**
   * Brings unfinished outputs up to date every `--export-every` where there are new rows, unless that would cost more
   * than 2 % of the time.
   */
  async exportNowAndThen(): Promise<void> {
    const sinceMs = Date.now() - this.#lastEndMs;
    if (
      this.#exporting ||
      !this.#stale ||
      sinceMs < this.#settings.exportEveryMs ||
      this.#lastCostMs > EXPORT_SHARE * sinceMs
    )
      return;
    this.#exporting = true;
    this.#stale = false;
    const startedMs = Date.now();
    try {
      await this.exportSoFar();
    } finally {
      this.#exporting = false;
      this.#lastEndMs = Date.now();
      this.#lastCostMs = this.#lastEndMs - startedMs;
    }
  }

  /** What stands in each file now. */
  async ends(): Promise<readonly OutputEnd[]> {
    const known = this.#reader().meta()?.outputs ?? [];
    const states = await Promise.all(this.#files.map((file) => standing(file, known)));
    return states.flatMap((state) => (state === null ? [] : [{ ...state, path: this.#shown(state.path) }]));
  }

  /** A path as a person in the working directory would write it. */
  #shown(file: string): string {
    const relative = path.relative(this.#io.cwd, file);
    return relative.startsWith('..') ? file : relative;
  }

  async #export(file: string): Promise<void> {
    const exported = await exportFile(this.#reader(), file, this.#settings);
    tellExport(exported, file, this.#logger);
  }

  #reader(): StoreReader {
    if (this.#store === undefined) throw new Error('Expected the outputs to be attached to a store');
    return this.#store;
  }
}

/** Exports one file of a run. */
async function exportFile(
  reader: StoreReader,
  file: string,
  settings: Pick<Settings, 'bom' | 'columns' | 'csvDialect' | 'explode' | 'overwrite'>,
): Promise<Exported> {
  const meta = reader.meta();
  if (meta === null) throw new ExitError(EXIT.usage, `Expected ${reader.dir} to hold a run that has begun`);
  const csv = isCsv(file) ? { ...tableOf(meta, settings), dialect: outputDialect(meta, settings) } : NO_TABLE;
  return exportRun({ reader, output: { path: file, format: formatOf(file), csv }, overwrite: settings.overwrite });
}

const NO_TABLE = { columns: [], explode: null, dialect: DEFAULT_DIALECT } as const;

/** Whether an output is a table. */
export function isCsv(file: string): boolean {
  return formatOf(file) === 'csv';
}

/** Says how many rows of how many an export wrote. */
export function tellExport({ rows, of, lines, longCells, unwritable }: Exported, file: string, logger: Logger): void {
  logger.info(`${file}: ${counted(rows, 'row')} of ${of}${lines === rows ? '' : `, ${counted(lines, 'line')}`}`);
  if (longCells > 0)
    logger.warn(`${file}: ${longCells} cells are longer than the 32,767 characters that spreadsheets show`);
  if (unwritable === null) return;
  const { item, message } = unwritable;
  const holder = item === null ? "a column's name" : `item ${item}`;
  logger.warn(`${file}: written as UTF-8 with a byte order mark, as ${message}, which ${holder} holds`);
}

/** Says which columns of a table have another name than their own. */
export function tellRenamed({ renamed }: Table, logger: Logger): void {
  if (renamed.length === 0) return;
  const each = renamed.map(({ name, header }) => `${name} is ${header}`);
  logger.info(`CSV columns that could not have their own name: ${each.join(', ')}`);
}

/** Where stores may lie on this machine. */
export function placesOf({ cwd, surroundings }: Io): Places {
  return { cwd, userStateDir: path.join(surroundings.stateHome, 'visionbatch'), machine: hostname() };
}

async function knownOutputs(dir: string) {
  if (!isStore(dir)) return [];
  const reader = readStore(dir);
  const outputs = reader.meta()?.outputs ?? [];
  await reader.close();
  return outputs;
}
