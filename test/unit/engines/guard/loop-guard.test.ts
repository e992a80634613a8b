import { describe, expect, it } from 'vitest';
import { LoopGuard, rowsOf } from '../../../../src/engines/guard/loop-guard.js';
import { CUTS } from './cuts.js';
import { watch } from './streams.js';

const MAX_ROWS = 100;

describe('a loop', () => {
  it('of lines is named with its copies, and kept up to the first of them', () => {
    const head = 'Invoice 7\nShop\n';
    expect(watch(letters(`${head}${'Total: 0\n'.repeat(200)}`), MAX_ROWS)?.loop).toEqual({
      kind: 'line',
      keptLength: `${head}Total: 0\n`.length,
      what: 'the line "Total: 0" 101 times',
    });
  });

  it('of a block is known with the copy that no longer fits on the page', () => {
    const block = 'one\ntwo\nthree\nfour\n';
    expect(watch(letters(block.repeat(25)), MAX_ROWS)).toBeNull();
    const found = watch(letters(block.repeat(26)), MAX_ROWS);
    expect(found).toMatchObject({ pieces: block.length * 26, loop: { kind: 'block', keptLength: block.length } });
  });

  it('of rows that count is a loop as equal rows are', () => {
    const rows = (count: number) => Array.from({ length: count }, (_, at) => `${at + 1}. ____\n`).join('');
    expect(watch(letters(rows(MAX_ROWS)), MAX_ROWS)).toBeNull();
    expect(watch(letters(rows(MAX_ROWS + 2)), MAX_ROWS)?.loop.kind).toBe('line');
  });

  it('of a sentence in one line is known long before the page is full of it', () => {
    const sentence = 'The table shows the results of the survey in detail. ';
    const found = watch(words(sentence.repeat(50)), MAX_ROWS);
    expect(found?.loop).toMatchObject({ kind: 'phrase', keptLength: sentence.length });
    expect(found?.loop.what).toMatch(/^the phrase "The table shows the result.*…" \d times$/);
  });

  it('of white space is kept up to where it begins', () => {
    const found = watch(letters(`Signed:${' '.repeat(500)}`), MAX_ROWS);
    expect(found?.loop).toMatchObject({ kind: 'whitespace', keptLength: 'Signed:'.length });
  });

  it('of long lines is counted in the rows that they would fill', () => {
    const line = `${Array.from({ length: 150 }, (_, at) => `word${at * at}`).join(' ')}\n`;
    const copies = Math.floor(MAX_ROWS / Math.ceil(line.length / 300));
    expect(watch(letters(line.repeat(copies)), MAX_ROWS)).toBeNull();
    expect(watch(letters(line.repeat(copies + 1)), MAX_ROWS)?.loop.kind).toBe('line');
  });

  it('of blank lines is known beyond the rows of the page', () => {
    expect(watch(letters(`Signed:${'\n'.repeat(MAX_ROWS)}`), MAX_ROWS)).toBeNull();
    expect(watch(letters(`Signed:${' \n'.repeat(MAX_ROWS + 1)}`), MAX_ROWS)?.loop.kind).toBe('whitespace');
  });

  it('of numbers in one line is known by how they count, two of each too', () => {
    const twoOfEach = Array.from({ length: 200 }, (_, at) => `${at + 1} ${at + 1} `).join('');
    expect(watch(letters(twoOfEach), MAX_ROWS)?.loop.kind).toBe('phrase');
  });

  it('is told again by each further piece', () => {
    const guard = new LoopGuard({ maxRows: 3 });
    const loop = guard.push('x\n'.repeat(4));
    expect(loop).not.toBeNull();
    expect(guard.push('and on')).toBe(loop);
    expect(guard.endsInLoop()).toBe(loop);
  });

  it('is found wherever the pieces are cut, at the same place where no bar is in tokens', () => {
    const text = `${'a page\n'.repeat(3)}${'one\ntwo\n'.repeat(90)}`;
    const kept = [...CUTS.values()].map((cut) => watch(cut(text), MAX_ROWS)?.loop.keptLength);
    expect(kept).toEqual([29, 29, 29, 29]);
  });
});

describe('true repetition', () => {
  it('within a line ends where a row of a page would', () => {
    expect(watch(words(`Name ${'_'.repeat(1_900)} Date`), MAX_ROWS)).toBeNull();
    expect(watch(words(`Name ${'_'.repeat(2_100)} Date`), MAX_ROWS)?.loop.kind).toBe('token');
  });

  it('of numbers is none where they neither stay nor count', () => {
    const numbers = Array.from({ length: 3_000 }, (_, at) => (at * at * 7) % 10_007);
    expect(watch(letters(numbers.join(' ')), MAX_ROWS)).toBeNull();
    expect(watch(letters(numbers.join('\n')), MAX_ROWS)).toBeNull();
  });

  it('of an object is one row, however many lines it takes', () => {
    const rows = (count: number) => JSON.stringify({ rows: Array(count).fill({ a: '', b: 0, c: null }) }, null, 2);
    expect(watch(letters(rows(MAX_ROWS)), MAX_ROWS)).toBeNull();
    expect(watch(letters(rows(MAX_ROWS + 3)), MAX_ROWS)?.loop.kind).toBe('block');
  });

  it('of what only looks like JSON is counted in lines', () => {
    const rows = (count: number) => '[1] see {below}, [x] done\n'.repeat(count);
    expect(watch(letters(rows(MAX_ROWS)), MAX_ROWS)).toBeNull();
    expect(watch(letters(rows(MAX_ROWS + 1)), MAX_ROWS)?.loop.kind).toBe('line');
  });
});

describe('an answer that was cut', () => {
  it('ends in a loop after three copies', () => {
    const line = 'Please sign here.\n';
    expect(cut(`A page\n${line.repeat(3)}Please si`)).toEqual({
      kind: 'line',
      keptLength: 'A page\n'.length + line.length,
      what: 'the line "Please sign here." 3 times',
    });
    expect(cut(`A page\n${line.repeat(2)}Please si`)).toBeNull();
  });

  it('ends in a loop of numbers that count', () => {
    expect(cut('So: 1. a line 2. a line 3. a line 4. a line 5. a line 6')?.kind).toBe('phrase');
  });

  it('ends in none where the copies are short', () => {
    expect(cut('Ha, ha, ha')).toBeNull();
  });

  it('ends in a loop after thirty equal pieces, of any length', () => {
    const guard = new LoopGuard({ maxRows: MAX_ROWS });
    for (const piece of ['Hi', ...Array<string>(29).fill(' .')]) guard.push(piece);
    expect(guard.endsInLoop()?.kind).toBe('token');
    const blank = new LoopGuard({ maxRows: MAX_ROWS });
    for (const piece of ['Hi', ...Array<string>(15).fill('\n'), ...Array<string>(15).fill(' ')]) blank.push(piece);
    expect(blank.endsInLoop()).toMatchObject({ kind: 'whitespace', keptLength: 3 });
  });

  it('ends in none where it is prose', () => {
    expect(cut('It was a bright cold day, and the clocks were striking')).toBeNull();
    expect(cut('')).toBeNull();
  });
});

describe('rows of an image', () => {
  it('are its height by ten, one at least and two hundred at most', () => {
    expect([1, 64, 999, 1_000, 5_000].map(rowsOf)).toEqual([1, 6, 99, 100, 200]);
  });
});

function letters(text: string): readonly string[] {
  return text.split('');
}

function words(text: string): readonly string[] {
  return CUTS.get('words')?.(text) ?? [];
}

function cut(text: string) {
  const guard = new LoopGuard({ maxRows: MAX_ROWS });
  for (const piece of words(text)) expect(guard.push(piece)).toBeNull();
  return guard.endsInLoop();
}
