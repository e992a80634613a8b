import { CharacterKind, digitValue, kindOf } from './characters.js';

/** A word, a number, a run of marks or one glyph, in the form in which the guard compares text. */
export interface TextSymbol {
  /** What it looks like, as a hash; every number looks alike. Odd where there is text in it, even where only marks. */
  readonly shape: number;
  /** What a number is worth, modulo 2³²; 0 for all else. */
  readonly value: number;
  /** Where it begins, in characters of the whole answer. */
  readonly startAt: number;
}

/** A longer run of one kind goes on character by character, so that text without spaces has periods too. */
const LONGEST_SYMBOL = 16;
const NUMBER_SHAPE = 0x2c1b3c6d;

/**
 * Cuts characters into symbols. It is itself the last finished one, so that reading a million tokens makes no garbage.
 * White space separates and is else ignored: `1 a`, `1  a` and `1\na` are the same symbols.
 */
export class SymbolReader implements TextSymbol {
  shape = 0;
  value = 0;
  startAt = 0;
  #kind: CharacterKind = CharacterKind.space;
  /** Characters of one kind in a row, further than the pending symbol. */
  #runLength = 0;
  #pendingShape = 0;
  #pendingValue = 0;
  #pendingAt = 0;

  /** Reads one code unit at a place of the answer; true where it ends a symbol, which is then this object. */
  read(code: number, at: number): boolean {
    const kind = kindOf(code);
    const goesOn = kind === this.#kind && kind !== CharacterKind.glyph;
    this.#runLength = goesOn ? this.#runLength + 1 : 1;
    if (kind === CharacterKind.space && goesOn) return false;
    if (goesOn && this.#runLength <= LONGEST_SYMBOL) {
      this.#extend(code);
      return false;
    }
    const finished = this.#finish();
    this.#kind = kind;
    if (kind !== CharacterKind.space) this.#begin(code, at);
    return finished;
  }

  /** Ends what is pending; true where there was something, which is then this object. */
  end(): boolean {
    const finished = this.#finish();
    this.#kind = CharacterKind.space;
    return finished;
  }

  #begin(code: number, at: number): void {
    const isNumber = this.#kind === CharacterKind.digit && this.#runLength === 1;
    const textBit = this.#kind === CharacterKind.mark ? 0 : 1;
    this.#pendingAt = at;
    this.#pendingShape = isNumber ? NUMBER_SHAPE : ((Math.imul(code, 0x9e3779b1) << 1) | textBit) >>> 0;
    this.#pendingValue = isNumber ? digitValue(code) : 0;
  }

  #extend(code: number): void {
    if (this.#kind === CharacterKind.digit) {
      this.#pendingValue = (Math.imul(this.#pendingValue, 10) + digitValue(code)) >>> 0;
    } else if (this.#kind !== CharacterKind.space) {
      const textBit = this.#pendingShape & 1;
      const mixed = Math.imul(this.#pendingShape ^ (this.#pendingShape >>> 15), 0x85ebca6b) + code;
      this.#pendingShape = ((mixed << 1) | textBit) >>> 0;
    }
  }

  #finish(): boolean {
    if (this.#kind === CharacterKind.space) return false;
    this.shape = this.#pendingShape;
    this.value = this.#pendingValue;
    this.startAt = this.#pendingAt;
    return true;
  }
}
