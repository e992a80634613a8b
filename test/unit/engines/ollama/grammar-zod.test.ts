import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { jsonSchemaOf } from '../../../../jobs/schema/from-zod.js';
import { type JsonSchema, UnusableSchema } from '../../../../src/core/json-schema.js';
import { grammarOf } from '../../../../src/engines/ollama/grammar.js';

const text = { type: 'string' };
const number = { type: 'number' };
const safe = { minimum: Number.MIN_SAFE_INTEGER, maximum: Number.MAX_SAFE_INTEGER };
const object = (properties: JsonSchema, required = Object.keys(properties)): JsonSchema => ({
  type: 'object',
  properties,
  ...(required.length === 0 ? {} : { required }),
});

const node = z.object({
  name: z.string(),
  get parts() {
    return z.array(node);
  },
});
const nodeOnWire = object({ name: text, parts: { type: 'array', items: { $ref: '#/$defs/root' } } });
const jsonOnWire = {
  anyOf: [
    text,
    number,
    { type: 'boolean' },
    { type: 'null' },
    { type: 'array', items: { $ref: '#/$defs/root' } },
    { type: 'object', additionalProperties: { $ref: '#/$defs/root' } },
  ],
};

type Row = readonly [name: string, type: z.ZodType, wire: JsonSchema, dropped?: readonly string[]];

/** What reaches the server of each type. */
const ON_WIRE: readonly Row[] = [
  ['string', z.string(), text],
  ['string with lengths', z.string().min(1).max(5), { ...text, minLength: 1, maxLength: 5 }],
  ['string of a length', z.string().length(4), { ...text, minLength: 4, maxLength: 4 }],
  ['regex', z.string().regex(/^\d{3}$/), { ...text, pattern: '^[0-9]{3}$' }],
  ['two regexes', z.string().regex(/^a{2}/).regex(/b$/), text, ['allOf', 'pattern']],
  ['regex with a flag', z.string().regex(/^[a-z]$/i), text],
  ['startsWith', z.string().startsWith('a'), text, ['format', 'pattern']],
  ['endsWith', z.string().endsWith('a'), text, ['format', 'pattern']],
  ['includes', z.string().includes('a'), text, ['format', 'pattern']],
  ['lowercase', z.string().lowercase(), text, ['format', 'pattern']],
  ['uppercase', z.string().uppercase(), text, ['format', 'pattern']],
  ['trim', z.string().trim(), text],
  ['toLowerCase', z.string().toLowerCase(), text],
  ['toUpperCase', z.string().toUpperCase(), text],
  ['normalize', z.string().normalize(), text],
  ['iso.date', z.iso.date(), { ...text, format: 'date' }, ['pattern']],
  ['iso.datetime', z.iso.datetime(), { ...text, format: 'date-time' }, ['pattern']],
  [
    'iso.datetime, local',
    z.iso.datetime({ local: true }),
    { ...text, pattern: expect.stringContaining('T(([01][0-9]|') },
  ],
  ['iso.time', z.iso.time(), { ...text, pattern: expect.stringMatching(/^\^\(\[01\]\[0-9\]/) }],
  ['iso.duration', z.iso.duration(), text, ['format', 'pattern']],
  ['uuid', z.uuid(), { ...text, format: 'uuid' }, ['pattern']],
  ['guid', z.guid(), { ...text, format: 'uuid' }, ['pattern']],
  ['email', z.email(), text, ['format', 'pattern']],
  ['url', z.url(), text, ['format']],
  ['httpUrl', z.httpUrl(), text, ['format']],
  ['emoji', z.emoji(), text, ['format']],
  ['nanoid', z.nanoid(), { ...text, pattern: '^[a-zA-Z0-9_-]{21}$' }, ['format']],
  ['cuid', z.cuid(), { ...text, pattern: '^[cC][0-9a-z]{6,2000}$' }, ['format']],
  ['cuid2', z.cuid2(), { ...text, pattern: '^[0-9a-z]{1,2000}$' }, ['format']],
  ['ulid', z.ulid(), { ...text, pattern: expect.stringMatching(/\{25\}\$$/) }, ['format']],
  ['xid', z.xid(), { ...text, pattern: expect.stringMatching(/\{20\}\$$/) }, ['format']],
  ['ksuid', z.ksuid(), { ...text, pattern: expect.stringMatching(/\{27\}\$$/) }, ['format']],
  ['ipv4', z.ipv4(), { ...text, pattern: expect.stringContaining('25[0-5]') }, ['format']],
  ['ipv6', z.ipv6(), { ...text, pattern: expect.stringContaining('[0-9a-fA-F]{1,4}') }, ['format']],
  ['cidrv4', z.cidrv4(), { ...text, pattern: expect.stringContaining('25[0-5]') }, ['format']],
  ['cidrv6', z.cidrv6(), expect.objectContaining(text), ['format']],
  ['mac', z.mac(), text, ['format', 'pattern']],
  ['base64', z.base64(), text, ['contentEncoding', 'format', 'pattern']],
  ['base64url', z.base64url(), { ...text, pattern: expect.any(String) }, ['contentEncoding', 'format']],
  ['e164', z.e164(), { ...text, pattern: '^[+][1-9][0-9]{6,14}$' }, ['format']],
  ['jwt', z.jwt(), text, ['format']],
  ['hostname', z.hostname(), text, ['format', 'pattern']],
  ['hex', z.hex(), { ...text, pattern: '^[0-9a-fA-F]{0,2000}$' }, ['format']],
  ['hash', z.hash('sha256'), { ...text, pattern: '^[0-9a-fA-F]{64}$' }, ['format']],
  ['creditCard', z.creditCard(), { ...text, pattern: '^[0-9]([ -]?[0-9]){11,18}$' }, ['format']],
  ['iban', z.iban(), text, ['format', 'pattern']],
  ['stringFormat', z.stringFormat('x', /^x$/), { ...text, pattern: '^x$' }, ['format']],
  ['template literal', z.templateLiteral(['a', z.int()]), { ...text, pattern: expect.stringMatching(/^\^a-\?/) }],
  ['number', z.number(), number],
  ['number in bounds', z.number().min(1).max(2), number, ['maximum', 'minimum']],
  ['multipleOf', z.number().multipleOf(5), number, ['multipleOf']],
  ['float32', z.float32(), number, ['maximum', 'minimum']],
  ['int', z.int(), { type: 'integer', ...safe }],
  ['int32', z.int32(), { type: 'integer', minimum: -(2 ** 31), maximum: 2 ** 31 - 1 }],
  ['positive int', z.int().positive(), { type: 'integer', minimum: 1, maximum: safe.maximum }],
  ['boolean', z.boolean(), { type: 'boolean' }],
  ['null', z.null(), { type: 'null' }],
  ['any', z.any(), {}],
  ['unknown', z.unknown(), {}],
  ['json', z.json(), { ...jsonOnWire, $defs: { root: jsonOnWire } }],
  ['literal', z.literal('a'), { ...text, const: 'a' }],
  ['several literals', z.literal(['a', 1, null]), { enum: ['a', 1, null] }],
  ['enum', z.enum(['a', 'b']), { ...text, enum: ['a', 'b'] }],
  ['enum of numbers', z.enum({ A: 0, B: 1 }), { ...number, enum: [0, 1] }],
  ['object', z.object({ a: z.string(), b: z.string().optional() }), object({ a: text, b: text }, ['a'])],
  ['strictObject', z.strictObject({ a: z.string() }), { ...object({ a: text }), additionalProperties: false }],
  ['looseObject', z.looseObject({ a: z.string() }), { ...object({ a: text }), additionalProperties: false }],
  [
    'catchall',
    z.object({ a: z.string() }).catchall(z.number()),
    { ...object({ a: text }), additionalProperties: number },
  ],
  ['array', z.array(z.string()).min(1).max(2), { type: 'array', items: text, minItems: 1, maxItems: 2 }],
  [
    'tuple',
    z.tuple([z.string(), z.number()]),
    { type: 'array', prefixItems: [text, number], minItems: 2, maxItems: 2 },
  ],
  [
    'tuple with a rest',
    z.tuple([z.string()], z.number()),
    { type: 'array', prefixItems: [text], minItems: 1 },
    ['items'],
  ],
  ['record', z.record(z.string(), z.number()), { type: 'object', additionalProperties: number }],
  [
    'record of listed keys',
    z.record(z.enum(['a', 'b']), z.number()),
    { ...object({ a: number, b: number }), additionalProperties: false },
  ],
  [
    'partialRecord',
    z.partialRecord(z.enum(['a']), z.number()),
    { ...object({ a: number }, []), additionalProperties: false },
  ],
  ['looseRecord', z.looseRecord(z.string().regex(/^x/), z.number()), { type: 'object' }, ['patternProperties']],
  ['union', z.union([z.string(), z.array(z.number())]), { anyOf: [text, { type: 'array', items: number }] }],
  ['union of plain types', z.union([z.string(), z.number()]), { type: ['string', 'number'] }],
  ['xor', z.xor([z.string(), z.number()]), { oneOf: [text, number] }],
  [
    'discriminatedUnion',
    z.discriminatedUnion('k', [z.object({ k: z.literal('a') }), z.object({ k: z.literal('b'), n: z.number() })]),
    { oneOf: [object({ k: { ...text, const: 'a' } }), object({ k: { ...text, const: 'b' }, n: number })] },
  ],
  [
    'intersection',
    z.intersection(z.object({ a: z.string() }), z.object({ b: z.number() })),
    object({ a: text, b: number }),
  ],
  ['optional', z.string().optional(), text],
  ['exactOptional', z.exactOptional(z.string()), text],
  ['nonoptional', z.string().optional().nonoptional(), text],
  ['nullable', z.string().nullable(), { type: ['string', 'null'] }],
  ['nullish', z.string().max(5).nullish(), { anyOf: [{ ...text, maxLength: 5 }, { type: 'null' }] }],
  ['default', z.string().default('x'), text],
  ['prefault', z.string().prefault('x'), text],
  ['catch', z.string().catch('x'), text],
  ['readonly', z.string().readonly(), text],
  ['lazy', z.lazy(() => z.string()), text],
  ['recursive', node, { ...nodeOnWire, $defs: { root: nodeOnWire } }],
  ['transform', z.string().transform(Number), text],
  ['a transform alone', z.transform((value) => value), {}],
  ['preprocess', z.preprocess((value) => value, z.string()), text],
  ['pipe', z.string().pipe(z.coerce.number()), text],
  ['codec', z.codec(z.string(), z.number(), { decode: Number, encode: String }), text],
  ['stringbool', z.stringbool(), text],
  ['brand', z.string().brand('x'), text],
  ['refine', z.string().refine(() => true), text],
  ['superRefine', z.string().superRefine(() => {}), text],
  ['meta', z.string().meta({ title: 't', examples: ['a'] }), text],
  ['custom', z.custom(() => true), {}],
  ['instanceof', z.instanceof(Object), {}],
  ['success', z.success(z.string()), { type: 'boolean' }],
  ['coerce.number', z.coerce.number(), number],
  ['coerce.bigint', z.coerce.bigint(), { type: 'integer' }],
  [
    'coerce.date',
    z.coerce.date(),
    {
      anyOf: [
        { ...text, format: 'date' },
        { ...text, format: 'date-time' },
      ],
    },
  ],
];

/** Types that no JSON value has, or no value at all. */
const REFUSED: readonly (readonly [name: string, type: z.ZodType])[] = [
  ['bigint', z.bigint()],
  ['int64', z.int64()],
  ['date', z.date()],
  ['symbol', z.symbol()],
  ['undefined', z.undefined()],
  ['void', z.void()],
  ['nan', z.nan()],
  ['never', z.never()],
  ['literal of a bigint', z.literal(1n)],
  ['map', z.map(z.string(), z.number())],
  ['set', z.set(z.string())],
  ['file', z.file()],
  ['promise', z.promise(z.string())],
  ['function', z.function() as unknown as z.ZodType],
  ['intersection of two kinds', z.intersection(z.string(), z.number())],
];

/** Every kind of type that zod has, as its own types list them: one that is added does not compile. */
const KINDS = Object.keys({
  string: true,
  number: true,
  int: true,
  boolean: true,
  bigint: true,
  symbol: true,
  null: true,
  undefined: true,
  void: true,
  never: true,
  any: true,
  unknown: true,
  date: true,
  object: true,
  record: true,
  file: true,
  array: true,
  tuple: true,
  union: true,
  intersection: true,
  map: true,
  set: true,
  enum: true,
  literal: true,
  nullable: true,
  optional: true,
  nonoptional: true,
  success: true,
  transform: true,
  default: true,
  prefault: true,
  catch: true,
  nan: true,
  pipe: true,
  readonly: true,
  template_literal: true,
  promise: true,
  lazy: true,
  function: true,
  custom: true,
} satisfies Record<z.core.$ZodTypeDef['type'], true>);

describe('a zod type for the server', () => {
  for (const [name, type, wire, dropped = []] of ON_WIRE) {
    it(`is sent: ${name}`, () => {
      const { schema, dropped: paths } = grammarOf(jsonSchemaOf(type).schema);
      expect(schema).toEqual(wire);
      expect(paths.toSorted()).toEqual(dropped.map((keyword) => `#/${keyword}`));
    });
  }

  for (const [name, type] of ON_WIRE.filter(([, type]) => !isRecursive(type))) {
    it(`is the same inside an object: ${name}`, () => {
      const alone = grammarOf(jsonSchemaOf(type).schema).schema;
      const { schema } = grammarOf(jsonSchemaOf(z.object({ a: type })).schema);
      expect(schema.properties).toEqual({ a: alone });
    });
  }

  for (const [name, type] of REFUSED) {
    it(`is refused with its path: ${name}`, () => {
      const attempt = () => grammarOf(jsonSchemaOf(z.object({ total: type })).schema);
      expect(attempt).toThrow(UnusableSchema);
      expect(attempt).toThrow(/^#\/properties\/total/);
    });
  }

  it('has a row in these tables, whatever its kind', () => {
    const covered = new Set<string>([...ON_WIRE, ...REFUSED].map(([, type]) => type._zod.def.type));
    // z.int() is of the kind number.
    expect(KINDS.filter((kind) => !covered.has(kind))).toEqual(['int']);
  });
});

function isRecursive(type: z.ZodType): boolean {
  return grammarOf(jsonSchemaOf(type).schema).schema.$defs !== undefined;
}
