import { Buffer } from 'node:buffer';
import { stringify } from 'csv-stringify/sync';
import type { ColumnSpec, VisionRecord } from '../core/record.js';
import { PIECE_BYTES, type RowFormat } from './row-format.js';
import { type Cells, cellsOf, explodedLines, type LinesOf } from './rows.js';

/** What Excel and LibreOffice show of a cell, in characters. */
const CELL_LIMIT = 32_767;
const NOTHING = Buffer.alloc(0);

export interface CsvOptions {
  readonly columns: readonly ColumnSpec[];
  /** Where the list stands in a record that gets a line for each of its elements; null: one line a record. */
  readonly explode: readonly string[] | null;
  /** Opens the file with a byte order mark, by which Excel knows UTF-8. */
  readonly bom: boolean;
}

/** CSV by RFC 4180 with `\n`; cells that a spreadsheet would take for a formula are opened with an apostrophe. */
export class CsvFormat implements RowFormat {
  readonly #columns: readonly ColumnSpec[];
  readonly #linesOf: LinesOf;
  readonly #bom: boolean;
  #rows: Cells[] = [];
  #bytes = 0;
  #longCells = 0;
  #furtherLines = 0;

  constructor({ columns, explode, bom }: CsvOptions) {
    this.#columns = columns;
    this.#linesOf = explode === null ? (record) => [cellsOf(record, columns)] : explodedLines(columns, explode);
    this.#bom = bom;
  }

  get longCells(): number {
    return this.#longCells;
  }

  get furtherLines(): number {
    return this.#furtherLines;
  }

  begin(): Uint8Array {
    return encode([this.#columns.map(({ header }) => header)], this.#bom);
  }

  add(line: Uint8Array): Uint8Array | null {
    const record = JSON.parse(Buffer.from(line.buffer, line.byteOffset, line.length).toString()) as VisionRecord;
    const lines = this.#linesOf(record);
    for (const cells of lines) {
      for (const cell of cells) if (typeof cell === 'string' && cell.length > CELL_LIMIT) this.#longCells += 1;
      this.#rows.push(cells);
    }
    this.#furtherLines += lines.length - 1;
    this.#bytes += lines.length * line.length; // repeated cells too
    return this.#bytes < PIECE_BYTES ? null : this.end();
  }

  end(): Uint8Array {
    const piece = this.#rows.length === 0 ? NOTHING : encode(this.#rows, false);
    this.#rows = [];
    this.#bytes = 0;
    return piece;
  }
}

function encode(rows: readonly Cells[], bom: boolean): Buffer {
  return Buffer.from(stringify([...rows], { escape_formulas: true, bom }));
}
