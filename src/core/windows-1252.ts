import { Buffer } from 'node:buffer';

/**
 * Characters of 0x80…0x9f (https://encoding.spec.whatwg.org/index-windows-1252.txt); else the code page is Latin-1. Node's
 * TextDecoder is not asked: that of Node 20 takes the page for Latin-1 altogether, and TextEncoder writes UTF-8 only.
 */
const C1 = '€\x81‚ƒ„…†‡ˆ‰Š‹Œ\x8dŽ\x8f\x90‘’“”•–—˜™š›œ\x9džŸ';
const OF_C1 = new RegExp(`[${C1}]`, 'g');
const FOREIGN = new RegExp(`[^\\0-\\x7f\\xa0-\\xff${C1}]`, 'u');

/** The text of bytes in Windows-1252. Every byte is a character. */
export function fromWindows1252(bytes: Buffer): string {
  return bytes
    .toString('latin1')
    .replace(/[\x80-\x9f]/g, (character) => C1[character.charCodeAt(0) - 0x80] ?? character);
}

/** The bytes of a text that holds nothing {@link foreignTo1252}. */
export function toWindows1252(text: string): Buffer {
  return Buffer.from(
    text.replace(OF_C1, (character) => String.fromCharCode(0x80 + C1.indexOf(character))),
    'latin1',
  );
}

/** The first character that Windows-1252 does not have; null where it has them all. */
export function foreignTo1252(text: string): string | null {
  return FOREIGN.exec(text)?.[0] ?? null;
}
