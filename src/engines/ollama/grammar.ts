import { isJsonSchema, type JsonSchema, pointer, requiredOf, typesOf, UnusableSchema } from '../../core/json-schema.js';
import { ANNOTATIONS } from '../../core/schema/merge.js';
import { normalSchema } from '../../core/schema/normal.js';
import { grammarPattern } from './grammar-pattern.js';

/** A schema as `format` takes it. */
export interface Grammar {
  readonly schema: JsonSchema;
  /** Paths of what the server cannot hold an answer to, and so has to be checked in the answer. */
  readonly dropped: readonly string[];
}

/** Formats that the server's grammar knows. It takes them for a string's whole content, without pattern and lengths. */
const KNOWN_FORMATS = new Set(['date', 'time', 'date-time', 'uuid']);

/** Where a pattern repeats without end, and the string has no maxLength. */
const LONGEST_REPEAT = 2_000;

/** Names that the converter takes for keywords wherever they stand. */
const RESERVED_NAMES = ['$ref', '$defs'];

/**
 * A schema reduced to what the JSON Schema converter of llama.cpp turns into a grammar as meant. Everything else it
 * ignores without a word, or reads differently, or refuses with 400. What is left allows whatever the schema allows, but
 * for members, elements and texts that the schema leaves open: an object has the members it lists, a tuple its elements.
 * Throws UnusableSchema for a schema that no answer can be held to.
 */
export function grammarOf(schema: JsonSchema): Grammar {
  const reducer = new Reducer();
  const { $defs, ...root } = normalSchema(schema);
  const reduced = reducer.reduce(root, '#');
  if (!isJsonSchema($defs)) return { schema: reduced, dropped: reducer.dropped };
  return { schema: { ...reduced, $defs: reducer.map($defs, '#/$defs') }, dropped: reducer.dropped };
}

class Reducer {
  readonly dropped: string[] = [];

  map(schemas: JsonSchema, path: string): JsonSchema {
    return Object.fromEntries(
      Object.entries(schemas).map(([name, schema]) => [name, this.reduce(asSchema(schema), pointer(path, name))]),
    );
  }

  /** A schema in normal form. */
  reduce(schema: JsonSchema, path: string): JsonSchema {
    const result = this.#reduced(schema, path);
    const kept = new Set(['type', ...Object.keys(result.schema), ...(result.said ?? [])]);
    for (const name of Object.keys(schema)) {
      if (!kept.has(name) && !ANNOTATIONS.has(name)) this.dropped.push(pointer(path, name));
    }
    return result.schema;
  }

  #reduced(schema: JsonSchema, path: string): Reduced {
    if (schema.$ref !== undefined) return { schema: { $ref: schema.$ref } };
    for (const keyword of ['oneOf', 'anyOf'] as const) {
      const choices = schema[keyword];
      if (Array.isArray(choices)) return { schema: { [keyword]: this.#list(choices, pointer(path, keyword)) } };
    }
    if (schema.const !== undefined) return { schema: { ...typeOf(schema), const: schema.const } };
    if (schema.enum !== undefined) return { schema: { ...typeOf(schema), enum: schema.enum }, said: ['pattern'] };
    const types = typesOf(schema);
    const [only] = types;
    if (types.length > 1) return this.#typed(schema, path);
    switch (only) {
      case 'object':
        return this.#object(schema, path);
      case 'array':
        return this.#array(schema, path);
      case 'string':
        return string(schema);
      case 'integer':
        return integer(schema);
      default:
        return { schema: only === undefined ? {} : { type: only } };
    }
  }

  #list(schemas: readonly unknown[], path: string): JsonSchema[] {
    return schemas.map((schema, index) => this.reduce(asSchema(schema), pointer(path, index)));
  }

  /** Several types: one choice for each, because each reads only its own keywords. */
  #typed(schema: JsonSchema, path: string): Reduced {
    const choices = typesOf(schema).map((type) => this.#reduced({ ...schema, type }, path));
    const said = choices.flatMap((choice) => [...Object.keys(choice.schema), ...(choice.said ?? [])]);
    if (choices.every((choice) => Object.keys(choice.schema).length === 1)) {
      return { schema: { type: choices.map((choice) => choice.schema.type) }, said };
    }
    return { schema: { anyOf: choices.map((choice) => choice.schema) }, said };
  }

  #object(schema: JsonSchema, path: string): Reduced {
    const { properties, additionalProperties } = schema;
    const names = isJsonSchema(properties) ? Object.keys(properties) : [];
    const reserved = names.find((name) => RESERVED_NAMES.includes(name));
    if (reserved !== undefined) {
      throw new UnusableSchema({
        path: pointer(path, 'properties', reserved),
        problem: `the server takes the name ${reserved} for a keyword`,
        fix: 'Rename this property.',
      });
    }
    const required = requiredOf(schema).filter((name) => names.includes(name));
    const extra = this.#extra(additionalProperties, { path, isOpen: names.length === 0 });
    return {
      schema: {
        type: 'object',
        ...(isJsonSchema(properties) ? { properties: this.map(properties, pointer(path, 'properties')) } : {}),
        ...(required.length === 0 ? {} : { required }),
        ...extra,
      },
      said: ['additionalProperties', 'required'],
    };
  }

  /** Further members, of any name: only where they were asked for, or where there are no others. */
  #extra(extra: unknown, { path, isOpen }: { readonly path: string; readonly isOpen: boolean }): JsonSchema {
    if (extra === false) return { additionalProperties: false };
    if (!isJsonSchema(extra)) return {};
    const isAny = Object.keys(extra).every((name) => ANNOTATIONS.has(name));
    if (isAny) return isOpen ? {} : { additionalProperties: false };
    return { additionalProperties: this.reduce(extra, pointer(path, 'additionalProperties')) };
  }

  #array(schema: JsonSchema, path: string): Reduced {
    const { prefixItems, items, minItems, maxItems } = schema;
    const bounds = { ...(minItems === undefined ? {} : { minItems }), ...(maxItems === undefined ? {} : { maxItems }) };
    if (Array.isArray(prefixItems)) {
      // Beside `items` the converter would forget the tuple; `items: false` it refuses.
      const said = items === false ? ['items'] : [];
      return {
        schema: { type: 'array', prefixItems: this.#list(prefixItems, pointer(path, 'prefixItems')), ...bounds },
        said,
      };
    }
    if (items === false) return { schema: { type: 'array', items: {}, maxItems: 0 }, said: ['minItems'] };
    return { schema: { type: 'array', items: this.reduce(asSchema(items ?? {}), pointer(path, 'items')), ...bounds } };
  }
}

/** A part of a schema as reduced, and keywords that are not in it but are said by it nevertheless. */
interface Reduced {
  readonly schema: JsonSchema;
  readonly said?: readonly string[];
}

function string(schema: JsonSchema): Reduced {
  const { format, pattern, minLength, maxLength } = schema;
  if (typeof format === 'string' && KNOWN_FORMATS.has(format))
    return { schema: { type: 'string', format }, said: ['maxLength'] };
  const longest = typeof maxLength === 'number' ? maxLength : LONGEST_REPEAT;
  const kept = typeof pattern === 'string' ? grammarPattern(pattern, longest) : null;
  if (kept !== null) return { schema: { type: 'string', pattern: kept } };
  return {
    schema: {
      type: 'string',
      ...(minLength === undefined ? {} : { minLength }),
      ...(maxLength === undefined ? {} : { maxLength }),
    },
  };
}

function integer(schema: JsonSchema): Reduced {
  const least = boundOf({ inclusive: schema.minimum, exclusive: schema.exclusiveMinimum, towards: 1 });
  const most = boundOf({ inclusive: schema.maximum, exclusive: schema.exclusiveMaximum, towards: -1 });
  const bounds = { ...(least === null ? {} : { minimum: least }), ...(most === null ? {} : { maximum: most }) };
  const said = [...(least === null ? [] : ['exclusiveMinimum']), ...(most === null ? [] : ['exclusiveMaximum'])];
  return { schema: { type: 'integer', ...bounds }, said };
}

/** A bound as the nearest whole number inside of it; null where there is none that a double holds. */
function boundOf(bound: {
  readonly inclusive: unknown;
  readonly exclusive: unknown;
  readonly towards: 1 | -1;
}): number | null {
  const { inclusive, exclusive, towards } = bound;
  const round = towards === 1 ? Math.ceil : Math.floor;
  const whole: number[] = [];
  if (typeof inclusive === 'number') whole.push(round(inclusive));
  if (typeof exclusive === 'number')
    whole.push(round(exclusive) === exclusive ? exclusive + towards : round(exclusive));
  const tightest = towards === 1 ? Math.max(...whole) : Math.min(...whole);
  return Number.isSafeInteger(tightest) ? tightest : null;
}

/** One type is a hint that does no harm; several would be read as choices. */
function typeOf(schema: JsonSchema): JsonSchema {
  return typeof schema.type === 'string' ? { type: schema.type } : {};
}

function asSchema(value: unknown): JsonSchema {
  return isJsonSchema(value) ? value : {};
}
