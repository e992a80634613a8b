import { isJsonSchema, type JsonSchema, schemasByName, typesOf } from '../../src/core/json-schema.js';
import type { ColumnSpec } from '../../src/core/record.js';
import { normalSchema } from '../../src/core/schema/normal.js';
import { choicesOf, isSame } from './shapes.js';

/**
 * The columns of a schema's values in a table, in its order. An object inside becomes a column for each member, `a.b`;
 * lists and choices are one column, as JSON; so is an object inside itself. A value that is no object is the column
 * `data`. Paths begin with `data`, where the record has the value.
 *
 * @param taken - headers that other columns have: a member of that name is headed `data.name`
 */
export function columnsOf(schema: JsonSchema, taken: ReadonlySet<string>): readonly ColumnSpec[] {
  const root = normalSchema(schema);
  const paths = pathsOf({ schema: root, root, path: [], open: [] });
  const headers = new Set<string>();
  return paths.map((path) => {
    let header = path.length === 0 ? 'data' : path.join('.');
    while (taken.has(header) || headers.has(header)) header = `data.${header}`;
    headers.add(header);
    return { header, path: ['data', ...path] };
  });
}

interface Place {
  readonly schema: JsonSchema;
  readonly root: JsonSchema;
  readonly path: readonly string[];
  /** Objects that this one stands in, itself not among them. */
  readonly open: readonly JsonSchema[];
}

function pathsOf({ schema, root, path, open }: Place): readonly (readonly string[])[] {
  const object = soleObject(schema, root);
  if (object === null || open.some((outer) => isSame(outer, object))) return [path];
  const members = schemasByName(object.properties);
  return members.flatMap(([name, member]) =>
    pathsOf({ schema: member, root, path: [...path, name], open: [...open, object] }),
  );
}

/** The object that a schema stands for, null beside it or not; null where it may be something else, or has open names. */
function soleObject(schema: JsonSchema, root: JsonSchema): JsonSchema | null {
  const choices = choicesOf(schema, root).filter((choice) => !isNull(choice));
  const [only] = choices;
  if (only === undefined || choices.length > 1) return null;
  const isObject =
    typesOf(only).every((type) => type === 'object' || type === 'null') && typesOf(only).includes('object');
  const isOpen = isJsonSchema(only.additionalProperties) || schemasByName(only.properties).length === 0;
  return isObject && !isOpen ? only : null;
}

function isNull(schema: JsonSchema): boolean {
  return schema.const === null || typesOf(schema).join() === 'null';
}
