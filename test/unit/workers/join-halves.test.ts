import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { joinHalves as join } from '../../../workers/join-halves.js';

const joinHalves = (upper: string, lower: string, share?: number) => join(upper, lower, share).text;

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

  it('are joined although what is left of a line that was cut is noise', () => {
    const upper = [...LINES.slice(0, 22), 'Iine 2 wi'].join('\n');
    const lower = ['~ 1 8 nn', ...LINES.slice(18)].join('\n');
    expect(join(upper, lower, 0.18)).toEqual({ text: LINES.join('\n'), isJoined: true });
  });

  it('are joined although one of them has blank lines that the other has not', () => {
    const lower = ['', ...LINES.slice(18, 20), '', ...LINES.slice(20)].join('\n');
    expect(joinHalves(LINES.slice(0, 22).join('\n'), lower)).toBe(LINES.join('\n'));
  });

  it.each([2, 4, 6])('have as many equal rows as stand on the page, with %i of them in both', (both) => {
    const rows = (n: number) => Array.from({ length: n }, () => '1 Milk 1.29').join('\n');
    expect(joinHalves(rows(24), `${rows(23)}\nTOTAL`, both / 24).split('\n')).toHaveLength(48 - both);
  });

  it('say whether they were found to meet, or not to where they share no line', () => {
    expect(join('one\ntwo', 'three\nfour', 0.2).isJoined).toBe(false);
    expect(join('one\ntwo', 'three\nfour', 0)).toEqual({ text: 'one\ntwo\nthree\nfour', isJoined: true });
    expect(join('one\ntwo', 'two\nthree', 0)).toEqual({ text: 'one\ntwo\ntwo\nthree', isJoined: false });
  });

  it('keep the line at a cut that is no rest of the one beside it, and say so', () => {
    const above = ['Milk 1.29', 'Bread 2.49', 'Cheese 3.99'];
    const below = ['Bread 2.49', 'Cheese 3.99', 'Total 20.00', 'Cash', 'Change', 'Thanks', 'Hours', 'Phone', 'Web'];
    const join18 = (upper: readonly string[], lower: readonly string[]) =>
      join(upper.join('\n'), lower.join('\n'), 0.18);
    const kept = (...at: readonly string[]) => ({ text: at.join('\n'), isJoined: false });
    expect(join18([...above, 'Deposit 500.00'], below)).toEqual(kept(...above, 'Deposit 500.00', ...below.slice(2)));
    expect(join18(above, ['Card refund 99', ...below])).toEqual(kept('Milk 1.29', 'Card refund 99', ...below));
    expect(join18([...above, 'Deposit 500.00'], ['Card refund 99', ...below])).toEqual(
      kept('Milk 1.29', 'Card refund 99', 'Bread 2.49', 'Cheese 3.99', 'Deposit 500.00', ...below.slice(2)),
    );
    expect(join18([...above, 'Thank you'], below.slice(0, 2))).toEqual(kept(...above, 'Thank you'));
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
