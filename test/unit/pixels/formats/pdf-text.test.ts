import { describe, expect, it } from 'vitest';
import { readableText } from '../../../../src/pixels/formats/pdf-text.js';

describe('a text layer is taken', () => {
  it.each([
    [
      'of plain words',
      'Dear Sir,\r\nyour letter of the 3rd  \r\nhas arrived.',
      'Dear Sir,\nyour letter of the 3rd\nhas arrived.',
    ],
    ['with a word cut at the end of a line', 'The docu\uFFFE\r\nment that was signed', 'The document that was signed'],
    ['of numbers', '12.50 13.75 100.00\r\n11.20 9.99 1,024.00', '12.50 13.75 100.00\n11.20 9.99 1,024.00'],
    [
      'without spaces between its words',
      '吾輩は猫である。名前はまだ無い。どこで生れたか',
      '吾輩は猫である。名前はまだ無い。どこで生れたか',
    ],
    ['in Greek', 'Μῆνιν ἄειδε θεὰ Πηληϊάδεω Ἀχιλῆος', 'Μῆνιν ἄειδε θεὰ Πηληϊάδεω Ἀχιλῆος'],
    [
      'with one letter that has no name',
      `The words of a long letter that has one ${'\uE001'} in all its ${'many '.repeat(20)}words`,
      expect.stringContaining('The words'),
    ],
  ])('%s', (_, layer, text) => {
    expect(readableText(layer)).toEqual(text);
  });
});

describe('a text layer is left to the model', () => {
  it.each([
    ['that is empty', ''],
    ['of a page number', '  12 \r\n'],
    ['of a scanner’s name', 'CamScanner'],
    ['of letters without names', '\uE012\uE013\uE014 \uE015\uE016\uE017\uE018 and some that have names'],
    ['of replacement characters', 'Th\uFFFDs \uFFFDs wh\uFFFDt \uFFFD b\uFFFDd f\uFFFDnt l\uFFFD\uFFFDv\uFFFDs'],
    ['of control characters', 'abc\u0001\u0003\u0004def\u0005ghi jklm nopq rstu'],
    ['of words torn into letters', 'T h e w o r d s o f a l e t t e r t h a t w a s t o r n'],
    ['of words run together', 'Thewordsofaletterthatwasruntogetherwithoutanyspaces'],
    ['of dots and dashes', '..... ----- ..... ----- ..... ----- abcdefghijklmnopq .......... ------------ ======'],
  ])('%s', (_, layer) => {
    expect(readableText(layer)).toBeNull();
  });
});
