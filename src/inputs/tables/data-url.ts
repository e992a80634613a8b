import { Buffer } from 'node:buffer';
import { VisionError } from '../../core/errors.js';
import { type FileKind, SNIFF_BYTES, sniff } from '../../core/sniff.js';

const DATA_URL = /^data:([^,]*),/i;
/** A character of neither alphabet, or padding that is not at the end. */
const NOT_BASE64 = /[^A-Za-z0-9+/_\-=\t\n\f\r ]|=(?=[\t\n\f\r ]*[^=\t\n\f\r ])/;
const SPACE = /[\t\n\f\r ]+/g;
const BROKEN_ESCAPE = /%(?![0-9a-f]{2})/i;

const LEAST_BASE64_CHARACTERS = 64;
const BASE64_ONLY = /^[A-Za-z0-9+/_\-\t\n\f\r ]+={0,2}[\t\n\f\r ]*$/;
/** More is no path in any case. */
const LOOKED_AT_CHARACTERS = 8_192;
/** Characters that decode to at least {@link SNIFF_BYTES}, some white space among them. */
const SNIFF_CHARACTERS = 2 * SNIFF_BYTES;
const NOT_TELLING: ReadonlySet<FileKind> = new Set(['bmp', 'html', 'text', 'empty', 'unknown']);

/**
 * The bytes of `data:[type][;base64],…`, base64 or percent-encoded (RFC 2397). The type is not looked at; other
 * characters than ASCII stand for their UTF-8 bytes; base64 may be percent-encoded on top.
 *
 * @throws VisionError IMAGE_UNREADABLE, naming what is wrong and at which offset of the text (of the data without its
 * percent-encoding, where base64 has one)
 */
export function bytesOfDataUrl(text: string): Uint8Array {
  const [head, type = ''] = DATA_URL.exec(text) ?? [];
  if (head === undefined) {
    throw unreadable(`Expected a data URL to be data:[type][;base64],…, got ${JSON.stringify(text.slice(0, 40))}.`);
  }
  const data = text.slice(head.length);
  if (!/;\s*base64\s*$/i.test(type)) return filled(percentDecoded(data, head.length));
  if (!data.includes('%')) return base64Decoded(data, head.length);
  return base64Decoded(percentDecoded(data, head.length).toString('latin1'), 0);
}

/**
 * The bytes of base64 text in the standard or the URL-safe alphabet (RFC 4648 §4, §5). Padding may be left out, and
 * white space may stand anywhere; nothing else is passed over.
 *
 * @throws VisionError IMAGE_UNREADABLE, naming what is wrong and at which offset of the text
 */
export function bytesOfBase64(text: string): Uint8Array {
  return base64Decoded(text, 0);
}

/**
 * Whether text that may be a path or base64 is base64: 64 characters or more, the first of them of the alphabet (white
 * space among them), which decode to the beginning of an image or a PDF. BMP and bare JPEG XL streams are told by two bytes, which
 * a path can have by chance (`/world/…` has JPEG XL's): they are taken for paths.
 */
export function looksLikeBase64(text: string): boolean {
  if (text.length < LEAST_BASE64_CHARACTERS || !BASE64_ONLY.test(text.slice(0, LOOKED_AT_CHARACTERS))) return false;
  const bytes = Buffer.from(text.slice(0, SNIFF_CHARACTERS), 'base64');
  const kind = sniff(bytes);
  return !NOT_TELLING.has(kind) && !(kind === 'jxl' && bytes[0] === 0xff);
}

/** Whether text that may be a path holds an image itself, as a data URL or as base64. */
export function isImageText(text: string): boolean {
  return /^\s*data:/i.test(text) || looksLikeBase64(text);
}

/** `start` is how many characters of the whole stand before `text`. */
function base64Decoded(text: string, start: number): Uint8Array {
  const plain = plainlyDecoded(text);
  if (plain !== null) return plain;
  const stray = text.search(NOT_BASE64);
  if (stray !== -1) throw strayCharacter(text, stray, start);
  const end = text.includes('=') ? text.indexOf('=') : text.length;
  const symbols = text.slice(0, end).replace(SPACE, '');
  const padding = text.slice(end).replace(SPACE, '').length;
  if (padding > 2 || (padding > 0 && (symbols.length + padding) % 4 !== 0)) throw strayCharacter(text, end, start);
  if (!endsWithByte(symbols)) throw unreadable(`The base64 ends in the middle of a byte, at offset ${start + end}.`);
  return filled(Buffer.from(symbols, 'base64'));
}

/**
 * Base64 without white space and faults; null for other text. The decoder passes over what is not of the alphabet, so as
 * many bytes as there should be tell that nothing was: large images are not looked at character by character.
 */
function plainlyDecoded(text: string): Uint8Array | null {
  const padding = text.endsWith('==') ? 2 : Number(text.endsWith('='));
  const count = text.length - padding;
  if (count === 0 || count % 4 === 1 || (padding > 0 && text.length % 4 !== 0)) return null;
  if (!endsWithByte(text.slice(count - (count % 4), count))) return null;
  const bytes = Buffer.from(text, 'base64');
  return bytes.length === Math.floor((count * 3) / 4) ? bytes : null;
}

/** Whether the bits after the last byte are none, or as many zeros as the last symbol has over: else the end is missing. */
function endsWithByte(symbols: string): boolean {
  const over = symbols.length % 4;
  const last = symbols
    .slice(symbols.length - over)
    .replaceAll('+', '-')
    .replaceAll('/', '_');
  return Buffer.from(last, 'base64url').toString('base64url') === last;
}

function percentDecoded(text: string, start: number): Buffer {
  const broken = text.search(BROKEN_ESCAPE);
  if (broken !== -1) {
    throw unreadable(`Expected two hexadecimal digits after the % at offset ${start + broken} of the data URL.`);
  }
  const bytes = Buffer.from(text, 'utf8');
  let length = 0;
  for (let at = 0; at < bytes.length; at += 1) {
    const escaped = bytes[at] === PERCENT;
    bytes[length] = escaped ? Number.parseInt(bytes.toString('latin1', at + 1, at + 3), 16) : (bytes[at] ?? 0);
    length += 1;
    if (escaped) at += 2;
  }
  return bytes.subarray(0, length);
}
const PERCENT = 0x25;

function filled(bytes: Uint8Array): Uint8Array {
  if (bytes.length === 0) throw unreadable('There is no data, but 0 bytes.');
  return bytes;
}

function strayCharacter(text: string, at: number, start: number): VisionError {
  const character = JSON.stringify(String.fromCodePoint(text.codePointAt(at) ?? 0));
  return unreadable(`Expected base64, got ${character} at offset ${start + at}.`);
}

function unreadable(sentence: string): VisionError {
  return new VisionError('IMAGE_UNREADABLE', sentence);
}
