import { describe, expect, it } from 'vitest';
import { tableOf } from '../../../src/app/table.js';
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

function refusal(refused: () => unknown): ExitError {
  try {
    refused();
  } catch (error) {
    if (error instanceof ExitError) return error;
    throw error;
  }
  throw new Error('Expected a refusal');
}
