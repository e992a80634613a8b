import fc from 'fast-check';
import { describe, it } from 'vitest';
import { CUTS } from './cuts.js';
import { boundOf, loopingStream, watch } from './streams.js';

const MAX_ROWS = 100;
const RUNS = 300;

const WORDS = [
  ...'the of harbour lamp winter ledger Straße Größe über maison été письмо река γέφυρα السوق נהר घर 겨울'.split(' '),
  ...'chapter total Iowa x y 0 1 7 42 1999 3.50 № § & - : /'.split(' '),
];
const cut = fc.constantFrom(...CUTS.values());
const word = fc.constantFrom(...WORDS);
const phrase = (shortest: number, longest: number) =>
  fc.array(word, { minLength: shortest, maxLength: longest }).map((words) => words.join(' '));
const glyphs = fc
  .array(fc.constantFrom(...'春眠不觉晓处闻啼鸟夜来风雨声花落知多少'), { minLength: 1, maxLength: 30 })
  .map((characters) => characters.join(''));

/** One row of a page, as wide as a page is. */
const row = fc.oneof(
  phrase(1, 14),
  glyphs,
  fc
    .tuple(phrase(1, 4), fc.integer({ min: 3, max: 150 }), fc.nat(400))
    .map(([text, dots, page]) => `${text} ${'.'.repeat(dots)} ${page}`),
  fc
    .tuple(fc.constantFrom('-', '=', '_', '*', '. ', '- ', '·'), fc.integer({ min: 3, max: 170 }))
    .map(([mark, times]) => mark.repeat(times)),
  fc
    .tuple(fc.constantFrom('0', '0.00', '-', 'x', '', 'n/a'), fc.integer({ min: 1, max: 40 }))
    .map(([cell, times]) => `|${` ${cell} |`.repeat(times)}`),
  fc.integer({ min: 1, max: 20 }).map((columns) => `|${'---|'.repeat(columns)}`),
  fc.array(fc.nat(9_999), { minLength: 1, maxLength: 40 }).map((numbers) => numbers.join(' ')),
  fc
    .tuple(phrase(1, 3), phrase(1, 3))
    .map(([label, other]) => `${label}: ${'_'.repeat(30)} ${other}: ${'_'.repeat(20)}`),
  fc.constantFrom('', '[ ] yes  [ ] no', '{', '}', '[1]', '"so"', '<b>x</b>', 'for (;;) {', '    nop'),
);

/** A page: each row once or several times, no more rows than there is room for. */
const page = fc
  .array(
    fc.tuple(
      row,
      fc.oneof({ weight: 4, arbitrary: fc.constant(1) }, { weight: 1, arbitrary: fc.integer({ min: 2, max: 60 }) }),
    ),
    {
      maxLength: 30,
    },
  )
  .map((rows) => rows.flatMap(([text, times]) => Array<string>(times).fill(text)).slice(0, MAX_ROWS));

/** What repeats within a row: no line end in it, and something to see. */
const inRow = fc.oneof(
  phrase(1, 120).map((text) => ` ${text}`),
  glyphs,
  fc.tuple(phrase(1, 20), fc.constantFrom('.', ')', ':')).map(([text, stop]) => ` {n}${stop} ${text}`),
);
const block = fc.array(
  phrase(1, 10).map((text) => `so ${text}\n`),
  { minLength: 1, maxLength: 60 },
);

describe('any text', () => {
  it('that fits on a page is no loop', () => {
    const isQuiet = (rows: readonly string[], cutInto: Cut) => watch(cutInto(rows.join('\n')), MAX_ROWS) === null;
    fc.assert(fc.property(page, cut, isQuiet), { numRuns: RUNS });
  });

  it('that begins to repeat within a row is found in time', () => {
    const isInTime = (rows: readonly string[], period: string, cutInto: Cut) =>
      isFoundInTime({ head: `${rows.join('\n')}\n`, period, rows: 0, maxRows: MAX_ROWS }, cutInto);
    fc.assert(fc.property(page, inRow, cut, isInTime), { numRuns: RUNS });
  });

  it('that begins to repeat its rows is found in time', () => {
    const isInTime = (rows: readonly string[], lines: readonly string[], cutInto: Cut) =>
      isFoundInTime(
        { head: `${rows.join('\n')}\n`, period: lines.join(''), rows: lines.length, maxRows: MAX_ROWS },
        cutInto,
      );
    fc.assert(fc.property(page, block, cut, isInTime), { numRuns: RUNS });
  });
});

type Cut = (text: string) => readonly string[];

function isFoundInTime(looping: Parameters<typeof loopingStream>[0], cutInto: Cut): boolean {
  const pieces = cutInto(loopingStream(looping));
  const found = watch(pieces, looping.maxRows);
  return found !== null && found.pieces <= boundOf(looping, pieces);
}
