import { TAIL_BAR } from './bars.js';
import { BlankFlood } from './blank-flood.js';
import { EqualPieces } from './equal-pieces.js';
import { LineLoops } from './line-loops.js';
import { blankLoop, type Copies, kindOfCopy, type Loop, type RepeatKind, repeatLoop } from './loop.js';
import { NOTHING, RowCutter } from './row-cutter.js';
import { RowDigest, RowLoops } from './row-loops.js';
import { SymbolReader } from './symbol-reader.js';
import { loopAtEnd } from './tail-loop.js';
import { TextTail } from './text-tail.js';

export type { Loop } from './loop.js';

/** What the guard must know of an answer beforehand. */
export interface LoopGuardOptions {
  /** Equal rows that count as content, not as a loop; see {@link rowsOf}. */
  readonly maxRows: number;
}

const PIXELS_A_ROW = 10;
const MOST_ROWS = 200;
/** Characters held of the answer, to name what repeats and to look at its end. */
const TAIL_CHARACTERS = 16_384;

/**
 * Watches one streamed answer for loops; {@link LineRun} is the table of what counts as one. Rows are compared as wholes
 * (`RowLoops`), what repeats within a row symbol by symbol (`LineLoops`). Memory is bounded, and the cost of a token does not
 * grow with the answer. It does not matter how the stream is cut into pieces, except where the bar is a number of tokens.
 */
export class LoopGuard {
  readonly #cutter = new RowCutter();
  readonly #symbols = new SymbolReader();
  readonly #row = new RowDigest();
  readonly #rowLoops: RowLoops;
  readonly #lineLoops = new LineLoops();
  readonly #blank: BlankFlood;
  readonly #tail = new TextTail({ capacity: TAIL_CHARACTERS });
  readonly #equalPieces = new EqualPieces();
  readonly #place = { at: 0, piece: 0 };
  #loop: Loop | null = null;

  constructor({ maxRows }: LoopGuardOptions) {
    this.#rowLoops = new RowLoops({ maxRows });
    this.#blank = new BlankFlood({ maxRows });
  }

  /** Takes the next piece (token) of the stream. Returns the loop from the piece on that makes sure of it, else null. */
  push(piece: string): Loop | null {
    if (this.#loop !== null) return this.#loop;
    this.#tail.push(piece);
    this.#equalPieces.push(piece, this.#tail.length);
    this.#place.piece += 1;
    for (let at = 0; at < piece.length && this.#loop === null; at += 1) this.#loop = this.#read(piece.charCodeAt(at));
    return this.#loop;
  }

  /**
   * For an answer that did not end by itself (its token limit, or the server cut it): whether its end repeats, with a lower
   * bar: three copies of at least 24 characters together, or 30 equal pieces, after which one server ends a stream.
   */
  endsInLoop(): Loop | null {
    return this.#loop ?? this.#endsInEqualPieces() ?? this.#endsBlank() ?? this.#endsInCopies();
  }

  #endsInEqualPieces(): Loop | null {
    const { count, bare, firstEndAt } = this.#equalPieces;
    if (count < TAIL_BAR.equalPieces) return null;
    if (bare === '') return blankLoop(firstEndAt, this.#tail.length);
    return repeatLoop({ kind: 'token', copy: bare, copies: count, keptLength: firstEndAt });
  }

  #endsBlank(): Loop | null {
    const { text, length } = this.#tail;
    const blankCharacters = text.length - text.trimEnd().length;
    return blankCharacters < TAIL_BAR.characters ? null : blankLoop(length - blankCharacters, length);
  }

  #endsInCopies(): Loop | null {
    const { text, startAt } = this.#tail;
    const found = loopAtEnd(text);
    if (found === null) return null;
    const copy = text.slice(found.firstEndAt - found.periodCharacters, found.firstEndAt);
    const kind = kindOfCopy(copy, found.periodSymbols);
    return repeatLoop({ kind, copy, copies: found.copies, keptLength: startAt + found.firstEndAt });
  }

  #read(code: number): Loop | null {
    const place = this.#place;
    const meaning = this.#cutter.read(code);
    const isBlankLoop = meaning !== NOTHING && this.#blank.read(meaning, place);
    const isSymbolEnd = meaning !== NOTHING && this.#symbols.read(meaning, place.at);
    place.at += 1;
    if (isBlankLoop) return blankLoop(this.#blank.startAt, place.at);
    const loop = isSymbolEnd ? this.#onSymbol() : null;
    return loop ?? (this.#cutter.endsRow ? this.#onRowEnd() : null);
  }

  #onSymbol(): Loop | null {
    this.#row.add(this.#symbols);
    const found = this.#lineLoops.add(this.#symbols, this.#place.piece);
    return found === null ? null : this.#found(found.periodSymbols === 1 ? 'token' : 'phrase', found);
  }

  #onRowEnd(): Loop | null {
    const loop = this.#symbols.end() ? this.#onSymbol() : null;
    this.#lineLoops.endRow();
    const row = this.#row.take({ level: this.#cutter.level, endAt: this.#place.at });
    const found = row === null ? null : this.#rowLoops.push(row);
    return loop ?? (found === null ? null : this.#found(found.periodRows === 1 ? 'line' : 'block', found));
  }

  /** The first copy is quoted, or the last where the first is no longer held. */
  #found(kind: RepeatKind, { copies, firstEndAt, periodCharacters }: Copies): Loop {
    const { length, startAt } = this.#tail;
    const endAt = firstEndAt - periodCharacters >= startAt ? firstEndAt : length;
    const copy = this.#tail.between(endAt - periodCharacters, endAt);
    return repeatLoop({ kind, copy, copies, keptLength: firstEndAt });
  }
}

/** Rows of text that an image of this height has room for: its height ÷ 10 pixels, at most 200. */
export function rowsOf(imageHeight: number): number {
  return Math.min(MOST_ROWS, Math.max(1, Math.floor(imageHeight / PIXELS_A_ROW)));
}
