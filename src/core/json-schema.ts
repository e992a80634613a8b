/** A JSON Schema that is an object: what constrains a value, in keywords. The boolean schemas are members of one. */
export interface JsonSchema {
  readonly [keyword: string]: unknown;
}

/** The types of JSON values, as the keyword `type` names them. */
export const JSON_TYPES = ['object', 'array', 'string', 'number', 'integer', 'boolean', 'null'] as const;
export type JsonType = (typeof JSON_TYPES)[number];

/** A JSON Schema that cannot be used. The message names the bad part, `fix` what to write instead. */
export class UnusableSchema extends Error {
  override readonly name = 'UnusableSchema';
  /** Where the bad part stands: `#/properties/total/pattern`. */
  readonly path: string;
  readonly fix: string;

  constructor({ path, problem, fix }: { readonly path: string; readonly problem: string; readonly fix: string }) {
    super(`${path}: ${problem}`);
    this.path = path;
    this.fix = fix;
  }
}

/** Whether a value is an object with members, which is what a schema and each of its maps is. */
export function isJsonSchema(value: unknown): value is JsonSchema {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Whether a word is one of the seven types. */
export function isJsonType(value: unknown): value is JsonType {
  return JSON_TYPES.some((type) => type === value);
}

/** The schemas of a map such as `properties`, by name; none where there is no map. Boolean schemas are left out. */
export function schemasByName(map: unknown): readonly (readonly [name: string, schema: JsonSchema])[] {
  if (!isJsonSchema(map)) return [];
  return Object.entries(map).flatMap(([name, schema]) => (isJsonSchema(schema) ? [[name, schema] as const] : []));
}

/** The schemas of a list such as `anyOf`; none where there is no list. Boolean schemas are left out. */
export function schemasIn(list: unknown): readonly JsonSchema[] {
  return Array.isArray(list) ? list.filter(isJsonSchema) : [];
}

/** What `type` says, as a list; none where it says nothing. */
export function typesOf(schema: JsonSchema): readonly JsonType[] {
  return [schema.type].flat().filter(isJsonType);
}

/** The names that `required` lists. */
export function requiredOf(schema: JsonSchema): readonly string[] {
  return Array.isArray(schema.required) ? schema.required.filter((name) => typeof name === 'string') : [];
}

/**
 * What a `$ref` within the document stands for: `#` or a JSON Pointer, RFC 6901, behind a `#`. Null where it leads
 * nowhere, or out of the document.
 */
export function resolveRef(root: JsonSchema, ref: string): unknown {
  if (ref === '#') return root;
  if (!ref.startsWith('#/')) return null;
  let at: unknown = root;
  for (const step of ref.slice(2).split('/')) {
    const name = decoded(step);
    if (Array.isArray(at)) at = at[Number(name)];
    else if (isJsonSchema(at) && Object.hasOwn(at, name)) at = at[name];
    else return null;
  }
  return at ?? null;
}

/** A step of a pointer may be written percent-encoded, because it stands in a URI. */
function decoded(step: string): string {
  const plain = step.replaceAll('~1', '/').replaceAll('~0', '~');
  try {
    return decodeURIComponent(plain);
  } catch {
    return plain;
  }
}

/** One more step of a JSON Pointer: `#/properties` and `a/b` make `#/properties/a~1b`. */
export function pointer(path: string, ...steps: readonly (string | number)[]): string {
  return [path, ...steps.map((step) => String(step).replaceAll('~', '~0').replaceAll('/', '~1'))].join('/');
}
