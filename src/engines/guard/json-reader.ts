import { CharacterKind, kindOf } from './characters.js';

/** What a character of JSON does. */
export type JsonPart =
  /** It stands in a string; {@link JsonReader.character} is what it means. */
  | 'text'
  /** It means nothing by itself, such as the backslash of `\n`. */
  | 'nothing'
  /** It stands between strings: a number, a colon, white space, most brackets. */
  | 'outside'
  /** A comma, the bracket of something nested, or the end of the whole; {@link JsonReader.level} says how deep. */
  | 'ends'
  /** It cannot stand there: what was read was no JSON. */
  | 'left';

/** Deeper than any comma. */
export const BRACKET_LEVEL = 255;
const DEEPEST_COMMA = 199;

const OPENS = '{[';
const CLOSES = '}]';
/** What a string, and what another value may follow. */
const BEFORE_STRING = '{[,:';
const BEFORE_VALUE = '[,:';
const SIGNS = '+-.';
/** Of numbers, `true`, `false` and `null`. */
const SCALAR = '0123456789+-.Eetrufalsn';
const QUOTE = 0x22;
const COLON = 0x3a;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const LINE_FEED = 0x0a;
const UNICODE_ESCAPE_DIGITS = 4;

/**
 * Follows JSON through brackets and strings, as far as it must be followed to know what is text in it (RFC 8259). It proves
 * nothing: text that looks like JSON for a moment, such as `[x]`, is left again at the first character that cannot be.
 */
export class JsonReader {
  /** What the last `text` means: of `\n` a line feed. */
  character = 0;
  /** Of the last `ends`: of a comma its depth, of the end 0, of a bracket that opens {@link BRACKET_LEVEL}. */
  level = 0;
  #depth = 0;
  #inString = false;
  /** A bracket alone proves nothing, `[1]` may be a footnote. */
  #hadString = false;
  #escaped = false;
  #unicodeDigitsLeft = 0;
  /** The last character between strings that was not white space. */
  #previous = 0;
  #afterSpace = false;

  /** Between the first bracket and the one that closes it. */
  get isOpen(): boolean {
    return this.#depth > 0;
  }

  /** Whether JSON may begin with this character. */
  static opensWith(code: number): boolean {
    return isOneOf(code, OPENS);
  }

  /** Reads one code unit, from the first bracket on. */
  read(code: number): JsonPart {
    const part = this.#inString ? this.#readString(code) : this.#readOutside(code);
    if (part === 'left') {
      this.#depth = 0;
      this.#inString = false;
      this.#escaped = false;
      this.#unicodeDigitsLeft = 0;
    }
    return part;
  }

  #readOutside(code: number): JsonPart {
    if (kindOf(code) === CharacterKind.space) {
      this.#afterSpace = true;
      return 'outside';
    }
    const part = this.#readStructure(code);
    this.#previous = code;
    this.#afterSpace = false;
    return part;
  }

  #readStructure(code: number): JsonPart {
    if (code === COMMA) return this.#end(Math.min(this.#depth, DEEPEST_COMMA));
    if (isOneOf(code, OPENS)) return this.#open();
    if (isOneOf(code, CLOSES)) {
      this.#depth -= 1;
      return this.#depth === 0 && this.#hadString ? this.#end(0) : 'outside';
    }
    if (code === QUOTE && isOneOf(this.#previous, BEFORE_STRING)) {
      this.#inString = true;
      this.#hadString = true;
      return 'outside';
    }
    const fits = code === COLON ? this.#previous === QUOTE : this.#fitsScalar(code);
    return fits ? 'outside' : 'left';
  }

  #open(): JsonPart {
    if (this.#depth > 0 && !isOneOf(this.#previous, BEFORE_VALUE)) return 'left';
    if (this.#depth === 0) this.#hadString = false;
    this.#depth += 1;
    return this.#depth > 1 ? this.#end(BRACKET_LEVEL) : 'outside';
  }

  #fitsScalar(code: number): boolean {
    if (!isOneOf(code, SCALAR)) return false;
    if (isOneOf(this.#previous, BEFORE_VALUE)) return true;
    const isDoubledSign = code === this.#previous && isOneOf(code, SIGNS);
    return isOneOf(this.#previous, SCALAR) && !this.#afterSpace && !isDoubledSign;
  }

  #readString(code: number): JsonPart {
    if (this.#unicodeDigitsLeft > 0) return this.#readUnicodeDigit(code);
    if (this.#escaped) return this.#readEscaped(code);
    if (code === LINE_FEED) return 'left';
    if (code === BACKSLASH) {
      this.#escaped = true;
      return 'nothing';
    }
    if (code === QUOTE) {
      this.#inString = false;
      this.#previous = QUOTE;
      return 'outside';
    }
    return this.#text(code);
  }

  #readEscaped(code: number): JsonPart {
    this.#escaped = false;
    const letter = String.fromCharCode(code);
    if (letter === 'u') {
      this.#unicodeDigitsLeft = UNICODE_ESCAPE_DIGITS;
      this.character = 0;
      return 'nothing';
    }
    if (letter === 'n' || letter === 'r') return this.#text(LINE_FEED);
    return this.#text(letter === 't' ? 0x09 : code);
  }

  #readUnicodeDigit(code: number): JsonPart {
    this.#unicodeDigitsLeft -= 1;
    this.character = this.character * 16 + (Number.parseInt(String.fromCharCode(code), 16) || 0);
    return this.#unicodeDigitsLeft === 0 ? 'text' : 'nothing';
  }

  #text(character: number): JsonPart {
    this.character = character;
    return 'text';
  }

  #end(level: number): JsonPart {
    this.level = level;
    return 'ends';
  }
}

function isOneOf(code: number, characters: string): boolean {
  return characters.includes(String.fromCharCode(code));
}
