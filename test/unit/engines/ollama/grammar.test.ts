import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type JsonSchema, UnusableSchema } from '../../../../src/core/json-schema.js';
import { grammarOf } from '../../../../src/engines/ollama/grammar.js';

const reduced = (schema: JsonSchema) => grammarOf(schema).schema;
const inObject = (property: JsonSchema): JsonSchema => ({ type: 'object', properties: { a: property } });
const reducedInside = (property: JsonSchema) => {
  const { schema, dropped } = grammarOf(inObject(property));
  const { a } = (schema.properties ?? {}) as Record<string, JsonSchema>;
  return { a, dropped };
};

function refusal(schema: JsonSchema): UnusableSchema {
  try {
    grammarOf(schema);
  } catch (error) {
    if (error instanceof UnusableSchema) return error;
    throw error;
  }
  throw new Error('Expected a refusal');
}

describe('a schema for the server', () => {
  it('keeps what the recorded server was sent', () => {
    const recorded = {
      type: 'object',
      properties: { zeta: { type: 'boolean' }, alpha: { type: 'string', maxLength: 5 } },
      required: ['zeta', 'alpha'],
    };
    expect(grammarOf(recorded)).toEqual({ schema: recorded, dropped: [] });
    const long = { type: 'object', properties: { t: { type: 'string', minLength: 50 } }, required: ['t'] };
    expect(grammarOf(long)).toEqual({ schema: long, dropped: [] });
  });

  it('says the same whatever the order of keys', () => {
    const one = { type: 'object', required: ['a'], properties: { a: { maxLength: 3, type: 'string' } } };
    const other = { properties: { a: { type: 'string', maxLength: 3 } }, type: 'object', required: ['a'] };
    expect(grammarOf(one)).toEqual(grammarOf(other));
  });

  it('is its own reduction', () => {
    const { schema } = grammarOf(
      inObject({ allOf: [{ minimum: 1 }, { type: 'integer' }], nullable: true, description: 'x' }),
    );
    expect(grammarOf(schema)).toEqual({ schema, dropped: [] });
  });

  it('is its own reduction, whatever it was made of', () => {
    const plain = fc.constantFrom<JsonSchema>(
      { type: 'string', pattern: '^\\d+$', minLength: 1 },
      { type: 'integer', minimum: 0.5 },
      { enum: ['a', 1, null] },
      { const: 'x', description: 'd' },
      { $ref: '#/definitions/d' },
      { $ref: '#' },
      {},
    );
    const { schema } = fc.letrec<{ schema: JsonSchema }>((tie) => ({
      schema: fc.oneof(
        { depthSize: 'small' },
        plain,
        fc.record({ type: fc.constant('array'), items: tie('schema'), maxItems: fc.nat(9) }),
        fc.record({ properties: fc.dictionary(fc.constantFrom('a', 'b', 'c'), tie('schema')), nullable: fc.boolean() }),
        fc.record({ anyOf: fc.array(tie('schema'), { minLength: 1, maxLength: 3 }) }),
        fc.record({ prefixItems: fc.array(tie('schema'), { minLength: 1, maxLength: 3 }), items: fc.constant(false) }),
      ),
    }));
    const root = schema.map((a) => ({ type: 'object', properties: { a }, definitions: { d: { type: 'null' } } }));
    fc.assert(
      fc.property(root, (random) => {
        const once = grammarOf(random).schema;
        expect(grammarOf(once)).toEqual({ schema: once, dropped: [] });
        expect(JSON.stringify(once)).not.toMatch(/definitions|nullable|"items":false|"\$ref":"#"/);
      }),
    );
  });

  it('leaves out words about values without a mention', () => {
    const words = {
      $schema: 'x',
      $id: 'y',
      title: 't',
      description: 'd',
      default: 'e',
      examples: ['f'],
      $comment: 'g',
    };
    expect(grammarOf({ ...words, type: 'string' })).toEqual({ schema: { type: 'string' }, dropped: [] });
  });

  it.each([
    [{ type: 'number', minimum: 1, maximum: 2 }, ['minimum', 'maximum']],
    [{ type: 'number', multipleOf: 0.01 }, ['multipleOf']],
    [{ type: 'string', format: 'email' }, ['format']],
    [{ type: 'string', pattern: 'abc', maxLength: 9 }, ['pattern']],
    [{ type: 'array', items: { type: 'null' }, uniqueItems: true }, ['uniqueItems']],
    [{ type: 'array', items: { type: 'null' }, contains: { type: 'null' } }, ['contains']],
    [{ type: 'object', minProperties: 1, maxProperties: 2 }, ['minProperties', 'maxProperties']],
    [{ type: 'object', patternProperties: { '^x': { type: 'null' } } }, ['patternProperties']],
    [{ type: 'object', propertyNames: { pattern: '^x$' }, additionalProperties: { type: 'null' } }, ['propertyNames']],
    [{ type: 'string', pattern: '^[a-z]{3}$', allOf: [{ pattern: '^a' }] }, ['allOf']],
  ] as const)('names what %j has and a grammar cannot hold', (property, keywords) => {
    expect(reducedInside(property).dropped).toEqual(keywords.map((keyword) => `#/properties/a/${keyword}`));
  });

  it('keeps the lengths of a text whose pattern it cannot keep', () => {
    expect(reducedInside({ type: 'string', pattern: 'abc', minLength: 2, maxLength: 9 }).a).toEqual({
      type: 'string',
      minLength: 2,
      maxLength: 9,
    });
  });

  it.each(['date', 'time', 'date-time', 'uuid'])('holds %s by its format, not by its pattern', (format) => {
    const { a, dropped } = reducedInside({ type: 'string', format, pattern: '^\\d$', maxLength: 9 });
    expect(a).toEqual({ type: 'string', format });
    expect(dropped).toEqual(['#/properties/a/pattern']);
  });

  it('bounds whole numbers by whole numbers', () => {
    expect(reduced({ type: 'integer', minimum: 0.5, maximum: 9.5 })).toEqual({
      type: 'integer',
      minimum: 1,
      maximum: 9,
    });
    expect(reduced({ type: 'integer', exclusiveMinimum: 0, exclusiveMaximum: 10 })).toEqual({
      type: 'integer',
      minimum: 1,
      maximum: 9,
    });
    expect(grammarOf({ type: 'integer', maximum: 1e300 })).toEqual({
      schema: { type: 'integer' },
      dropped: ['#/maximum'],
    });
  });

  it('writes a tuple without what stands beside it', () => {
    const parts = [{ type: 'string' }, { type: 'number' }];
    const tuple = { type: 'array', prefixItems: parts };
    expect(grammarOf({ ...tuple, items: false, minItems: 2, maxItems: 2 })).toEqual({
      schema: { ...tuple, minItems: 2, maxItems: 2 },
      dropped: [],
    });
    expect(grammarOf({ ...tuple, items: { type: 'null' } })).toEqual({ schema: tuple, dropped: ['#/items'] });
    expect(grammarOf({ type: 'array', items: parts, additionalItems: false })).toEqual({ schema: tuple, dropped: [] });
  });

  it('makes nullable a choice of null', () => {
    expect(reducedInside({ type: 'string', nullable: true }).a).toEqual({
      anyOf: [{ type: 'string' }, { type: 'null' }],
    });
  });

  it('gives each of several types its own keywords', () => {
    expect(reduced({ type: ['object', 'null'], properties: { a: { type: 'string' } } })).toEqual({
      anyOf: [{ type: 'object', properties: { a: { type: 'string' } } }, { type: 'null' }],
    });
    expect(reduced({ type: ['string', 'null'] })).toEqual({ type: ['string', 'null'] });
    expect(reduced({ type: ['string', 'null'], enum: ['a', null] })).toEqual({ enum: ['a', null] });
  });

  it('closes an object whose further members may be anything', () => {
    const closed = { type: 'object', properties: { a: { type: 'string' } }, additionalProperties: false };
    expect(reduced({ ...closed, additionalProperties: {} })).toEqual(closed);
    const open = { type: 'object', additionalProperties: { type: 'number' } };
    expect(reduced(open)).toEqual(open);
  });

  it('merges all that an object is to be', () => {
    const parts = [
      { type: 'object', properties: { a: { type: 'string', minLength: 1 } }, required: ['a'] },
      { $ref: '#/$defs/more' },
    ];
    const more = { properties: { a: { maxLength: 5 }, b: { type: 'number' } }, required: ['b'] };
    expect(grammarOf({ allOf: parts, $defs: { more } })).toEqual({
      schema: {
        type: 'object',
        properties: { a: { type: 'string', minLength: 1, maxLength: 5 }, b: { type: 'number' } },
        required: ['a', 'b'],
      },
      dropped: [],
    });
  });

  it('gives each choice what stands beside the choices, which the server would forget', () => {
    const a = { a: { type: 'string' } };
    const beside = {
      type: 'object',
      properties: a,
      anyOf: [{ required: ['a'] }, { properties: { b: { type: 'null' } } }],
    };
    expect(reduced(beside)).toEqual({
      anyOf: [
        { type: 'object', properties: a, required: ['a'] },
        { type: 'object', properties: { b: { type: 'null' }, ...a } },
      ],
    });
  });

  it('points every reference to a plain name under $defs', () => {
    const leaf = { type: 'string' };
    const schema = {
      type: 'object',
      properties: { self: { $ref: '#' }, old: { $ref: '#/definitions/a~1b' }, sibling: { $ref: '#/properties/old' } },
      definitions: { 'a/b': leaf },
    };
    const body = {
      type: 'object',
      properties: { self: { $ref: '#/$defs/root' }, old: { $ref: '#/$defs/a_1b' }, sibling: { $ref: '#/$defs/old' } },
    };
    expect(grammarOf(schema)).toEqual({
      schema: { ...body, $defs: { root: body, a_1b: leaf, old: { $ref: '#/$defs/a_1b' } } },
      dropped: [],
    });
  });
});

describe('a schema that no answer can be held to', () => {
  it.each([
    [{ type: 'blob' }, '#/type'],
    [inObject({ type: ['string', 'text'] }), '#/properties/a/type'],
    [inObject({ $ref: 'https://example.org/a.json' }), '#/properties/a/$ref'],
    [inObject({ $ref: 'other.json#/a' }), '#/properties/a/$ref'],
    [inObject({ $ref: '#/$defs/nowhere' }), '#/properties/a/$ref'],
    [inObject({ allOf: [{ $ref: '#/properties/a' }] }), '#/properties/a/allOf/0'],
    [inObject({ enum: [] }), '#/properties/a/enum'],
    [inObject({ enum: [{ b: 1 }] }), '#/properties/a/enum'],
    [inObject({ type: 'string', enum: [1, 2] }), '#/properties/a'],
    [inObject({ type: 'string', const: 1 }), '#/properties/a'],
    [inObject({ allOf: [{ type: 'string' }, { type: 'number' }] }), '#/properties/a/allOf/1'],
    [inObject({ allOf: [{ const: 1 }, { const: 2 }] }), '#/properties/a/allOf/1'],
    [inObject({ allOf: [{ enum: [1] }, { enum: [2] }] }), '#/properties/a/allOf/1'],
    [inObject({ type: 'string', minLength: 3, maxLength: 2 }), '#/properties/a'],
    [inObject({ type: 'array', minItems: -1 }), '#/properties/a/minItems'],
    [inObject({ type: 'string', anyOf: [{ type: 'number' }] }), '#/properties/a'],
    [inObject({ anyOf: [] }), '#/properties/a/anyOf'],
    [inObject({ type: 'string', pattern: '(' }), '#/properties/a/pattern'],
    [inObject({ not: {} }), '#/properties/a'],
    [inObject({ not: { type: 'null' } }), '#/properties/a/not'],
    [inObject({ if: {} }), '#/properties/a/if'],
    [{ type: 'object', properties: { $ref: { type: 'string' } } }, '#/properties/$ref'],
    [{ type: 'object', properties: { a: false } }, '#/properties/a'],
    [{ type: 'object', properties: [] }, '#/properties'],
  ])('is refused at its path: %j', (schema, path) => {
    const { path: at, message, fix } = refusal(schema as JsonSchema);
    expect(at).toBe(path);
    expect(message.startsWith(`${path}: `)).toBe(true);
    expect(fix).not.toBe('');
  });
});
