import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { isZodType, jsonSchemaOf } from '../../../../jobs/schema/from-zod.js';
import { checkOf } from '../../../../jobs/schema/validator.js';

describe('what JSON Schema cannot say of a zod type', () => {
  it.each([
    ['nothing of plain types', z.object({ a: z.string().min(1).max(5), b: z.int().optional() }), []],
    ['nothing of known formats', z.object({ a: z.email(), b: z.iso.date(), c: z.uuid(), d: z.emoji() }), []],
    ['nothing of patterns', z.string().regex(/^a/).regex(/b$/).startsWith('a'), []],
    ['refine', z.object({ a: z.string().refine(() => true) }), ['a: refine']],
    ['superRefine', z.array(z.object({ a: z.string() }).superRefine(() => {})), ['[]: refine']],
    ['transform', z.object({ a: z.array(z.string().transform(Number)) }), ['a[]: pipe', 'a[]: transform']],
    ['codec', z.stringbool(), ['the whole answer: pipe']],
    ['preprocess', z.preprocess(String, z.string()), ['the whole answer: pipe', 'the whole answer: transform']],
    ['trim', z.object({ a: z.string().trim() }), ['a: overwrite']],
    ['custom', z.object({ a: z.custom<string>(() => true) }), ['a: custom', 'a: refine']],
    ['catch', z.object({ a: z.string().catch('x') }), ['a: catch']],
    ['dates', z.object({ a: z.coerce.date().optional() }), ['a: date']],
    ['bigints', z.record(z.string(), z.coerce.bigint()), ['{}: bigint']],
    ['flags', z.tuple([z.string(), z.string().regex(/^a$/i)]), ['[1]: /^a$/i']],
    ['properties of Unicode', z.string().regex(/^\p{L}$/u), ['the whole answer: /^\\p{L}$/u']],
    ['stricter URLs', z.union([z.null(), z.httpUrl()]), ['the whole answer: url']],
    ['what is behind lazy', z.lazy(() => z.string().trim()), ['the whole answer: overwrite']],
  ])('is listed by place: %s', (_name, type, lost) => {
    expect(jsonSchemaOf(type).lost).toEqual(lost);
  });

  it('comes to an end where a type refers to itself', () => {
    const node = z.object({
      name: z.string().trim(),
      get parts() {
        return z.array(node);
      },
    });
    expect(jsonSchemaOf(node).lost).toEqual(['name: overwrite']);
  });

  it('never makes the rest of the schema refuse what zod takes', () => {
    const type = z.object({ a: z.string().regex(/^a$/i), b: z.emoji(), c: z.string().regex(/^\p{L}$/u) });
    const value = { a: 'A', b: '🙂', c: 'é' };
    expect(type.safeParse(value).success).toBe(true);
    expect(checkOf(jsonSchemaOf(type).schema)(value)).toEqual({ data: value });
  });
});

it('knows a zod type of any installation by its shape', () => {
  const foreign = { _zod: { def: { type: 'string' } } };
  expect([z.string(), foreign, {}, null, { _def: {} }, { type: 'string' }].map(isZodType)).toEqual([
    true,
    true,
    false,
    false,
    false,
    false,
  ]);
});
