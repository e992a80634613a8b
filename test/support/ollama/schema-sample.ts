import type { ModelPath } from './options.js';
import { REFUSALS } from './refusal.js';

type Schema = Readonly<Record<string, unknown>>;

const TYPES = ['object', 'array', 'string', 'number', 'integer', 'boolean', 'null'];

/**
 * A JSON text that a schema allows, made of a seed's letters. Keys come in the schema's order on the rendered path
 * and in alphabetical order on the native one, as with a real server. Covers types, enum, const, anyOf, oneOf, and `$ref`
 * within the document; refuses what a real server refuses: unknown types, other references, `items: false`.
 */
export function sampleOf(schema: Schema, { path, seed }: { readonly path: ModelPath; readonly seed: string }): string {
  checkSchema(schema, { root: schema, path, place: '#' });
  return JSON.stringify(sampleValue(schema, { root: schema, path, seed }));
}

interface Place {
  readonly root: Schema;
  readonly path: ModelPath;
  readonly place: string;
}

function checkSchema(schema: Schema, { root, path, place }: Place): void {
  const why = refusalOf(schema, root);
  if (why !== null) {
    throw path === 'rendered' ? REFUSALS.schemaRendered(`${place}: ${why}`) : REFUSALS.schemaNative(`${place}: ${why}`);
  }
  for (const [step, inner] of innerSchemas(schema)) checkSchema(inner, { root, path, place: `${place}/${step}` });
}

function refusalOf(schema: Schema, root: Schema): string | null {
  const type = [schema.type].flat().find((one) => one !== undefined && !TYPES.includes(String(one)));
  if (type !== undefined) return `unrecognized type ${String(type)}`;
  if (schema.items === false) return 'unsupported items';
  const { $ref } = schema;
  return typeof $ref === 'string' && resolved($ref, root) === null ? `unresolvable $ref ${$ref}` : null;
}

function innerSchemas(schema: Schema): [string, Schema][] {
  const named = (name: string) =>
    Object.entries(asSchema(schema[name])).map(([key, inner]): [string, Schema] => [`${name}/${key}`, asSchema(inner)]);
  const items: [string, Schema][] = schema.items === undefined ? [] : [['items', asSchema(schema.items)]];
  return [...['properties', '$defs', 'anyOf', 'oneOf', 'allOf', 'prefixItems'].flatMap(named), ...items];
}

/** What a reference within the document stands for; null for any other. */
function resolved(ref: string, root: Schema): Schema | null {
  if (!ref.startsWith('#/')) return null;
  const steps = ref.slice(2).split('/');
  const found = steps.reduce<unknown>((at, step) => asSchema(at)[step], root);
  return typeof found === 'object' && found !== null ? (found as Schema) : null;
}

interface Source {
  readonly root: Schema;
  readonly path: ModelPath;
  readonly seed: string;
}

function sampleValue(schema: Schema, source: Source): unknown {
  if (typeof schema.$ref === 'string') return sampleValue(resolved(schema.$ref, source.root) ?? {}, source);
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
  return [...source.seed.slice(0, 8)].reduce((sum, letter) => sum + letter.charCodeAt(0), 0) % 100;
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
