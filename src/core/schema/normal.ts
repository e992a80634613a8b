import { isJsonSchema, type JsonSchema, pointer, resolveRef, UnusableSchema } from '../json-schema.js';
import { exclusiveBounds, expected, impliedType, plainKeyword, writtenOut } from './keywords.js';
import { ANNOTATIONS, merged, withPossibleValues } from './merge.js';
import { SchemaNames } from './names.js';

/** Keywords that neither a server's grammar nor our check after it can hold an answer to. */
const UNUSABLE: ReadonlyMap<string, string> = new Map([
  ['not', 'Say with `enum`, `pattern` or `anyOf` what is allowed.'],
  ['if', 'Use `anyOf` with one schema for each case.'],
  ['then', 'Use `anyOf` with one schema for each case.'],
  ['else', 'Use `anyOf` with one schema for each case.'],
  ['dependentSchemas', 'Use `anyOf` with one schema for each case.'],
  ['dependentRequired', 'Use `anyOf` with one schema for each case.'],
  ['dependencies', 'Use `anyOf` with one schema for each case.'],
  ['unevaluatedProperties', 'Use `additionalProperties`.'],
  ['unevaluatedItems', 'Use `items`.'],
  ['$dynamicRef', 'Use `$ref`.'],
  ['$recursiveRef', 'Use `$ref`.'],
]);

const LEAVE_OUT = 'Leave this part out, or say what it may be: { "type": "string" }.';

const DROPPED = new Set(['$schema', '$id', 'id', '$anchor', '$comment', '$vocabulary', '$dynamicAnchor', '$defs']);
const RENAMED = new Set(['definitions', 'nullable', 'additionalItems', 'exclusiveMinimum', 'exclusiveMaximum']);

/**
 * A schema in the one form that the rest of the program reads, whatever draft it was written in: JSON Schema 2020-12,
 * every `$ref` of the form `#/$defs/NAME`, `allOf` merged as far as it goes, `type` said, `nullable` a union with null,
 * records of listed keys written out. Normal schemas stay as they are. Throws UnusableSchema for what no answer can be
 * held to: the message has the path, the fix what to write.
 */
export function normalSchema(schema: JsonSchema): JsonSchema {
  return new Normaliser(schema).document();
}

class Normaliser {
  readonly #root: JsonSchema;
  readonly #names = new SchemaNames();
  /** References being merged, to notice one that is merged with itself. */
  readonly #merging: string[] = [];

  constructor(root: JsonSchema) {
    this.#root = root;
  }

  document(): JsonSchema {
    const root = this.#schema(this.#root, '#');
    const defs: Record<string, unknown> = {};
    for (let next = this.#names.take(); next !== null; next = this.#names.take()) {
      defs[next.name] = this.#schema(this.#target(next.ref, next.path), next.ref);
    }
    return Object.keys(defs).length === 0 ? root : { ...root, $defs: defs };
  }

  #target(ref: string, path: string): unknown {
    const target = resolveRef(this.#root, ref);
    if (target !== null) return target;
    const outside = !ref.startsWith('#');
    throw new UnusableSchema({
      path: pointer(path, '$ref'),
      problem: outside ? `${ref} is outside of this document` : `there is nothing at ${ref}`,
      fix: outside ? 'Copy what it points to into $defs.' : 'Point it to a schema under $defs.',
    });
  }

  #schema(schema: unknown, path: string): JsonSchema {
    if (schema === true) return {};
    if (!isJsonSchema(schema)) {
      const problem = schema === false ? 'nothing is allowed here' : `Expected a schema, got ${JSON.stringify(schema)}`;
      throw new UnusableSchema({ path, problem, fix: LEAVE_OUT });
    }
    this.#refuseUnusable(schema, path);
    const { allOf, $ref, anyOf, oneOf, ...own } = schema;
    let result = this.#own(own, path);
    for (const union of [{ anyOf }, { oneOf }]) {
      if (Object.values(union).some(Boolean)) result = merged(result, this.#own(union, path), { path });
    }
    if ($ref !== undefined) result = this.#withRef(result, { $ref, path });
    if (allOf !== undefined) {
      for (const [index, part] of this.#list(allOf, pointer(path, 'allOf')).entries()) {
        result = this.#and(result, part, pointer(path, 'allOf', index));
      }
    }
    return schema.nullable === true ? orNull(result) : withPossibleValues(result, { path });
  }

  #refuseUnusable(schema: JsonSchema, path: string): void {
    for (const name of Object.keys(schema)) {
      const fix = UNUSABLE.get(name);
      if (fix === undefined) continue;
      const never = name === 'not' && isJsonSchema(schema.not) && Object.keys(schema.not).length === 0;
      const problem = never ? 'nothing is allowed here' : `\`${name}\` cannot be used`;
      throw new UnusableSchema({ path: never ? path : pointer(path, name), problem, fix: never ? LEAVE_OUT : fix });
    }
  }

  /** A schema's keywords but `allOf` and `$ref`, and the schemas inside. */
  #own(schema: JsonSchema, path: string): JsonSchema {
    const result: Record<string, unknown> = {};
    for (const [name, value] of Object.entries(schema)) {
      if (DROPPED.has(name) || RENAMED.has(name) || value === undefined) continue;
      result[name] = this.#keyword({ name, value, path: pointer(path, name) });
    }
    this.#items(result, schema, path);
    Object.assign(result, exclusiveBounds(schema), impliedType(schema, path));
    return writtenOut(result);
  }

  #keyword({ name, value, path }: { name: string; value: unknown; path: string }): unknown {
    switch (name) {
      case 'properties':
      case 'patternProperties':
        return this.#map(value, path);
      case 'anyOf':
      case 'oneOf':
        return this.#list(value, path).map((part, index) => this.#schema(part, pointer(path, index)));
      case 'propertyNames':
      case 'contains':
        return this.#schema(value, path);
      case 'additionalProperties':
        return typeof value === 'boolean' ? value : this.#schema(value, path);
      case 'items':
      case 'prefixItems':
        return value; // seen to by #items
      default:
        return plainKeyword({ name, value, path });
    }
  }

  /** Tuples were once written as a list of `items`, with `additionalItems` for the rest. */
  #items(result: Record<string, unknown>, schema: JsonSchema, path: string): void {
    const tuple = Array.isArray(schema.items) ? 'items' : 'prefixItems';
    const rest = tuple === 'items' ? 'additionalItems' : 'items';
    delete result.items;
    if (schema[tuple] !== undefined) {
      const parts = this.#list(schema[tuple], pointer(path, tuple));
      result.prefixItems = parts.map((part, index) => this.#schema(part, pointer(path, tuple, index)));
    }
    const value = schema[rest];
    if (value === false) result.items = false;
    else if (value !== undefined) result.items = this.#schema(value, pointer(path, rest));
    else if ([schema.type].flat().includes('array') && result.prefixItems === undefined) result.items = {};
  }

  #map(value: unknown, path: string): JsonSchema {
    if (!isJsonSchema(value)) throw expected({ path, what: 'schemas by name', got: value });
    return Object.fromEntries(
      Object.entries(value).map(([name, schema]) => [name, this.#schema(schema, pointer(path, name))]),
    );
  }

  #list(value: unknown, path: string): readonly unknown[] {
    if (Array.isArray(value) && value.length > 0) return value;
    throw expected({ path, what: 'a list of schemas', got: value });
  }

  #withRef(own: JsonSchema, { $ref, path }: { readonly $ref: unknown; readonly path: string }): JsonSchema {
    if (typeof $ref !== 'string') throw expected({ path: pointer(path, '$ref'), what: 'a text', got: $ref });
    if (Object.keys(own).some((name) => !ANNOTATIONS.has(name))) return this.#and(own, { $ref }, path);
    this.#target($ref, path);
    return { ...own, $ref: `#/$defs/${this.#names.nameOf($ref, path)}` };
  }

  /** What both allow; a reference is followed first, because what it names cannot be changed. */
  #and(one: JsonSchema, part: unknown, path: string): JsonSchema {
    const ref = isJsonSchema(part) && typeof part.$ref === 'string' ? part.$ref : null;
    if (ref === null) return merged(one, this.#schema(part, path), { path });
    if (this.#merging.includes(ref)) {
      const fix = 'Let a property or an item refer to it, not the schema itself.';
      throw new UnusableSchema({ path, problem: `${ref} is part of itself`, fix });
    }
    this.#merging.push(ref);
    const words = Object.fromEntries(Object.entries(part as JsonSchema).filter(([name]) => name !== '$ref'));
    const target = this.#target(ref, path);
    const whole = merged(this.#schema(target, ref), this.#schema(words, path), { path });
    this.#merging.pop();
    return merged(one, whole, { path });
  }
}

/** The schema, or null. What is said about it stays outside. */
export function orNull(schema: JsonSchema): JsonSchema {
  const isWord = ([name]: [string, unknown]): boolean => ANNOTATIONS.has(name);
  const words = Object.fromEntries(Object.entries(schema).filter(isWord));
  const bare = Object.fromEntries(Object.entries(schema).filter((entry) => !isWord(entry)));
  if (Object.keys(bare).length === 0) return schema; // anything, null included
  const union = bare.anyOf;
  if (Array.isArray(union) && Object.keys(bare).length === 1) return { ...words, anyOf: [...union, { type: 'null' }] };
  return { ...words, anyOf: [bare, { type: 'null' }] };
}
