import { pipeline, Readable } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import { CsvError, type Info, parse } from 'csv-parse';
import type { CsvDialect } from '../../core/table-dialect.js';
import { ManifestError, type ManifestFile, type ManifestRow } from './manifest-error.js';
import { MAX_ROW_BYTES, tooLong, wholeLines } from './manifest-lines.js';
import type { TextFile } from './text-file.js';

/**
 * The rows of a CSV file (RFC 4180, with `\n` or `\r\n`), its header first. Empty lines are left out.
 *
 * @throws ExitError 2 with the line, where a row has not as many cells as the header or a quote is wrong
 */
export async function* csvRows(file: TextFile, dialect: CsvDialect): AsyncGenerator<ManifestRow> {
  const progress = { lines: 0 }; // at an error the stream drops the rows that were not taken from it yet
  let offset = file.markBytes;
  try {
    for await (const { record, info } of recordsOf(textOf(file), { ...dialect, progress })) {
      const end = file.markBytes + info.bytes;
      const place = { offset, length: end - offset };
      offset = end;
      yield { cells: record, line: info.lines - newlinesIn(record), place };
    }
  } catch (error) {
    throw error instanceof CsvError ? problemOf(error, { file, dialect, nextLine: progress.lines + 1 }) : error;
  }
}

/** The cells of the one row that a piece of a CSV file holds; null where it holds no row. */
export async function csvCells(bytes: Uint8Array, dialect: CsvDialect): Promise<readonly string[] | null> {
  try {
    for await (const { record } of recordsOf(slicesOf(bytes), dialect)) return record;
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
  }
  return null;
}

interface ParserOptions extends CsvDialect {
  readonly progress?: { lines: number };
}

type Records = AsyncIterable<{ readonly record: readonly string[]; readonly info: Info }>;

function recordsOf(text: AsyncIterable<Uint8Array>, { delimiter, progress, quote }: ParserOptions): Records {
  const parser = parse({
    delimiter,
    quote: quote === '' ? null : quote,
    escape: quote === '' ? null : quote,
    info: true,
    max_record_size: MAX_ROW_BYTES,
    on_record: (cells, { lines }) => {
      if (progress !== undefined) progress.lines = lines;
      return cells;
    },
    record_delimiter: ['\r\n', '\n'],
    skip_empty_lines: true,
  });
  pipeline(Readable.from(text), parser, () => {}); // what goes wrong is thrown to whoever takes the records
  return parser;
}

async function* textOf(file: TextFile): AsyncGenerator<Uint8Array> {
  for await (const { bytes } of wholeLines(file)) yield* slicesOf(bytes);
}

/** What the parser takes at once: other work goes on between two pieces of a large cell. In bytes. */
const SLICE_BYTES = 65_536;

async function* slicesOf(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let from = 0; from < bytes.length; from += SLICE_BYTES) {
    if (from > 0) await setImmediate();
    yield bytes.subarray(from, from + SLICE_BYTES);
  }
}

function newlinesIn(cells: readonly string[]): number {
  return cells.reduce((sum, cell) => (cell.includes('\n') ? sum + cell.split('\n').length - 1 : sum), 0);
}

interface ErrorPlace {
  readonly file: ManifestFile;
  readonly dialect: CsvDialect;
  readonly nextLine: number;
}

function problemOf(error: CsvError, { dialect, file, nextLine }: ErrorPlace): ManifestError {
  const cause = error;
  const cells = 'record' in error && Array.isArray(error.record) ? error.record : [];
  const line = 'lines' in error && typeof error.lines === 'number' ? error.lines - newlinesIn(cells) : nextLine;
  const fix = quotesFix(dialect);
  switch (error.code) {
    case 'CSV_MAX_RECORD_SIZE':
      return tooLong(file, nextLine);
    case 'CSV_QUOTE_NOT_CLOSED':
      return new ManifestError(file, { line: nextLine, problem: 'A quote opens and never closes.', fix, cause });
    case 'INVALID_OPENING_QUOTE':
    case 'CSV_INVALID_CLOSING_QUOTE':
      return new ManifestError(file, { line, problem: 'A quote stands inside a cell.', fix, cause });
    case 'CSV_RECORD_INCONSISTENT_FIELDS_LENGTH':
    case 'CSV_RECORD_INCONSISTENT_COLUMNS':
      return new ManifestError(file, {
        line,
        problem: `Expected as many cells as the header has, got ${cells.length}.`,
        fix: `Put a cell that holds the delimiter (${shown(dialect.delimiter)}) in quotes, or name another: --delimiter`,
        cause,
      });
    default:
      return new ManifestError(file, { line, problem: `${error.message}.`, cause });
  }
}

function shown(delimiter: string): string {
  return delimiter === '\t' ? 'tab' : delimiter;
}

function quotesFix({ quote: q }: CsvDialect): string {
  return `A cell with quotes in it is written in quotes, and each of its own doubled: ${q}a ${q}${q}b${q}${q} c${q}. Or name another quote, or none: --quote`;
}
