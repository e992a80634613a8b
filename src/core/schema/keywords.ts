import {
  isJsonSchema,
  isJsonType,
  JSON_TYPES,
  type JsonSchema,
  pointer,
  requiredOf,
  UnusableSchema,
} from '../json-schema.js';

/** Keywords that only say something of one type, for schemas that leave `type` out. */
const TYPE_OF_KEYWORD: ReadonlyMap<string, string> = new Map(
  Object.entries({
    object: 'properties required additionalProperties patternProperties propertyNames minProperties maxProperties',
    array: 'items prefixItems minItems maxItems uniqueItems contains minContains maxContains',
    string: 'minLength maxLength pattern format',
    number: 'minimum maximum exclusiveMinimum exclusiveMaximum multipleOf',
  }).flatMap(([type, keywords]) => keywords.split(' ').map((keyword) => [keyword, type] as const)),
);

/** A keyword whose value is of the wrong shape. */
export function expected({ path, what, got }: { path: string; what: string; got: unknown }): UnusableSchema {
  const problem = `Expected ${what}, got ${JSON.stringify(got)}`;
  return new UnusableSchema({ path, problem, fix: 'See https://json-schema.org/understanding-json-schema.' });
}

const COUNTS = 'minLength maxLength minItems maxItems minProperties maxProperties minContains maxContains'.split(' ');
const NUMBERS = 'minimum maximum multipleOf'.split(' ');

const isScalar = (value: unknown): boolean => typeof value !== 'object' || value === null;

/** What a keyword without schemas inside is to hold. */
const SHAPES: ReadonlyMap<string, { readonly what: string; readonly is: (value: unknown) => boolean }> = new Map([
  ...COUNTS.map(
    (name) =>
      [
        name,
        { what: 'a whole number from 0', is: (value: unknown) => Number.isSafeInteger(value) && Number(value) >= 0 },
      ] as const,
  ),
  ...NUMBERS.map((name) => [name, { what: 'a number', is: (value: unknown) => typeof value === 'number' }] as const),
  [
    'enum',
    {
      what: 'a list of texts, numbers, true, false or null',
      is: (value) => Array.isArray(value) && value.length > 0 && value.every(isScalar),
    },
  ],
  ['const', { what: 'a text, a number, true, false or null', is: isScalar }],
  [
    'required',
    { what: 'a list of names', is: (value) => Array.isArray(value) && value.every((one) => typeof one === 'string') },
  ],
  ['pattern', { what: 'a regular expression without \\p{…}, which cannot be checked', is: isPattern }],
  ['format', { what: 'the name of a format', is: (value) => typeof value === 'string' }],
]);

/** The value of a keyword that holds no schema. Throws UnusableSchema where it is of the wrong shape. */
export function plainKeyword({ name, value, path }: { name: string; value: unknown; path: string }): unknown {
  const shape = SHAPES.get(name);
  if (shape === undefined || shape.is(value)) return value;
  throw expected({ path, what: shape.what, got: value });
}

function isPattern(value: unknown): boolean {
  try {
    return typeof value === 'string' && new RegExp(value) instanceof RegExp && !/\\[pP]\{/.test(value);
  } catch {
    return false;
  }
}

/** In draft 4, `exclusiveMinimum: true` made `minimum` exclusive. */
export function exclusiveBounds(schema: JsonSchema): JsonSchema {
  const result: Record<string, unknown> = {};
  for (const [exclusive, inclusive] of [
    ['exclusiveMinimum', 'minimum'],
    ['exclusiveMaximum', 'maximum'],
  ] as const) {
    if (typeof schema[exclusive] === 'number') result[exclusive] = schema[exclusive];
    if (schema[exclusive] !== true) continue;
    result[exclusive] = schema[inclusive];
    result[inclusive] = undefined;
  }
  return result;
}

/** The type as said, or as the other keywords imply it. */
export function impliedType(schema: JsonSchema, path: string): JsonSchema {
  if (schema.type !== undefined) {
    const types = [...new Set([schema.type].flat())];
    const odd = types.find((one) => !isJsonType(one));
    if (types.length > 0 && odd === undefined) return { type: types.length === 1 ? types[0] : types };
    const fix = `Use one of ${JSON_TYPES.join(', ')}.`;
    throw new UnusableSchema({ path: pointer(path, 'type'), problem: `there is no type ${JSON.stringify(odd)}`, fix });
  }
  if (['enum', 'const'].some((name) => name in schema)) return {};
  const implied = new Set(Object.keys(schema).flatMap((name) => TYPE_OF_KEYWORD.get(name) ?? []));
  const [only] = implied;
  return implied.size === 1 ? { type: only } : {};
}

/** An object's own schema with what the keys are called written out; every required member has a schema. */
export function writtenOut(schema: Record<string, unknown>): JsonSchema {
  const result = Object.fromEntries(Object.entries(schema).filter(([, value]) => value !== undefined));
  if (result.type !== 'object') return result;
  const { propertyNames: names, additionalProperties: value } = result;
  if (isJsonSchema(names) && Array.isArray(names.enum) && result.properties === undefined && isJsonSchema(value)) {
    result.properties = Object.fromEntries(names.enum.map((name) => [String(name), value]));
    result.additionalProperties = false;
    delete result.propertyNames;
  }
  if (isJsonSchema(names) && Object.keys(names).every((name) => name === 'type')) delete result.propertyNames;
  const properties = isJsonSchema(result.properties) ? result.properties : {};
  const unsaid = requiredOf(result).filter((name) => !Object.hasOwn(properties, name));
  if (unsaid.length > 0 && result.patternProperties === undefined) {
    const extra = isJsonSchema(value) ? value : {};
    result.properties = { ...properties, ...Object.fromEntries(unsaid.map((name) => [name, extra])) };
  }
  return result;
}
