import { blankRowsOf, isGapLoop } from './bars.js';
import { CharacterKind, kindOf } from './characters.js';

const LINE_FEED = 0x0a;

/** Finds white space without end: spaces, or blank lines. */
export class BlankFlood {
  /** Where the white space begins. */
  startAt = 0;
  readonly #mostRows: number;
  #isOpen = false;
  #rows = 0;
  #gapAt = 0;
  #gapPiece = 0;

  constructor({ maxRows }: { readonly maxRows: number }) {
    this.#mostRows = blankRowsOf(maxRows);
  }

  /** Takes the next character, with its place in the answer and its piece of the stream; true where it is a flood. */
  read(code: number, { at, piece }: { readonly at: number; readonly piece: number }): boolean {
    if (kindOf(code) !== CharacterKind.space) {
      this.#isOpen = false;
      return false;
    }
    if (!this.#isOpen) {
      this.#isOpen = true;
      this.startAt = at;
      this.#rows = 0;
      this.#beginGap(at, piece);
    }
    if (code === LINE_FEED) {
      this.#rows += 1;
      this.#beginGap(at, piece);
    }
    return this.#rows > this.#mostRows || isGapLoop({ characters: at - this.#gapAt, pieces: piece - this.#gapPiece });
  }

  #beginGap(at: number, piece: number): void {
    this.#gapAt = at;
    this.#gapPiece = piece;
  }
}
