import { Buffer, isAscii, isUtf8 } from 'node:buffer';
import { StringDecoder } from 'node:string_decoder';
import type { TextEncoding } from '../../core/table-dialect.js';
import { fromWindows1252 } from '../../core/windows-1252.js';

const NEWLINE = 0x0a;
/** Bytes by which UTF-16 without a mark is told. */
const HEAD_BYTES = 1_024;
/** Bytes that Windows-1252 has no character for. */
const NO_CHARACTER = /[\x81\x8d\x8f\x90\x9d]/;

/** The byte order mark at the beginning, and what it says; null where there is none. */
export function markOf(bytes: Buffer): { readonly encoding: TextEncoding; readonly length: number } | null {
  const mark = bytes.toString('hex', 0, 3);
  if (mark === 'efbbbf') return { encoding: 'utf-8', length: 3 };
  if (mark.startsWith('fffe')) return { encoding: 'utf-16le', length: 2 };
  return mark.startsWith('feff') ? { encoding: 'utf-16be', length: 2 } : null;
}

/** UTF-16 without a mark: every other byte of what is mostly ASCII is zero. */
export function utf16Of(bytes: Buffer): TextEncoding | null {
  const head = bytes.subarray(0, HEAD_BYTES & ~1);
  const pairs = Math.floor(head.length / 2);
  if (pairs < 2) return null;
  const zeros = [0, 0];
  for (let at = 0; at < pairs * 2; at += 1) if (head[at] === 0) zeros[at % 2] = (zeros[at % 2] ?? 0) + 1;
  const [even = 0, odd = 0] = zeros;
  if (odd > pairs / 2 && even === 0) return 'utf-16le';
  return even > pairs / 2 && odd === 0 ? 'utf-16be' : null;
}

/** A line without end is looked at where it was cut. */
const MOST_HELD_BYTES = 1_048_576;

/**
 * Tells UTF-8 from Windows-1252 by all that is seen. Text is Windows-1252 where no line with other characters than ASCII
 * is UTF-8: a file that is both is damaged UTF-8, and whoever reads it says in which line.
 */
export class EncodingGuess {
  #utf8 = false;
  #western = false;
  #neither = false;
  /** The beginning of a line, which may end within a character. */
  #held: Buffer = Buffer.alloc(0);

  /** Looks at the next bytes. */
  look(bytes: Buffer): void {
    const all = this.#held.length === 0 ? bytes : Buffer.concat([this.#held, bytes]);
    const end = all.lastIndexOf(NEWLINE) + 1;
    this.#lookAt(all.subarray(0, end));
    const rest = all.subarray(end);
    this.#held = isAscii(rest) ? Buffer.alloc(0) : Buffer.from(rest);
    if (rest.length > MOST_HELD_BYTES) this.#lookAtHeld();
  }

  /** What all bytes so far are. */
  get encoding(): TextEncoding {
    this.#lookAtHeld();
    return this.#western && !this.#utf8 && !this.#neither ? 'windows-1252' : 'utf-8';
  }

  #lookAtHeld(): void {
    this.#lookAt(this.#held);
    this.#held = Buffer.alloc(0);
  }

  #lookAt(lines: Buffer): void {
    if (isAscii(lines)) return;
    if (isUtf8(lines)) this.#utf8 = true;
    else for (const line of linesIn(lines)) this.#lookAtLine(line);
  }

  #lookAtLine(line: Buffer): void {
    if (isAscii(line)) return;
    if (isUtf8(line)) this.#utf8 = true;
    else if (NO_CHARACTER.test(line.toString('latin1'))) this.#neither = true;
    else this.#western = true;
  }
}

/** Turns text of an encoding into UTF-8, piece by piece. */
interface ToUtf8 {
  write(bytes: Buffer): Buffer;
  /** What is left of a character that was cut. */
  end(): Buffer;
}

/** UTF-8 passes through as it is, valid or not. */
export function toUtf8(encoding: TextEncoding): ToUtf8 {
  if (encoding === 'utf-8') return { write: (bytes) => bytes, end: () => Buffer.alloc(0) };
  if (encoding === 'windows-1252') return { write: western, end: () => Buffer.alloc(0) };
  const decoder = new StringDecoder('utf16le');
  let odd = Buffer.alloc(0);
  return {
    write(bytes) {
      if (encoding === 'utf-16le') return Buffer.from(decoder.write(bytes));
      const all = Buffer.concat([odd, bytes]);
      const whole = all.length - (all.length % 2);
      odd = all.subarray(whole);
      return Buffer.from(decoder.write(Buffer.from(all.subarray(0, whole)).swap16()));
    },
    end: () => Buffer.from(decoder.end()),
  };
}

function western(bytes: Buffer): Buffer {
  return isAscii(bytes) ? bytes : Buffer.from(fromWindows1252(bytes));
}

function* linesIn(bytes: Buffer): Generator<Buffer> {
  for (let from = 0; from < bytes.length; ) {
    const at = bytes.indexOf(NEWLINE, from);
    const to = at < 0 ? bytes.length : at + 1;
    yield bytes.subarray(from, to);
    from = to;
  }
}
