import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { columnsOf } from '../../../../jobs/schema/columns.js';
import { describeSchema } from '../../../../jobs/schema/describe.js';
import { jsonSchemaOf } from '../../../../jobs/schema/from-zod.js';

const node = z.object({
  name: z.string(),
  get next() {
    return node.nullish();
  },
  get parts() {
    return z.array(node);
  },
});

const receipt = z.object({
  shop: z.object({ name: z.string().describe('As printed.'), city: z.string().optional() }),
  date: z.iso.date(),
  total: z.number().min(0).describe('Sum to pay'),
  count: z.int().nullable(),
  paid: z.enum(['cash', 'card']).optional(),
  items: z.array(z.object({ what: z.string().max(80) })).max(50),
  page: z.int(),
  either: z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('a'), x: z.boolean() }),
    z.object({ kind: z.literal('b'), y: z.tuple([z.string(), z.number()]) }),
  ]),
});

describe('a schema in words', () => {
  it('is told field by field', () => {
    expect(describeSchema(jsonSchemaOf(receipt).schema)).toBe(
      `- shop (object)
  - name (text): As printed
  - city (text, or null if it cannot be seen)
- date (date as YYYY-MM-DD)
- total (number from 0): Sum to pay
- count (whole number, or null if it cannot be seen)
- paid (one of "cash", "card", or null if it cannot be seen)
- items (list (at most 50) of: object)
  - what (text, at most 80 characters)
- page (whole number)
- either (object)
  - kind (exactly "a")
  - x (true or false)
  or
  - kind (exactly "b")
  - y (list of, in this order: text; number)`,
    );
  });

  it('ends where an object stands in itself', () => {
    expect(describeSchema(jsonSchemaOf(node).schema).split('\n')).toEqual([
      '- name (text)',
      '- next (object, or null if it cannot be seen)',
      '- parts (list of: object)',
    ]);
    expect(describeSchema(jsonSchemaOf(z.json()).schema).length).toBeLessThan(600);
  });

  it('is one word for a value without fields', () => {
    expect(describeSchema({ type: 'array', items: { enum: ['a', 'b'] } })).toBe('list of: one of "a", "b"');
    expect(describeSchema({ type: 'object', additionalProperties: { type: 'number' } })).toBe(
      'object of names, each with: number',
    );
  });
});

describe('columns of a schema', () => {
  it('are one for each member, inner ones by both names, lists and choices whole', () => {
    const columns = columnsOf(jsonSchemaOf(receipt).schema, new Set(['id', 'page']));
    expect(columns.map(({ header }) => header)).toEqual([
      'shop.name',
      'shop.city',
      'date',
      'total',
      'count',
      'paid',
      'items',
      'data.page',
      'either',
    ]);
    expect(columns[1]).toEqual({ header: 'shop.city', path: ['data', 'shop', 'city'] });
    expect(columns[7]).toEqual({ header: 'data.page', path: ['data', 'page'] });
  });

  it('look through null and references', () => {
    const inner = { type: 'object', properties: { b: { type: 'string' } } };
    const schema = {
      type: 'object',
      properties: { a: { anyOf: [{ $ref: '#/$defs/x' }, { type: 'null' }] } },
      $defs: { x: inner },
    };
    expect(columnsOf(schema, new Set())).toEqual([{ header: 'a.b', path: ['data', 'a', 'b'] }]);
  });

  it('end where an object stands in itself, and where its names are open', () => {
    expect(columnsOf(jsonSchemaOf(node).schema, new Set()).map(({ header }) => header)).toEqual([
      'name',
      'next',
      'parts',
    ]);
    const open = { type: 'object', properties: { a: { type: 'object', additionalProperties: { type: 'null' } } } };
    expect(columnsOf(open, new Set()).map(({ header }) => header)).toEqual(['a']);
  });

  it('are never two of one name', () => {
    const schema = {
      type: 'object',
      properties: { 'a.b': { type: 'null' }, a: { type: 'object', properties: { b: { type: 'null' } } } },
    };
    expect(columnsOf(schema, new Set()).map(({ header }) => header)).toEqual(['a.b', 'data.a.b']);
  });

  it('are one for a value that is no object', () => {
    expect(columnsOf({ type: 'array', items: {} }, new Set())).toEqual([{ header: 'data', path: ['data'] }]);
  });
});
