import type { Buffer } from 'node:buffer';
import { drawn } from './entry.js';
import { BLACK, isInk, type Picture, painted, WHITE, writing } from './picture.js';
import { type PdfPage, writePdf } from './write-pdf.js';

/** A letter in English, a line each. */
export const LETTER: readonly string[] = [
  'Harbour Street Library',
  'Dear Mrs Aldridge,',
  'thank you for lending us the photographs of the old',
  'ferry landing. Forty-two of them were shown in the',
  'reading room this winter, and more than nine hundred',
  'people came to see them. We have packed the originals',
  'in the same order in which you gave them to us.',
  'With kind regards, Tomas Lindqvist',
];

/** A page of lines in Helvetica, which every PDF reader has: 420 × 240 points. */
export function letterPage(lines: readonly string[] = LETTER): PdfPage {
  const shown = lines.map((line, index) => `1 0 0 1 36 ${200 - index * 22} Tm (${line}) Tj`);
  return { width: 420, height: 240, content: `BT /F1 14 Tf ${shown.join(' ')} ET` };
}

/** A page with nothing on it. */
export const EMPTY_PAGE: PdfPage = { width: 420, height: 240, content: '' };

/** A letter, an empty page and a picture. */
export function threePages(): Buffer {
  return writePdf([letterPage(), EMPTY_PAGE, { ...EMPTY_PAGE, content: '0 0 1 rg 60 60 m 210 200 l 340 80 l h f' }]);
}

/** Lines of writing, ten times as long as wide, no part of it like another. */
export function receipt(): Picture {
  const width = 200;
  return painted({ width, height: 10 * width }, (x, y) =>
    isInk(x, y) && (x * 7 + Math.floor(y / 16) * 13) % 11 > 3 ? BLACK : WHITE,
  );
}

/** A sheet with nothing on it. */
export function blankSheet(): Promise<Buffer> {
  return drawn(writing(WHITE, WHITE, { width: 400, height: 500 }))
    .png()
    .toBuffer();
}
