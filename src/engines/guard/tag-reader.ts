import { CharacterKind, isLineBreak, kindOf } from './characters.js';

const LONGEST_NAME = 6;
const LESS_THAN = 0x3c;
const GREATER_THAN = 0x3e;

/** Names the tags of HTML as they end. Models write tables that way. */
export class TagReader {
  #name: string | null = null;
  #inAttributes = false;

  /** Reads one code unit; the name, such as `/tr`, where it ends a tag, else null. */
  read(code: number): string | null {
    if (code === LESS_THAN) {
      this.#name = '';
      this.#inAttributes = false;
    } else if (this.#name !== null) {
      return this.#readInside(code, this.#name);
    }
    return null;
  }

  #readInside(code: number, name: string): string | null {
    if (code === GREATER_THAN) {
      this.#name = null;
      return name.toLowerCase();
    }
    if (isLineBreak(code)) this.#name = null;
    else if (kindOf(code) === CharacterKind.space) this.#inAttributes = true;
    else if (!this.#inAttributes) this.#name = name.length < LONGEST_NAME ? name + String.fromCharCode(code) : null;
    return null;
  }
}
