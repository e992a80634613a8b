import type { ModelPath } from './options.js';
import { REFUSALS } from './refusal.js';

type Schema = Readonly<Record<string, unknown>>;

const TYPES = ['object', 'array', 'string', 'number', 'integer', 'boolean', 'null'];

/**
 * A JSON text that a schema allows, made of a seed's letters. Keys come in the schema's order on the rendered path
 * and in alphabetical order on the native one, as with a real server. Covers types, enum, const, anyOf, oneOf.
 */
export function sampleOf(schema: Schema, { path, seed }: { readonly path: ModelPath; readonly seed: string }): string {
  checkTypes(schema, { path, place: '#' });
  return JSON.stringify(sampleValue(schema, { path, seed }));
}

function checkTypes(schema: Schema, { path, place }: { path: ModelPath; place: string }): void {
  for (const type of [schema.type].flat()) {
    if (type === undefined || TYPES.includes(String(type))) continue;
    const why = `${place}: unrecognized type ${String(type)}`;
    throw path === 'rendered' ? REFUSALS.schemaRendered(why) : REFUSALS.schemaNative(why);
  }
  for (const [name, inner] of Object.entries(asSchema(schema.properties))) {
    checkTypes(asSchema(inner), { path, place: `${place}/properties/${name}` });
  }
  if (schema.items !== undefined) checkTypes(asSchema(schema.items), { path, place: `${place}/items` });
}

interface Source {
  readonly path: ModelPath;
  readonly seed: string;
}

function sampleValue(schema: Schema, source: Source): unknown {
  const choice = [schema.anyOf, schema.oneOf, schema.enum].find(Array.isArray);
  if (choice === schema.enum && choice !== undefined) return choice[0];
  if (choice !== undefined) return sampleValue(asSchema(choice[0]), source);
  if (schema.const !== undefined) return schema.const;
  return ofType(String([schema.type].flat()[0] ?? 'object'), schema, source);
}

function ofType(type: string, schema: Schema, source: Source): unknown {
  if (type === 'object') return objectOf(schema, source);
  if (type === 'array') return listOf(schema, source);
  if (type === 'string') return stringOf(schema, source);
  if (type === 'boolean') return source.seed.charCodeAt(0) % 2 === 0;
  if (type === 'null') return null;
  return Number.parseInt(source.seed.slice(0, 4), 16) % 100;
}

function objectOf(schema: Schema, source: Source): unknown {
  const entries = Object.entries(asSchema(schema.properties));
  if (source.path === 'native') entries.sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([name, inner]) => [name, sampleValue(asSchema(inner), source)]));
}

function listOf(schema: Schema, source: Source): unknown[] {
  return Array.from({ length: Math.max(1, numberOr(schema.minItems, 1)) }, () =>
    sampleValue(asSchema(schema.items), source),
  );
}

function stringOf(schema: Schema, { seed }: Source): string {
  const length = Math.min(Math.max(8, numberOr(schema.minLength, 0)), numberOr(schema.maxLength, 100_000));
  return seed.repeat(Math.ceil(length / seed.length)).slice(0, length);
}

function numberOr(value: unknown, otherwise: number): number {
  return typeof value === 'number' ? value : otherwise;
}

function asSchema(value: unknown): Schema {
  return typeof value === 'object' && value !== null ? (value as Schema) : {};
}
