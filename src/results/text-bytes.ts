import { Buffer } from 'node:buffer';
import type { TextEncoding } from '../core/table-dialect.js';
import { foreignTo1252, toWindows1252 } from '../core/windows-1252.js';

/** A text that an encoding cannot write. */
export class Unwritable extends Error {
  override readonly name = 'Unwritable';
  /** The first character that the encoding lacks. */
  readonly character: string;
  /** Id of the item that holds it; null where a column's name does. */
  readonly item: string | null;

  constructor(character: string, item: string | null) {
    super(`Windows-1252 has no ${JSON.stringify(character)}`);
    this.character = character;
    this.item = item;
  }
}

/** The bytes of a text in an encoding; of one that it can write (see {@link refuseUnwritable}). */
export function bytesOf(text: string, encoding: TextEncoding): Buffer {
  switch (encoding) {
    case 'utf-8':
      return Buffer.from(text);
    case 'windows-1252':
      return toWindows1252(text);
    case 'utf-16le':
      return Buffer.from(text, 'utf16le');
    case 'utf-16be':
      return Buffer.from(text, 'utf16le').swap16();
  }
}

/** The byte order mark of an encoding, empty where it has none. */
export function byteOrderMark(encoding: TextEncoding): Buffer {
  return encoding === 'windows-1252' ? Buffer.alloc(0) : bytesOf('\ufeff', encoding);
}

/**
 * Refuses cells of one item, or of the header, with a character that the encoding lacks.
 *
 * @throws Unwritable
 */
export function refuseUnwritable(
  cells: readonly (string | number)[],
  { encoding, item }: { readonly encoding: TextEncoding; readonly item: string | null },
): void {
  if (encoding !== 'windows-1252') return;
  for (const cell of cells) {
    const character = typeof cell === 'string' ? foreignTo1252(cell) : null;
    if (character !== null) throw new Unwritable(character, item);
  }
}
