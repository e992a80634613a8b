import { z } from 'zod';
import { isJsonSchema, type JsonSchema, pointer, UnusableSchema } from '../../src/core/json-schema.js';
import { lostChecks } from './lost-checks.js';
import { needsFlags, patternsOf } from './patterns.js';

/** A zod type as JSON Schema, and what that cannot say. */
export interface FromZod {
  /** What an answer may be before zod changes it. */
  readonly schema: JsonSchema;
  /**
   * Every check or change that only zod itself can do, by place: `items[].price: refine`. A schema with any cannot be
   * checked by a process that has but the JSON Schema.
   */
  readonly lost: readonly string[];
}

/** Whether a value is a type of zod 4, of whatever installation. */
export function isZodType(value: unknown): value is z.ZodType {
  return isJsonSchema(value) && isJsonSchema(value._zod) && isJsonSchema(value._zod.def);
}

/** What to write for types whose values JSON has none of. */
const INSTEAD: ReadonlyMap<string, string> = new Map([
  ['date', 'Use z.iso.date(), z.iso.datetime() or z.coerce.date().'],
  ['bigint', 'Use z.int() or z.coerce.bigint().'],
  ['map', 'Use z.record().'],
  ['set', 'Use z.array().'],
  ['undefined', 'Use .optional().'],
  ['void', 'Use .optional().'],
  ['nan', 'Use z.number().nullable().'],
  ['promise', 'Use the type itself.'],
]);
const NEVER_IN_JSON = new Set([...INSTEAD.keys(), 'symbol', 'function', 'file', 'literal', 'object']);

const COERCED: ReadonlyMap<string, JsonSchema> = new Map([
  [
    'date',
    {
      anyOf: [
        { type: 'string', format: 'date' },
        { type: 'string', format: 'date-time' },
      ],
    },
  ],
  ['bigint', { type: 'integer' }],
]);

/**
 * The JSON Schema of a zod type's input. Throws UnusableSchema where JSON has no value that the type takes: a model
 * could never answer.
 */
export function jsonSchemaOf(type: z.ZodType): FromZod {
  const schema = z.toJSONSchema(type, {
    io: 'input',
    unrepresentable: ({ zodSchema, path }) => stand(zodSchema, pointer('#', ...path)),
    override: ({ zodSchema, jsonSchema, path }) => {
      const { type: kind } = zodSchema._zod.def;
      if (kind === 'file' || kind === 'promise') throw neverInJson(kind, pointer('#', ...path));
      dropForeignPatterns(zodSchema, jsonSchema);
    },
  });
  return { schema: plainObject(schema), lost: lostChecks(type) };
}

/** What stands for a type that JSON Schema has no word for. */
function stand(type: z.core.$ZodType, path: string): 'any' | JsonSchema {
  const def: z.core.$ZodTypeDef & { readonly coerce?: unknown } = type._zod.def;
  const coerced = COERCED.get(def.type);
  if (coerced !== undefined && def.coerce === true) return coerced;
  if (NEVER_IN_JSON.has(def.type)) throw neverInJson(def.type, path);
  return 'any';
}

function neverInJson(kind: string, path: string): UnusableSchema {
  const fix = INSTEAD.get(kind) ?? 'Use types that JSON has.';
  return new UnusableSchema({ path, problem: `JSON has no value for this zod type (${kind})`, fix });
}

/** JSON Schema's patterns have no flags: one that needs them would say something else. */
function dropForeignPatterns(type: z.core.$ZodType, json: Record<string, unknown>): void {
  const foreign = new Set(
    patternsOf(type)
      .filter(needsFlags)
      .map(({ source }) => source),
  );
  if (foreign.size === 0) return;
  const isForeign = (part: unknown): boolean => isJsonSchema(part) && foreign.has(String(part.pattern));
  if (isForeign(json)) delete json.pattern;
  if (Array.isArray(json.allOf)) json.allOf = json.allOf.filter((part) => !isForeign(part));
  if (Array.isArray(json.allOf) && json.allOf.length === 0) delete json.allOf;
}

/** Zod hides a function in the result, which is no part of it. */
function plainObject(schema: unknown): JsonSchema {
  const plain: unknown = JSON.parse(JSON.stringify(schema));
  return isJsonSchema(plain) ? plain : {};
}
