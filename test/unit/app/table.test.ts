import { describe, expect, it } from 'vitest';
import { mergedTable, tableOf } from '../../../src/app/table.js';
import type { Ask } from '../../../src/core/ask.js';
import { EXIT, ExitError } from '../../../src/core/exit.js';
import type { JsonSchema } from '../../../src/core/json-schema.js';
import { anAsk } from '../../support/builders.js';

const RECEIPT: JsonSchema = {
  type: 'object',
  properties: {
    status: { type: 'string' },
    shop: { type: 'object', properties: { name: { type: 'string' }, phones: { $ref: '#/$defs/texts' } } },
    items: {
      anyOf: [{ type: 'array', items: { $ref: '#/$defs/item' } }, { type: 'null' }],
    },
    'items.name': { type: 'string' },
    note: { anyOf: [{ type: 'array', items: { type: 'string' } }, { type: 'string' }] },
  },
  $defs: {
    texts: { type: 'array', items: { type: 'string' } },
    item: {
      type: 'object',
      properties: { name: { type: 'string' }, price: { $ref: '#/$defs/price' }, parts: { $ref: '#/$defs/texts' } },
    },
    price: { type: 'object', properties: { net: { type: 'number' }, tax: { type: 'number' } } },
  },
};
const extracts = (schema: JsonSchema): Ask => anAsk({ task: 'extract', form: { kind: 'data', schema, columns: null } });
const DEFAULT = { columns: 'default', explode: null } as const;
const headers = (...of: Parameters<typeof tableOf>): string[] => tableOf(...of).columns.map(({ header }) => header);

describe('the table of a run', () => {
  it('has the columns of the data, and tells which of them and of the manifest have another name', () => {
    const meta = { ask: extracts(RECEIPT), carried: ['id', 'shelf', 'items'] };
    expect(headers(meta, DEFAULT)).toEqual([
      ...['id', 'source', 'page', 'status', 'data.status', 'shop.name', 'shop.phones', 'items', 'items.name', 'note'],
      ...['error.code', 'error.message', 'warnings', 'row.id', 'shelf', 'row.items'],
    ]);
    expect(tableOf(meta, DEFAULT).renamed).toEqual([
      { name: 'status', header: 'data.status' },
      { name: 'id', header: 'row.id' },
      { name: 'items', header: 'row.items' },
    ]);
  });

  it('tells of no other name where the column is one that a table of everything has', () => {
    const { columns, renamed } = tableOf({ ask: extracts({ type: 'array' }) }, { ...DEFAULT, columns: 'all' });
    expect(columns.filter(({ path }) => path[0] === 'data')).toEqual([{ header: 'data', path: ['data'] }]);
    expect(renamed).toEqual([]);
  });

  it('is that of a text where the run began before there were other tasks, and manifests', () => {
    const { form: _, ...ask } = anAsk();
    expect(headers({ ask: ask as Ask }, DEFAULT)).toEqual([
      ...['id', 'source', 'page', 'status', 'text', 'error.code', 'error.message', 'warnings'],
    ]);
  });
});

describe('an exploded table', () => {
  const exploded = (explode: string, ask = extracts(RECEIPT)) =>
    tableOf({ ask, carried: ['shelf'] }, { ...DEFAULT, explode });
  const inside = (explode: string, ask?: Ask) => {
    const { columns, explode: list } = exploded(explode, ask);
    return columns.filter(({ path }) => list?.every((name, index) => path[index] === name));
  };

  it('has the columns of an element in the place of the list', () => {
    expect(exploded('items').explode).toEqual(['data', 'items']);
    expect(exploded('items').columns.map(({ header }) => header)).toEqual([
      ...['id', 'source', 'page', 'status', 'data.status', 'shop.name', 'shop.phones'],
      ...['data.items.name', 'items.price.net', 'items.price.tax', 'items.parts', 'items.name', 'note'],
      ...['error.code', 'error.message', 'warnings', 'shelf'],
    ]);
    expect(inside('items').map(({ path }) => path.slice(2))).toEqual([
      ['name'],
      ['price', 'net'],
      ['price', 'tax'],
      ['parts'],
    ]);
  });

  it('has one column for elements that are no objects of known members', () => {
    expect(inside('shop.phones')).toEqual([{ header: 'shop.phones', path: ['data', 'shop', 'phones'] }]);
    const ask = extracts({ type: 'array', items: { type: 'object' } });
    expect(inside('data', ask)).toEqual([{ header: 'data', path: ['data'] }]);
  });

  it('takes a list that is the whole of the data, and labels of which several are allowed', () => {
    const list = extracts({ type: 'array', items: { type: 'object', properties: { box: { type: 'string' } } } });
    expect(inside('data', list)).toEqual([{ header: 'data.box', path: ['data', 'box'] }]);
    const labels = anAsk({ task: 'classify', form: { kind: 'labels', labels: ['a', 'b'], multi: true } });
    expect(inside('label', labels)).toEqual([{ header: 'label', path: ['label'] }]);
  });

  it.each([
    ['shop.name', 'shop.phones, items'],
    ['note', 'shop.phones, items'],
    ['warnings', 'shop.phones, items'],
    ['Items', 'shop.phones, items'],
  ])('is refused for %s with exit 2, naming the columns that hold lists', (explode, lists) => {
    expect(refusal(() => exploded(explode))).toMatchObject({
      exitCode: EXIT.usage,
      message: expect.stringContaining(`got ${explode}`),
      fix: `Name one: ${lists}.`,
    });
  });

  it('is refused where the task has no list', () => {
    const questions = anAsk({ task: 'ask', form: { kind: 'answers', questions: ['a?', 'b?'] } });
    const one = anAsk({ task: 'classify', form: { kind: 'labels', labels: ['a', 'b'], multi: false } });
    for (const ask of [questions, one, anAsk()]) {
      expect(refusal(() => exploded('label', ask)).fix).toContain('No column');
    }
  });
});

describe('the table of several runs', () => {
  const asks = (...questions: string[]): Ask => anAsk({ task: 'ask', form: { kind: 'answers', questions } });
  const members = (...names: string[]): Ask =>
    extracts({ type: 'object', properties: Object.fromEntries(names.map((name) => [name, { type: 'string' }])) });
  const merged = (...runs: Parameters<typeof mergedTable>[0]) => {
    const { columns, renamed } = mergedTable(runs, DEFAULT);
    const results = columns.filter(({ path: [member = ''] }) =>
      ['text', 'label', 'data', 'answers', 'row'].includes(member),
    );
    return { columns: results.map(({ header, path }) => [header, path.join('/')]), renamed };
  };

  it('is, of one run, that of the run', () => {
    const run = { ask: asks('status', 'page', 'Who?'), carried: ['id', 'shelf'] };
    expect(mergedTable([run], DEFAULT)).toEqual(tableOf(run, DEFAULT));
  });

  it.each([
    { first: anAsk(), second: members('text', 'total') },
    { first: members('text', 'total'), second: anAsk() },
  ])('has a column for what two tasks call the same, and tells which goes by another name', ({ first, second }) => {
    const { columns, renamed } = merged({ ask: first }, { ask: second });
    expect(Object.fromEntries(columns)).toEqual({ text: 'text', 'data.text': 'data/text', total: 'data/total' });
    expect(renamed).toEqual([{ name: 'text', header: 'data.text' }]);
  });

  it('has one column for what two runs have in the same place', () => {
    expect(merged({ ask: members('total', 'shop') }, { ask: members('shop', 'status') })).toEqual({
      columns: [
        ['total', 'data/total'],
        ['shop', 'data/shop'],
        ['data.status', 'data/status'],
      ],
      renamed: [{ name: 'status', header: 'data.status' }],
    });
  });

  it('calls a carried column otherwise where a later run has a result of its name', () => {
    const { columns, renamed } = merged({ ask: anAsk(), carried: ['shop'] }, { ask: members('shop') });
    expect(Object.fromEntries(columns)).toEqual({ text: 'text', 'row.shop': 'row/shop', shop: 'data/shop' });
    expect(renamed).toEqual([{ name: 'shop', header: 'row.shop' }]);
  });

  it('puts no answer below the question of another run', () => {
    expect(merged({ ask: asks('Who?', 'When?') }, { ask: asks('Who?', 'Where?') })).toEqual({
      columns: [
        ['Who?', 'answers/0/text'],
        ['answer 2', 'answers/1/text'],
      ],
      renamed: [
        { name: 'When?', header: 'answer 2' },
        { name: 'Where?', header: 'answer 2' },
      ],
    });
  });
});

function refusal(refused: () => unknown): ExitError {
  try {
    refused();
  } catch (error) {
    if (error instanceof ExitError) return error;
    throw error;
  }
  throw new Error('Expected a refusal');
}
