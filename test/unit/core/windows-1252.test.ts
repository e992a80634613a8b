import { describe, expect, it } from 'vitest';
import { foreignTo1252, fromWindows1252, toWindows1252 } from '../../../src/core/windows-1252.js';

describe('Windows-1252', () => {
  it('is read and written alike, every byte of it', () => {
    const bytes = Buffer.from(Array.from({ length: 256 }, (_, at) => at));
    const text = fromWindows1252(bytes);
    expect(new Set(text).size).toBe(256);
    expect(foreignTo1252(text)).toBeNull();
    expect(toWindows1252(text)).toEqual(bytes);
  });

  it('has its own characters where Latin-1 has none', () => {
    const bytes = Buffer.from('80848593949596999cff', 'hex');
    expect(fromWindows1252(bytes)).toBe('€„…“”•–™œÿ');
    expect(toWindows1252('€„…“”•–™œÿ')).toEqual(bytes);
  });

  it.each([
    ['a Greek letter', 'a Ω', 'Ω'],
    ['an emoji, whole', 'ok \u{1f600}!', '\u{1f600}'],
    ['a letter and its accent apart', 'e\u0301', '\u0301'],
    ['a control character in the place of €', '\x80', '\x80'],
  ])('lacks %s', (_, text, lacks) => {
    expect(foreignTo1252(text)).toBe(lacks);
  });
});
