/** Turns stored rows into the bytes of an output file, in pieces large enough to be written at once. */
export interface RowFormat {
  /** What stands before the first row. */
  begin(): Uint8Array;
  /**
   * Takes one record's JSON line.
   *
   * @returns a piece that stays valid, or null
   */
  add(line: Uint8Array): Uint8Array | null;
  /** What is left. */
  end(): Uint8Array;
  /** Cells longer than a spreadsheet shows. */
  readonly longCells: number;
  /** Lines beyond one a record. */
  readonly furtherLines: number;
}

/** Size of a piece in bytes. */
export const PIECE_BYTES = 1 << 20;
