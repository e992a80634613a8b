import { TAIL_BAR } from './bars.js';
import { BlankFlood } from './blank-flood.js';
import { LineLoops } from './line-loops.js';
import { NOTHING, RowCutter } from './row-cutter.js';
import { RowDigest, RowLoops } from './row-loops.js';
import { SymbolReader } from './symbol-reader.js';
import { loopAtEnd } from './tail-loop.js';
import { TextTail } from './text-tail.js';

/** What the guard must know of an answer beforehand. */
export interface LoopGuardOptions {
  /** Equal rows that count as content, not as a loop; see {@link rowsOf}. */
  readonly maxRows: number;
}

/** A repetition that will not end by itself. */
export interface Loop {
  readonly kind: 'token' | 'phrase' | 'line' | 'block' | 'whitespace';
  /** Characters of the answer up to the end of the first copy: what is worth keeping. Of white space nothing is. */
  readonly keptLength: number;
  /** For people, such as `the line "Total: 0" 101 times`. */
  readonly what: string;
}

/** Where a repetition lies and how often it was seen. */
interface Copies {
  readonly copies: number;
  readonly firstEndAt: number;
  readonly lastStartAt: number;
}

const PIXELS_A_ROW = 10;
const MOST_ROWS = 200;
/** Characters held of the answer, to name what repeats and to look at its end. */
const TAIL_CHARACTERS = 16_384;
const LONGEST_QUOTE = 40;

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
    if (this.#loop !== null) return this.#loop;
    const { count, bare, firstEndAt } = this.#equalPieces;
    if (count >= TAIL_BAR.equalPieces) {
      if (bare === '') return blankLoop(firstEndAt, this.#tail.length);
      return { kind: 'token', keptLength: firstEndAt, what: timesOf({ name: 'token', text: bare, copies: count }) };
    }
    const text = this.#tail.between(0, this.#tail.length);
    const blankCharacters = text.length - text.trimEnd().length;
    if (blankCharacters >= TAIL_BAR.characters) {
      return blankLoop(this.#tail.length - blankCharacters, this.#tail.length);
    }
    const found = loopAtEnd(text);
    if (found === null) return null;
    const offset = this.#tail.startAt;
    const place = { firstEndAt: found.firstEndAt + offset, lastStartAt: found.lastStartAt + offset };
    const isRows = /\n/.test(text.slice(found.lastStartAt).trim()) || /\n\s*$/.test(text.slice(0, found.firstEndAt));
    const kind = isRows ? 'block' : found.periodSymbols === 1 ? 'token' : 'phrase';
    return this.#found(kind, { ...place, copies: found.copies });
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

  #found(kind: 'token' | 'phrase' | 'line' | 'block', { copies, firstEndAt, lastStartAt }: Copies): Loop {
    const text = this.#tail.between(lastStartAt, this.#place.at);
    return { kind, keptLength: firstEndAt, what: timesOf({ name: kind, text, copies }) };
  }
}

/** Rows of text that an image of this height has room for: its height ÷ 10 pixels, at most 200. */
export function rowsOf(imageHeight: number): number {
  return Math.min(MOST_ROWS, Math.max(1, Math.floor(imageHeight / PIXELS_A_ROW)));
}

/** Counts pieces that are equal but for white space around them. */
class EqualPieces {
  bare = '';
  count = 0;
  firstEndAt = 0;

  push(piece: string, endAt: number): void {
    const bare = piece.trim();
    if (bare === this.bare && this.count > 0) {
      this.count += 1;
      return;
    }
    this.bare = bare;
    this.count = 1;
    this.firstEndAt = endAt;
  }
}

function blankLoop(startAt: number, endAt: number): Loop {
  return { kind: 'whitespace', keptLength: startAt, what: `${endAt - startAt} characters of white space` };
}

function timesOf({
  name,
  text,
  copies,
}: {
  readonly name: string;
  readonly text: string;
  readonly copies: number;
}): string {
  const line = text.trim().replace(/\s+/g, ' ');
  const quote = line.length <= LONGEST_QUOTE ? line : `${line.slice(0, LONGEST_QUOTE - 1)}…`;
  return `the ${name} "${quote}" ${copies} times`;
}
