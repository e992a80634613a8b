import { Buffer } from 'node:buffer';
import { stringify } from 'csv-stringify/sync';
import type { ColumnSpec, VisionRecord } from '../core/record.js';
import { PIECE_BYTES, type RowFormat } from './row-format.js';
import { cellsOf } from './rows.js';

/** What Excel and LibreOffice show of a cell, in characters. */
const CELL_LIMIT = 32_767;
const NOTHING = Buffer.alloc(0);

/** CSV by RFC 4180 with `\n`; cells that a spreadsheet would take for a formula are opened with an apostrophe. */
export class CsvFormat implements RowFormat {
  readonly #columns: readonly ColumnSpec[];
  readonly #bom: boolean;
  #rows: (string | number)[][] = [];
  #bytes = 0;
  #longCells = 0;

  constructor(options: { readonly columns: readonly ColumnSpec[]; readonly bom: boolean }) {
    this.#columns = options.columns;
    this.#bom = options.bom;
  }

  get longCells(): number {
    return this.#longCells;
  }

  begin(): Uint8Array {
    return encode([this.#columns.map(({ header }) => header)], this.#bom);
  }

  add(line: Uint8Array): Uint8Array | null {
    const record = JSON.parse(Buffer.from(line.buffer, line.byteOffset, line.length).toString()) as VisionRecord;
    const cells = cellsOf(record, this.#columns);
    for (const cell of cells) if (typeof cell === 'string' && cell.length > CELL_LIMIT) this.#longCells += 1;
    this.#rows.push(cells);
    this.#bytes += line.length;
    return this.#bytes < PIECE_BYTES ? null : this.end();
  }

  end(): Uint8Array {
    const piece = this.#rows.length === 0 ? NOTHING : encode(this.#rows, false);
    this.#rows = [];
    this.#bytes = 0;
    return piece;
  }
}

function encode(rows: readonly (readonly (string | number)[])[], bom: boolean): Buffer {
  return Buffer.from(stringify([...rows], { escape_formulas: true, bom }));
}
