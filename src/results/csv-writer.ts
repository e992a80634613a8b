import { Buffer } from 'node:buffer';
import { stringify } from 'csv-stringify/sync';
import type { ColumnSpec, VisionRecord } from '../core/record.js';
import type { TableDialect } from '../core/table-dialect.js';
import { PIECE_BYTES, type RowFormat } from './row-format.js';
import { type Cells, cellsOf, explodedLines, type LinesOf } from './rows.js';
import { byteOrderMark, bytesOf, refuseUnwritable } from './text-bytes.js';

/** What Excel and LibreOffice show of a cell, in characters. */
const CELL_LIMIT = 32_767;
const NOTHING = Buffer.alloc(0);
/** What a spreadsheet takes for a formula, as csv-stringify has it. Its own `escape_formulas` does not quote what it adds. */
const FORMULA = /^[=+\-@\t\r\uff1d\uff0b\uff0d\uff20]/;

export interface CsvOptions {
  readonly columns: readonly ColumnSpec[];
  /** Where the list stands in a record that gets a line for each of its elements; null: one line a record. */
  readonly explode: readonly string[] | null;
  /** Without a quote it has `"`: answers hold line ends. */
  readonly dialect: TableDialect;
}

/**
 * CSV by RFC 4180, but for the dialect, with `\n`; cells that a spreadsheet would take for a formula are opened with an
 * apostrophe. What the dialect's encoding cannot write is thrown as Unwritable.
 */
export class CsvFormat implements RowFormat {
  readonly #columns: readonly ColumnSpec[];
  readonly #linesOf: LinesOf;
  readonly #dialect: TableDialect;
  #rows: Cells[] = [];
  #bytes = 0;
  #longCells = 0;
  #furtherLines = 0;

  constructor({ columns, dialect, explode }: CsvOptions) {
    this.#columns = columns;
    this.#linesOf = explode === null ? (record) => [cellsOf(record, columns)] : explodedLines(columns, explode);
    this.#dialect = dialect;
  }

  get longCells(): number {
    return this.#longCells;
  }

  get furtherLines(): number {
    return this.#furtherLines;
  }

  begin(): Uint8Array {
    const headers = this.#columns.map(({ header }) => header);
    const { encoding, mark } = this.#dialect;
    refuseUnwritable(headers, { encoding, item: null });
    return Buffer.concat([mark ? byteOrderMark(encoding) : NOTHING, this.#encode([headers])]);
  }

  add(line: Uint8Array): Uint8Array | null {
    const record = JSON.parse(Buffer.from(line.buffer, line.byteOffset, line.length).toString()) as VisionRecord;
    const lines = this.#linesOf(record);
    for (const cells of lines) {
      refuseUnwritable(cells, { encoding: this.#dialect.encoding, item: record.id });
      for (const cell of cells) if (typeof cell === 'string' && cell.length > CELL_LIMIT) this.#longCells += 1;
      this.#rows.push(cells);
    }
    this.#furtherLines += lines.length - 1;
    this.#bytes += lines.length * line.length; // repeated cells too
    return this.#bytes < PIECE_BYTES ? null : this.end();
  }

  end(): Uint8Array {
    const piece = this.#rows.length === 0 ? NOTHING : this.#encode(this.#rows);
    this.#rows = [];
    this.#bytes = 0;
    return piece;
  }

  #encode(rows: readonly Cells[]): Buffer {
    const { delimiter, encoding } = this.#dialect;
    const quote = this.#dialect.quote === '' ? '"' : this.#dialect.quote;
    return bytesOf(
      stringify([...rows], { delimiter, quote, escape: quote, cast: { string: unlikeFormula } }),
      encoding,
    );
  }
}

function unlikeFormula(cell: string): string {
  return FORMULA.test(cell) ? `'${cell}` : cell;
}
