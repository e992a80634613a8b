import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { joinHalves } from '../../../workers/join-halves.js';

const LINES = Array.from({ length: 40 }, (_, at) => `Line ${at + 1}: ${wordOf(at)} and ${wordOf(at * 7 + 3)}`);

describe('two halves of a page', () => {
  it('are joined where they overlap', () => {
    expect(joinHalves(LINES.slice(0, 22).join('\n'), LINES.slice(18).join('\n'))).toBe(LINES.join('\n'));
  });

  it('are joined although the model wrote blanks and marks otherwise the second time', () => {
    const lower = LINES.slice(18).join('\n').replace('Line 20:', 'LINE  20;');
    expect(joinHalves(LINES.slice(0, 22).join('\n'), lower)).toBe(LINES.join('\n'));
  });

  it('lose the rests of lines that the cut went through', () => {
    const upper = [...LINES.slice(0, 22), (LINES[22] ?? '').replaceAll('e', 'c')].join('\n');
    const lower = [(LINES[17] ?? '').replaceAll('n', 'u'), ...LINES.slice(18)].join('\n');
    expect(joinHalves(upper, lower)).toBe(LINES.join('\n'));
  });

  it('are kept whole where nothing matches: a line twice is better than a line lost', () => {
    expect(joinHalves('one\ntwo', 'three\nfour')).toBe('one\ntwo\nthree\nfour');
  });

  it('do not match on blank lines or rules alone', () => {
    expect(joinHalves('one\n\n---', '---\n\ntwo')).toBe('one\n\n---\n---\n\ntwo');
  });

  it('lose no row of a table whose rows are only alike', () => {
    const row = (n: number) => `${n} apples ${10 + n}.00`;
    const page = [1, 2, 3, 4, 5].map(row);
    expect(joinHalves(page.slice(0, 3).join('\n'), `${page.slice(3).join('\n')}\nTotal`)).toBe(
      `${page.join('\n')}\nTotal`,
    );
    expect(joinHalves('Item A\nItem B', 'Item C\nItem D')).toBe('Item A\nItem B\nItem C\nItem D');
    expect(joinHalves('one\ntwo\nthree', 'two\nfour')).toBe('one\ntwo\nthree\ntwo\nfour');
  });

  it('lose no more equal rows than an overlap can hold', () => {
    const rows = (n: number) => Array.from({ length: n }, () => '0 0 0 0 0 0').join('\n');
    expect(joinHalves(rows(50), rows(50)).split('\n').length).toBeGreaterThanOrEqual(89);
  });

  it('give the page back wherever it is cut, with any overlap of up to a fifth', () => {
    const page = fc.uniqueArray(fc.stringMatching(/^[a-z]{6,20} [a-z]{6,20}$/), { minLength: 12, maxLength: 60 });
    fc.assert(
      fc.property(page, fc.double({ min: 0.02, max: 0.1, noNaN: true }), (lines, share) => {
        const overlap = Math.max(1, Math.floor(lines.length * share));
        const middle = Math.floor(lines.length / 2);
        const upper = lines.slice(0, middle + overlap);
        const lower = lines.slice(middle);
        expect(joinHalves(upper.join('\n'), lower.join('\n'))).toBe(lines.join('\n'));
      }),
    );
  });
});

function wordOf(at: number): string {
  return ['apple', 'basket', 'candle', 'donkey', 'engine', 'fiddle', 'garden'][at % 7] + String(at * at);
}
