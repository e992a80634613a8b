import { describe, expect, it } from 'vitest';
import type { SentImage } from '../../../src/core/record.js';
import { cellsOf, explodedLines } from '../../../src/results/rows.js';
import { aRecord } from '../../support/builders.js';

const image = (sha: string): SentImage => ({
  sha256: sha.repeat(64),
  width: 20,
  height: 10,
  sent_width: 20,
  sent_height: 10,
  sent_bytes: 5,
});
const column = (...path: readonly string[]) => ({ header: path.join('.'), path });

describe('the cells of a record', () => {
  const cell = (record: ReturnType<typeof aRecord>, ...path: string[]) => cellsOf(record, [column(...path)])[0];

  it('are text and numbers as they are, and nothing for null, a missing member and an empty list', () => {
    expect(cell(aRecord({ text: ' a ' }), 'text')).toBe(' a ');
    expect(cell(aRecord(), 'timing_ms', 'total')).toBe(12);
    for (const path of [['error', 'code'], ['warnings'], ['row', 'shelf'], ['image', 'width'], ['verify', 'missing']]) {
      expect(cell(aRecord(), ...path)).toBe('');
    }
  });

  it('are JSON for lists', () => {
    expect(cell(aRecord({ warnings: ['cut', 'dim'] }), 'warnings')).toBe('["cut","dim"]');
    expect(cell(aRecord({ source: ['a.png', 'b.png'] }), 'source')).toBe('["a.png","b.png"]');
    expect(cell(aRecord({ image: [image('a'), { ...image('b'), width: 7 }] }), 'image', 'width')).toBe('[20,7]');
    expect(cell(aRecord({ row: { shelf: '3' } }), 'row', 'shelf')).toBe('3');
  });

  it('are the parts of the data, each as what it is', () => {
    const data = { total: { amount: -1.5, paid: false, note: null }, lines: [{ a: 1 }], at: { x: [] }, '7': 'seven' };
    const record = aRecord({ text: null, data });
    expect(cell(record, 'data', 'total', 'amount')).toBe(-1.5);
    expect(cell(record, 'data', 'total', 'paid')).toBe('false');
    expect(cell(record, 'data', 'total', 'note')).toBe('');
    expect(cell(record, 'data', 'lines')).toBe('[{"a":1}]');
    expect(cell(record, 'data', 'at')).toBe('{"x":[]}');
    expect(cell(record, 'data', '7')).toBe('seven');
    expect(cell(record, 'data', 'toString')).toBe('');
    expect(cell(aRecord({ data: null }), 'data', 'total', 'amount')).toBe('');
  });

  it('are one answer of several, and nothing for a question that was not reached', () => {
    const record = aRecord({ text: null, answers: [{ question: 'Q', text: 'A' }] });
    expect(cell(record, 'answers', '0', 'text')).toBe('A');
    expect(cell(record, 'answers', '1', 'text')).toBe('');
  });
});

describe('the lines of an exploded list', () => {
  const COLUMNS = [
    column('id'),
    column('data', 'items', 'name'),
    column('data', 'items', 'tags'),
    column('data', 'items'),
    column('data', 'shop'),
  ];
  const lines = (items: unknown) =>
    explodedLines(COLUMNS, ['data', 'items'])(aRecord({ data: JSON.parse(JSON.stringify({ items, shop: 'S' })) }));

  it('are one for each element, the other cells repeated', () => {
    expect(lines([{ name: 'tea', tags: ['a', 'b'] }, { name: 'milk' }])).toEqual([
      ['a.png', 'tea', '["a","b"]', '{"name":"tea","tags":["a","b"]}', 'S'],
      ['a.png', 'milk', '', '{"name":"milk"}', 'S'],
    ]);
  });

  it('show elements that are no objects as they are', () => {
    expect(lines(['x', 2, null, [1]]).map((line) => line[3])).toEqual(['x', 2, '', '[1]']);
  });

  it('are one, with empty cells, where the list is empty or absent', () => {
    for (const items of [[], null, undefined]) expect(lines(items)).toEqual([['a.png', '', '', '', 'S']]);
    expect(explodedLines(COLUMNS, ['data', 'items'])(aRecord({ data: null }))).toEqual([['a.png', '', '', '', '']]);
  });
});
