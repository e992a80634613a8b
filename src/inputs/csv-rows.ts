import { pipeline } from 'node:stream';
import { CsvError, type Info, parse } from 'csv-parse';
import { ManifestError, type ManifestFile, type ManifestRow } from './manifest-error.js';
import { MAX_ROW_BYTES, tooLong, wholeLines } from './manifest-lines.js';

const DELIMITERS = [',', ';', '\t'] as const;

/**
 * The rows of a CSV file (RFC 4180, with `\n` or `\r\n`), its header first. Empty lines are left out.
 *
 * @throws ExitError 2 with the line, where a row has not as many cells as the header or a quote is wrong
 */
export async function* csvRows(file: ManifestFile, delimiter: string): AsyncGenerator<ManifestRow> {
  let parsed = 0; // lines: at an error the stream drops the rows that were not taken from it yet
  const parser = parse({
    delimiter,
    info: true,
    max_record_size: MAX_ROW_BYTES,
    on_record: (cells, { lines }) => {
      parsed = lines;
      return cells;
    },
    record_delimiter: ['\r\n', '\n'],
    skip_empty_lines: true,
  });
  pipeline(bytesOf(file), parser, () => {}); // what goes wrong is thrown by the loop below
  const rows: AsyncIterable<{ readonly record: readonly string[]; readonly info: Info }> = parser;
  try {
    for await (const { record, info } of rows) yield { cells: record, line: info.lines - newlinesIn(record) };
  } catch (error) {
    throw error instanceof CsvError ? problemOf(error, { file, nextLine: parsed + 1 }) : error;
  }
}

/** The delimiter of a file by its header: the commonest of comma, semicolon and tab outside of quotes. */
export async function csvDelimiter(file: ManifestFile): Promise<string> {
  for await (const { bytes } of wholeLines(file)) {
    const header = headerOf(bytes.toString());
    const counts = DELIMITERS.map((delimiter) => header.split(delimiter).length);
    return DELIMITERS[counts.indexOf(Math.max(...counts))] ?? ',';
  }
  return ',';
}

/** The first line that is not empty, without what is quoted. */
function headerOf(text: string): string {
  const bare = text.replace(/"[^"]*"?/g, '');
  return bare.split('\n').find((line) => line.trim() !== '') ?? '';
}

async function* bytesOf(file: ManifestFile): AsyncGenerator<Uint8Array> {
  for await (const { bytes } of wholeLines(file)) yield bytes;
}

function newlinesIn(cells: readonly string[]): number {
  return cells.reduce((sum, cell) => (cell.includes('\n') ? sum + cell.split('\n').length - 1 : sum), 0);
}

function problemOf(error: CsvError, at: { readonly file: ManifestFile; readonly nextLine: number }): ManifestError {
  const { file, nextLine } = at;
  const cause = error;
  const cells = 'record' in error && Array.isArray(error.record) ? error.record : [];
  const line = 'lines' in error && typeof error.lines === 'number' ? error.lines - newlinesIn(cells) : nextLine;
  switch (error.code) {
    case 'CSV_MAX_RECORD_SIZE':
      return tooLong(file, nextLine);
    case 'CSV_QUOTE_NOT_CLOSED':
      return new ManifestError(file, {
        line: nextLine,
        problem: 'A quote opens and never closes.',
        fix: QUOTES,
        cause,
      });
    case 'INVALID_OPENING_QUOTE':
    case 'CSV_INVALID_CLOSING_QUOTE':
      return new ManifestError(file, { line, problem: 'A quote stands inside a cell.', fix: QUOTES, cause });
    case 'CSV_RECORD_INCONSISTENT_FIELDS_LENGTH':
    case 'CSV_RECORD_INCONSISTENT_COLUMNS':
      return new ManifestError(file, {
        line,
        problem: `Expected as many cells as the header has, got ${cells.length}.`,
        fix: 'Put a cell that holds the delimiter in double quotes.',
        cause,
      });
    default:
      return new ManifestError(file, { line, problem: `${error.message}.`, cause });
  }
}

const QUOTES = 'A cell with quotes in it is written in double quotes, and each of its own doubled: "a ""b"" c".';
