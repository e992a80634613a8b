import { isJsonSchema, type JsonSchema, requiredOf, typesOf } from '../../src/core/json-schema.js';
import { ANNOTATIONS } from '../../src/core/schema/merge.js';
import { normalSchema, orNull } from '../../src/core/schema/normal.js';
import { allowsNull } from './shapes.js';

/** Characters of a text for which the schema sets no limit. */
export const LONGEST_TEXT = 2_000;

/** Elements of a list for which the schema sets no limit. */
export const LONGEST_LIST = 200;

/** What anything is for a model: a grammar of any value has no end. */
const ANYTHING = { type: ['string', 'number', 'boolean', 'null'], maxLength: LONGEST_TEXT };

/**
 * The schema that a model answers to: every text and list ends, and every member is there, null where there is nothing
 * to say. (A grammar lets a model skip members that may be left out, and small models then skip them all.) Answers are
 * checked by the user's schema, and `cutsOf` finds those that one of these limits has cut.
 */
export function boundedSchema(schema: JsonSchema): JsonSchema {
  const { $defs, ...root } = normalSchema(schema);
  const whole = { ...root, ...($defs === undefined ? {} : { $defs }) };
  const isOpen = Object.keys(root).every((name) => ANNOTATIONS.has(name));
  const bounded = isOpen ? root : within(root, whole); // anything at all: the server reads it as any object
  if (!isJsonSchema($defs)) return bounded;
  return { ...bounded, $defs: mapped($defs, (one) => within(one, whole)) };
}

function mapped(map: JsonSchema, change: (schema: JsonSchema) => JsonSchema): JsonSchema {
  return Object.fromEntries(
    Object.entries(map).map(([name, schema]) => [name, isJsonSchema(schema) ? change(schema) : schema]),
  );
}

function within(schema: JsonSchema, root: JsonSchema): JsonSchema {
  const inner = (one: JsonSchema): JsonSchema => within(one, root);
  if (Object.keys(schema).every((name) => ANNOTATIONS.has(name))) return { ...schema, ...ANYTHING };
  const result: Record<string, unknown> = { ...schema };
  for (const list of ['anyOf', 'oneOf', 'prefixItems']) {
    const parts = schema[list];
    if (Array.isArray(parts)) result[list] = parts.map((part) => (isJsonSchema(part) ? inner(part) : part));
  }
  for (const name of ['items', 'additionalProperties']) {
    const part = schema[name];
    if (isJsonSchema(part)) result[name] = inner(part);
  }
  if (isJsonSchema(schema.properties)) Object.assign(result, allRequired(schema, root));
  return { ...result, ...limits(schema) };
}

function allRequired(schema: JsonSchema, root: JsonSchema): JsonSchema {
  const required = new Set(requiredOf(schema));
  const properties = Object.entries(asMap(schema.properties)).map(([name, property]) => {
    if (!isJsonSchema(property)) return [name, property] as const;
    const bounded = within(property, root);
    return [name, required.has(name) || allowsNull(property, root) ? bounded : orNull(bounded)] as const;
  });
  if (properties.length === 0) return {};
  return { properties: Object.fromEntries(properties), required: properties.map(([name]) => name) };
}

function asMap(value: unknown): JsonSchema {
  return isJsonSchema(value) ? value : {};
}

/** Limits where there are none, for what is free to grow. */
function limits(schema: JsonSchema): JsonSchema {
  const types = typesOf(schema);
  const isFixed = schema.enum !== undefined || schema.const !== undefined;
  return {
    ...(types.includes('string') && !isFixed && schema.maxLength === undefined
      ? { maxLength: Math.max(LONGEST_TEXT, Number(schema.minLength ?? 0)) }
      : {}),
    ...(types.includes('array') && schema.maxItems === undefined && schema.prefixItems === undefined
      ? { maxItems: Math.max(LONGEST_LIST, Number(schema.minItems ?? 0)) }
      : {}),
  };
}
