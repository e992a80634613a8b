import { describe, expect, it } from 'vitest';
import { boundedSchema, LONGEST_LIST, LONGEST_TEXT } from '../../../../jobs/schema/bounded.js';
import { cutsOf } from '../../../../jobs/schema/cuts.js';
import { checkOf } from '../../../../jobs/schema/validator.js';
import type { JsonSchema } from '../../../../src/core/json-schema.js';

const text = { type: 'string', maxLength: LONGEST_TEXT };

describe('the schema that a model answers to', () => {
  it('ends every text and list that the user left open', () => {
    const schema = {
      type: 'array',
      items: {
        type: 'object',
        properties: { a: { type: 'string' } },
        required: ['a'],
        additionalProperties: { type: 'string' },
      },
    };
    expect(boundedSchema(schema)).toEqual({
      type: 'array',
      maxItems: LONGEST_LIST,
      items: { type: 'object', properties: { a: text }, required: ['a'], additionalProperties: text },
    });
  });

  it("keeps the user's own limits, and passes those that are larger", () => {
    const own = { type: 'array', maxItems: 900, items: { type: 'string', maxLength: 9_000 } };
    expect(boundedSchema(own)).toEqual(own);
    expect(boundedSchema({ type: 'array', minItems: 300, items: { type: 'null' } }).maxItems).toBe(300);
    expect(boundedSchema({ type: 'string', minLength: 3_000 }).maxLength).toBe(3_000);
  });

  it('asks for every member, null where there is nothing to say', () => {
    const schema = {
      type: 'object',
      properties: { a: { type: 'number' }, b: { type: 'number', description: 'B' }, c: { type: ['number', 'null'] } },
      required: ['a'],
    };
    expect(boundedSchema(schema)).toEqual({
      type: 'object',
      properties: {
        a: { type: 'number' },
        b: { description: 'B', anyOf: [{ type: 'number' }, { type: 'null' }] },
        c: { type: ['number', 'null'] },
      },
      required: ['a', 'b', 'c'],
    });
  });

  it('reaches into choices, tuples and references', () => {
    const open = { type: 'string' };
    const schema = { anyOf: [open, { type: 'array', prefixItems: [open] }, { $ref: '#/$defs/a' }], $defs: { a: open } };
    expect(boundedSchema(schema)).toEqual({
      anyOf: [text, { type: 'array', prefixItems: [text] }, { $ref: '#/$defs/a' }],
      $defs: { a: text },
    });
  });

  it('takes a plain value for anything, because any value has no end', () => {
    expect(boundedSchema({ type: 'array', items: {} }).items).toEqual({
      type: ['string', 'number', 'boolean', 'null'],
      maxLength: LONGEST_TEXT,
    });
  });

  it('leaves fixed values alone', () => {
    expect(boundedSchema({ type: 'string', enum: ['a'] })).toEqual({ type: 'string', enum: ['a'] });
  });

  it('is not what fails an answer that is longer', () => {
    const long = 'x'.repeat(LONGEST_TEXT + 1);
    expect(checkOf({ type: 'string' })(long)).toEqual({ data: long });
  });
});

describe('an answer that was cut', () => {
  const schema: JsonSchema = {
    type: 'object',
    properties: {
      lines: { type: 'array', items: { $ref: '#/$defs/line' } },
      own: { type: 'array', maxItems: LONGEST_LIST, items: { type: 'number' } },
      limited: { type: 'string', maxLength: LONGEST_TEXT },
      choice: { anyOf: [{ type: 'null' }, { type: 'string' }] },
    },
    $defs: { line: { type: 'object', properties: { note: { type: 'string' } } } },
  };
  const full = Array.from({ length: LONGEST_LIST }, () => 1);

  it('is known by the limits that the user did not set', () => {
    const note = 'x'.repeat(LONGEST_TEXT);
    expect(cutsOf(schema, { lines: full.map(() => ({})) })).toEqual(['$.lines: 200 elements']);
    expect(cutsOf(schema, { lines: [{}, { note }] })).toEqual(['$.lines[1].note: 2000 characters']);
    expect(cutsOf(schema, { choice: note })).toEqual(['$.choice: 2000 characters']);
  });

  it('is not one that ends at a limit of the user, or before', () => {
    expect(cutsOf(schema, { own: full, limited: 'x'.repeat(LONGEST_TEXT) })).toEqual([]);
    expect(cutsOf(schema, { lines: full.slice(1).map(() => ({})), choice: 'x'.repeat(LONGEST_TEXT - 1) })).toEqual([]);
  });

  it('counts characters as people do', () => {
    expect(cutsOf({ type: 'string' }, '😀'.repeat(LONGEST_TEXT - 1))).toEqual([]);
    expect(cutsOf({ type: 'string' }, '😀'.repeat(LONGEST_TEXT))).toHaveLength(1);
  });
});
