import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { checkOf, checkOfZod } from '../../../../jobs/schema/validator.js';
import type { JsonSchema } from '../../../../src/core/json-schema.js';

const total: JsonSchema = {
  type: 'object',
  properties: { total: { type: 'number' }, note: { type: 'string' }, tip: { type: ['number', 'null'] } },
  required: ['total'],
};

describe('a check by JSON Schema', () => {
  it('gives the value back that is allowed', () => {
    expect(checkOf(total)({ total: 1.5, note: 'x' })).toEqual({ data: { total: 1.5, note: 'x' } });
  });

  it('complains in one line an issue, by path', () => {
    const lines: JsonSchema = { type: 'array', items: total };
    expect(checkOf(lines)([{ total: '1' }, { note: 2 }])).toEqual({
      complaint: [
        '[0].total: Invalid input: expected number, received string',
        '[1].total: Invalid input: expected number, received undefined',
        '[1].note: Invalid input: expected string, received number',
      ].join('\n'),
    });
  });

  it('complains of the choice that comes closest', () => {
    const check = checkOf({ anyOf: [{ type: 'null' }, { type: 'object', properties: { a: total } }] });
    expect(check({ a: { total: 'x' } })).toEqual({
      complaint: 'a.total: Invalid input: expected number, received string',
    });
  });

  it('keeps a complaint short', () => {
    const result = checkOf({ type: 'array', items: { type: 'number' } })(Array.from({ length: 500 }, () => 'x'));
    if (!('complaint' in result)) throw new Error('Expected a complaint');
    expect(result.complaint.length).toBeLessThanOrEqual(1_000);
    expect(result.complaint.endsWith('\n… and more')).toBe(true);
  });

  it('takes null for a member that was left out, only where the schema has no null of its own', () => {
    const check = checkOf(total);
    expect(check({ total: 1, note: null, tip: null })).toEqual({ data: { total: 1, tip: null } });
    expect(check({ total: null })).toEqual({ complaint: 'total: Invalid input: expected number, received null' });
  });

  it('finds such members in lists, choices and references', () => {
    const schema: JsonSchema = {
      $defs: { line: { type: 'object', properties: { a: { type: 'string' } } } },
      type: 'object',
      properties: {
        list: { type: 'array', items: { $ref: '#/$defs/line' } },
        choice: {
          oneOf: [
            { type: 'object', properties: { kind: { const: 'x' }, a: { type: 'string' } }, required: ['kind'] },
            {
              type: 'object',
              properties: { kind: { const: 'y' }, a: { type: ['string', 'null'] } },
              required: ['kind'],
            },
          ],
        },
      },
    };
    const check = checkOf(schema);
    expect(check({ list: [{ a: null }], choice: { kind: 'x', a: null } })).toEqual({
      data: { list: [{}], choice: { kind: 'x' } },
    });
    expect(check({ choice: { kind: 'y', a: null } })).toEqual({ data: { choice: { kind: 'y', a: null } } });
  });

  it.each([
    [{ type: 'string', allOf: [{ pattern: '^a' }, { pattern: 'b$' }] }, 'ab', 'ac'],
    [{ properties: { a: { type: 'string' } }, required: ['a'] }, { a: 'x' }, {}],
    [{ required: ['a'] }, { a: 1 }, {}],
    [{ type: 'string', nullable: true }, null, 1],
    [{ type: 'integer', minimum: 0, exclusiveMinimum: true }, 1, 0],
    [{ type: 'array', items: [{ type: 'string' }], additionalItems: false }, ['a'], ['a', 'b']],
    [{ $ref: '#/definitions/a', definitions: { a: { type: 'null' } } }, null, 1],
    [{ type: 'object', propertyNames: { pattern: '^x' }, additionalProperties: true }, { x1: 1 }, { y: 1 }],
    [{ type: 'array', uniqueItems: true }, [1, 2], [1, 1]],
    [{ type: 'number', multipleOf: 5 }, 10, 11],
    [{ type: 'string', format: 'date' }, '2024-02-29', '2023-02-29'],
  ] as const)('holds a value to what a grammar cannot hold it to: %j', (schema, good, bad) => {
    const check = checkOf(schema as unknown as JsonSchema);
    expect(check(good)).toEqual({ data: good });
    expect(check(bad)).toHaveProperty('complaint');
  });

  it('says of a schema that cannot be checked where and why', () => {
    expect(() => checkOf({ type: 'object', properties: { a: { if: {} } } })).toThrow('#/properties/a/if');
  });
});

describe('a check by zod', () => {
  it('gives what zod makes of the value, as JSON', () => {
    const type = z.object({
      day: z.coerce.date(),
      name: z.string().trim(),
      big: z.coerce.bigint(),
      tags: z.array(z.string()).transform((tags) => new Set(tags)),
      currency: z.string().default('EUR'),
      note: z.string().optional(),
    });
    const answer = { day: '2024-01-02', name: ' a ', big: 12, tags: ['x', 'x'], currency: null, note: null };
    expect(checkOfZod(type)(answer)).toEqual({
      data: { day: '2024-01-02T00:00:00.000Z', name: 'a', big: 12, tags: ['x'], currency: 'EUR' },
    });
  });

  it('hears the checks of the user', () => {
    const check = checkOfZod(z.object({ a: z.number().refine((a) => a > 0, 'Expected more than nothing') }));
    expect(check({ a: -1 })).toEqual({ complaint: 'a: Expected more than nothing' });
  });

  it('takes a check that throws for a complaint', () => {
    const throws = z.string().refine(() => {
      throw new Error('boom');
    });
    expect(checkOfZod(throws)('a')).toEqual({ complaint: "The schema's own check failed: boom" });
  });

  it.each([
    ['check', z.object({ a: z.array(z.string().refine(async () => true)) }), '#/properties/a/items'],
    ['transform', z.object({ a: z.string().transform(async (a) => a) }), '#/properties/a'],
  ])('refuses an async %s, by its place', (_what, type, place) => {
    expect(() => checkOfZod(type)).toThrow(`${place}: it has an async check or transform`);
  });

  it('says of a check that turns out to give a promise that the schema is wrong, not the answer', () => {
    const type = z.object({ a: z.string().superRefine(async () => {}) });
    expect(() => checkOfZod(type)({ a: 'x' })).toThrow(expect.objectContaining({ code: 'ASK_REFUSED' }));
    expect(checkOfZod(type)({ a: 1 })).toHaveProperty('complaint');
  });
});
