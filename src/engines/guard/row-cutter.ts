import { CharacterKind, isLineBreak, kindOf } from './characters.js';
import { JsonReader } from './json-reader.js';
import { TagReader } from './tag-reader.js';

/** What {@link RowCutter.read} returns for a character that means nothing by itself. */
export const NOTHING = -1;

/** Of a row in a JSON string: deeper than any comma, so that it counts only where no comma does. */
const STRING_LEVEL = 200;
const ENDS_ROW: ReadonlySet<string> = new Set(['/tr', 'br', 'br/', '/li', '/p']);
const ENDS_TABLE_ROW: ReadonlySet<string> = new Set(['/tr', '/tbody', '/table']);

/**
 * Cuts an answer into what a row of a page could explain: a line; in a JSON string a line too (`\n`), outside of strings
 * what stands between commas and brackets, however it is laid out; in HTML a table's row, however it is laid out, a list's
 * item, and what `<br>` ends.
 */
export class RowCutter {
  /** Whether the character read last ends a row. */
  endsRow = false;
  /** How deep that row lies: 0 for plain text, more inside JSON. */
  level = 0;
  readonly #json = new JsonReader();
  readonly #tags = new TagReader();
  #atRowStart = true;
  #inTableRow = false;
  #previous = 0;

  /** Reads one code unit and returns what it means as text, or {@link NOTHING}. */
  read(code: number): number {
    this.endsRow = false;
    this.level = 0;
    const opens = this.#atRowStart && JsonReader.opensWith(code);
    const meaning = this.#json.isOpen || opens ? this.#readJson(code) : this.#readText(code);
    if (this.endsRow) this.#atRowStart = true;
    else if (meaning !== NOTHING && kindOf(meaning) !== CharacterKind.space) this.#atRowStart = false;
    return meaning;
  }

  #readJson(code: number): number {
    const part = this.#json.read(code);
    if (part === 'nothing') return NOTHING;
    if (part === 'outside') return code;
    if (part === 'text') {
      this.level = STRING_LEVEL;
      return this.#readText(this.#json.character);
    }
    if (part === 'left') return this.#readText(code);
    this.endsRow = true;
    this.level = this.#json.level;
    return code;
  }

  #readText(code: number): number {
    const tag = this.#tags.read(code);
    if (tag !== null) this.#onTag(tag);
    if (isLineBreak(code)) {
      if (isLineBreak(this.#previous)) this.#inTableRow = false;
      this.endsRow = !this.#inTableRow;
    }
    this.#previous = code;
    return code;
  }

  #onTag(tag: string): void {
    this.endsRow = ENDS_ROW.has(tag) || (tag === 'tr' && this.#inTableRow);
    if (tag === 'tr') this.#inTableRow = true;
    else if (ENDS_TABLE_ROW.has(tag)) this.#inTableRow = false;
  }
}
