import { isLineLoop, PIECES_BAR } from './bars.js';
import type { Copies } from './loop.js';
import { SymbolBuffer } from './symbol-buffer.js';
import type { TextSymbol } from './symbol-reader.js';

/** A token or a phrase that repeats within one row. */
export interface LineLoop extends Copies {
  /** Symbols of one copy. */
  readonly periodSymbols: number;
}

/** Symbols of a row that are held: some 80,000 characters of prose. */
const CAPACITY = 16_384;
/** So many symbols back are searched for a period, each window once a quarter of its length: five searches, 20 steps a symbol. */
const WINDOWS = [64, 256, 1_024, 4_096, CAPACITY] as const;
const SEARCHES_A_WINDOW = 4;
/** Rows shorter than this can reach no bar, and are most of all text. */
const SEARCHED_FROM_CHARACTERS = PIECES_BAR / 2;

/**
 * Finds repetition within a row. A search now and then finds the period that the row's end repeats at; from then on each
 * symbol is compared with the one a period before, so that a loop is known with the very symbol that reaches the bar.
 */
export class LineLoops {
  readonly #symbols = new SymbolBuffer({ capacity: CAPACITY });
  #rowStartAt = 0;
  #seen = 0;
  #period = 0;
  #repeated = 0;
  #hasText = false;

  /** Takes the row's next symbol, known with the given piece of the stream. */
  add(symbol: TextSymbol, piece: number): LineLoop | null {
    if (this.#seen === 0) this.#rowStartAt = symbol.startAt;
    this.#seen += 1;
    this.#symbols.add(symbol, piece);
    if (this.#period > 0) this.#follow();
    if (this.#isSearched(symbol)) this.#search();
    return this.#repeated > this.#period && this.#isLoop() ? this.#loop() : null;
  }

  /** The next symbol begins a new row. */
  endRow(): void {
    this.#symbols.clear();
    this.#seen = 0;
    this.#drop();
  }

  #follow(): void {
    if (this.#symbols.repeats(this.#symbols.length - 1, this.#period)) this.#repeated += 1;
    else this.#drop();
  }

  #drop(): void {
    this.#period = 0;
    this.#repeated = 0;
  }

  #isSearched({ startAt }: TextSymbol): boolean {
    return (
      this.#seen % (WINDOWS[0] / SEARCHES_A_WINDOW) === 0 && startAt - this.#rowStartAt >= SEARCHED_FROM_CHARACTERS
    );
  }

  #search(): void {
    for (const window of WINDOWS) {
      if (this.#seen % (window / SEARCHES_A_WINDOW) !== 0) return;
      const searched = Math.min(window, this.#symbols.length);
      if (this.#repeated < searched / 2) this.#searchWithin(searched);
      if (window >= this.#symbols.length) return;
    }
  }

  #searchWithin(window: number): void {
    const found = this.#symbols.tailPeriod(window);
    if (found === null || found.repeated <= this.#repeated) return;
    this.#period = found.period;
    this.#repeated = this.#symbols.repeatedAtEnd(found.period);
    this.#hasText = this.#symbols.hasText(found.period);
  }

  #isLoop(): boolean {
    const symbols = this.#symbols;
    const last = symbols.length - 1;
    const first = Math.max(0, last + 1 - this.#repeated - this.#period);
    return isLineLoop({
      characters: symbols.startOf(last) - symbols.startOf(first),
      pieces: symbols.pieceOf(last) - symbols.pieceOf(first),
      copies: this.#repeated / this.#period + 1,
      periodCharacters: symbols.startOf(last) - symbols.startOf(last - this.#period),
      hasText: this.#hasText,
    });
  }

  #loop(): LineLoop {
    const symbols = this.#symbols;
    const end = symbols.length;
    const second = Math.max(this.#period, end - this.#repeated);
    return {
      periodSymbols: this.#period,
      copies: Math.floor((end - second) / this.#period) + 1,
      firstEndAt: symbols.startOf(second),
      periodCharacters: symbols.startOf(end - 1) - symbols.startOf(end - 1 - this.#period),
    };
  }
}
