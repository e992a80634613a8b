import { canonicalJson } from '../canonical-json.js';
import {
  isJsonSchema,
  type JsonSchema,
  type JsonType,
  pointer,
  requiredOf,
  typesOf,
  UnusableSchema,
} from '../json-schema.js';

/** Words about a schema, which constrain nothing. The first one said holds. */
export const ANNOTATIONS: ReadonlySet<string> = new Set([
  'title',
  'description',
  'default',
  'examples',
  'readOnly',
  'writeOnly',
  'deprecated',
]);

const LOWER_BOUNDS = new Set(['minLength', 'minItems', 'minProperties', 'minimum', 'exclusiveMinimum', 'minContains']);
const UPPER_BOUNDS = new Set(['maxLength', 'maxItems', 'maxProperties', 'maximum', 'exclusiveMaximum', 'maxContains']);

/** Where in the document the two schemas stand that are merged. */
interface Place {
  readonly path: string;
}

/**
 * One schema that allows what both allow, both in normal form. What cannot be said in one (two patterns, two unions)
 * stays beside it in `allOf`. Throws UnusableSchema where nothing is allowed by both.
 */
export function merged(a: JsonSchema, b: JsonSchema, place: Place): JsonSchema {
  const [union, other] = unionOf(a) === null ? [b, a] : [a, b];
  const keyword = unionOf(union);
  if (keyword !== null && unionOf(other) === null && isConstrained(other)) {
    return distributed({ union, keyword, other }, place);
  }
  const result: Record<string, unknown> = {};
  const rest: unknown[] = [a.allOf, b.allOf].flatMap((list) => (Array.isArray(list) ? list : []));
  for (const name of new Set([...Object.keys(a), ...Object.keys(b)])) {
    if (name === 'allOf' || OBJECT_KEYWORDS.has(name)) continue;
    const value = mergedKeyword({ name, a: a[name], b: b[name] }, place);
    if (value === undefined) rest.push({ ...typeOf(b), [name]: b[name] });
    result[name] = value === undefined ? a[name] : value;
  }
  Object.assign(result, mergedMembers(a, b, place));
  if (rest.length > 0) result.allOf = rest;
  return withPossibleValues(result, place);
}

function typeOf(schema: JsonSchema): JsonSchema {
  return schema.type === undefined ? {} : { type: schema.type };
}

function unionOf(schema: JsonSchema): 'anyOf' | 'oneOf' | null {
  if (Array.isArray(schema.anyOf)) return 'anyOf';
  return Array.isArray(schema.oneOf) ? 'oneOf' : null;
}

function isConstrained(schema: JsonSchema): boolean {
  return Object.keys(schema).some((name) => !ANNOTATIONS.has(name));
}

interface Distribution {
  readonly union: JsonSchema;
  readonly keyword: 'anyOf' | 'oneOf';
  readonly other: JsonSchema;
}

/** `A and (X or Y)` is `(A and X) or (A and Y)`. Choices that contradict A can never be taken. */
function distributed({ union, keyword, other }: Distribution, place: Place): JsonSchema {
  const { [keyword]: choices, ...beside } = union;
  const base = merged(other, beside, place);
  const words = Object.fromEntries(Object.entries(base).filter(([name]) => ANNOTATIONS.has(name)));
  const bare = Object.fromEntries(Object.entries(base).filter(([name]) => !ANNOTATIONS.has(name)));
  const taken = (Array.isArray(choices) ? choices.filter(isJsonSchema) : []).flatMap((choice) => {
    try {
      return [merged(choice, bare, place)];
    } catch (error) {
      if (error instanceof UnusableSchema) return [];
      throw error;
    }
  });
  if (taken.length === 0) throw contradiction(place, 'no choice fits what stands beside them');
  return { ...words, [keyword]: taken };
}

interface Keyword {
  readonly name: string;
  readonly a: unknown;
  readonly b: unknown;
}

/** What a keyword of both says; undefined where one keyword cannot say it. */
function mergedKeyword(keyword: Keyword, place: Place): unknown {
  const { name, a, b } = keyword;
  if (a === undefined || b === undefined) return a ?? b;
  if (ANNOTATIONS.has(name) || canonicalJson(a) === canonicalJson(b)) return a;
  if (typeof a === 'number' && typeof b === 'number' && name !== 'const') return tighter({ name, a, b });
  return mergedValues(keyword, place);
}

function tighter({ name, a, b }: { readonly name: string; readonly a: number; readonly b: number }): unknown {
  if (LOWER_BOUNDS.has(name)) return Math.max(a, b);
  return UPPER_BOUNDS.has(name) ? Math.min(a, b) : undefined;
}

function mergedValues({ name, a, b }: Keyword, place: Place): unknown {
  switch (name) {
    case 'type':
      return commonTypes(typesOf({ type: a }), typesOf({ type: b }), place);
    case 'const':
      throw contradiction(place, `the value is to be ${JSON.stringify(a)} and ${JSON.stringify(b)}`);
    case 'enum':
      return Array.isArray(a) && Array.isArray(b) ? a.filter((value) => b.includes(value)) : undefined;
    case 'items':
      return isJsonSchema(a) && isJsonSchema(b) ? merged(a, b, { path: pointer(place.path, name) }) : undefined;
    default:
      return undefined;
  }
}

function commonTypes(a: readonly JsonType[], b: readonly JsonType[], place: Place): JsonType | readonly JsonType[] {
  const common = new Set(a.flatMap((one) => b.flatMap((other) => commonType(one, other))));
  const [first, ...others] = common;
  if (first === undefined) throw contradiction(place, `the type is to be ${a.join(' or ')}, and ${b.join(' or ')}`);
  return others.length === 0 ? first : [...common];
}

function commonType(a: JsonType, b: JsonType): readonly JsonType[] {
  if (a === b) return [a];
  return (a === 'integer' && b === 'number') || (a === 'number' && b === 'integer') ? ['integer'] : [];
}

const OBJECT_KEYWORDS = new Set(['properties', 'required', 'additionalProperties']);

/** `properties`, `required` and `additionalProperties` say only together which members are allowed. */
function mergedMembers(a: JsonSchema, b: JsonSchema, place: Place): JsonSchema {
  if (![a, b].some((schema) => Object.keys(schema).some((name) => OBJECT_KEYWORDS.has(name)))) return {};
  const properties: Record<string, unknown> = {};
  const required = [...new Set([...requiredOf(a), ...requiredOf(b)])];
  for (const name of new Set([a, b].flatMap(({ properties: map }) => (isJsonSchema(map) ? Object.keys(map) : [])))) {
    const parts = [memberOf(a, name), memberOf(b, name)];
    if (parts.includes(false)) {
      if (required.includes(name))
        throw contradiction(place, `"${name}" is required by one part, and not allowed by another`);
      continue;
    }
    const [one, other] = parts.filter(isJsonSchema);
    properties[name] =
      one && other ? merged(one, other, { path: pointer(place.path, 'properties', name) }) : (one ?? {});
  }
  const extra = mergedExtra(a.additionalProperties, b.additionalProperties, place);
  return {
    ...(Object.keys(properties).length === 0 ? {} : { properties }),
    ...(required.length === 0 ? {} : { required }),
    ...(extra === undefined ? {} : { additionalProperties: extra }),
  };
}

/** The schema of one member; false where it is not allowed, undefined where anything is. */
function memberOf(schema: JsonSchema, name: string): unknown {
  const { properties, additionalProperties } = schema;
  return isJsonSchema(properties) && Object.hasOwn(properties, name) ? properties[name] : additionalProperties;
}

function mergedExtra(a: unknown, b: unknown, place: Place): unknown {
  if (a === false || b === false) return false;
  if (isJsonSchema(a) && isJsonSchema(b)) return merged(a, b, { path: pointer(place.path, 'additionalProperties') });
  return isJsonSchema(a) ? a : b;
}

const BOUNDS = [
  ['minLength', 'maxLength'],
  ['minItems', 'maxItems'],
  ['minProperties', 'maxProperties'],
  ['minimum', 'maximum'],
] as const;

/** The schema, its `enum` without the values that its `type` and `const` forbid. Throws where no value is left. */
export function withPossibleValues(schema: JsonSchema, place: Place): JsonSchema {
  for (const [least, most] of BOUNDS) {
    const [low, high] = [schema[least], schema[most]];
    if (typeof low === 'number' && typeof high === 'number' && low > high) {
      throw contradiction(place, `${least} ${low} is more than ${most} ${high}`);
    }
  }
  const types = typesOf(schema);
  const fits = (value: unknown): boolean => types.length === 0 || types.some((type) => isOfType(value, type));
  if (schema.const !== undefined) {
    const allowed = fits(schema.const) && (!Array.isArray(schema.enum) || schema.enum.includes(schema.const));
    if (!allowed) throw contradiction(place, `the value ${JSON.stringify(schema.const)} is not allowed by the rest`);
  }
  if (!Array.isArray(schema.enum)) return schema;
  const values = schema.enum.filter(fits);
  if (values.length === 0) throw contradiction(place, 'no value of enum is allowed');
  return { ...schema, enum: values };
}

function isOfType(value: unknown, type: JsonType): boolean {
  if (type === 'null') return value === null;
  if (type === 'integer') return Number.isInteger(value);
  if (type === 'array') return Array.isArray(value);
  return type === 'object' ? isJsonSchema(value) : typeof value === type;
}

function contradiction({ path }: Place, why: string): UnusableSchema {
  return new UnusableSchema({
    path,
    problem: `no answer is possible: ${why}`,
    fix: 'Change the parts that contradict each other.',
  });
}
