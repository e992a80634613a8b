import { columnsOf } from '../../jobs/schema/columns.js';
import { choicesOf, elementSchemas, memberSchemas } from '../../jobs/schema/shapes.js';
import type { AnswerForm } from '../core/ask.js';
import { EXIT, ExitError } from '../core/exit.js';
import { type JsonSchema, typesOf } from '../core/json-schema.js';
import type { ColumnSpec } from '../core/record.js';
import { normalSchema } from '../core/schema/normal.js';
import { freeHeader } from '../results/columns.js';

export interface ExplodeOptions {
  readonly columns: readonly ColumnSpec[];
  readonly form: AnswerForm;
  /** Header of the column whose elements get a line each. */
  readonly name: string;
}

/** A table of one line for each element of a list. */
export interface ExplodedTable {
  readonly columns: readonly ColumnSpec[];
  /** Where the list stands in a record. */
  readonly list: readonly string[];
}

/**
 * Puts the columns of an element in a list's place: `items.name` and `items.price` for `items`, or `items` itself where
 * an element is no object of known members.
 *
 * @throws ExitError 2 where no column of that name holds lists
 */
export function explodeColumn({ columns, form, name }: ExplodeOptions): ExplodedTable {
  const lists = columns.flatMap((spec) => {
    const element = elementOf(spec, form);
    return element === null ? [] : [{ ...spec, element }];
  });
  const list = lists.find(({ header }) => header === name);
  if (list === undefined) throw holdsNoList(name, [...new Set(lists.map(({ header }) => header))]);
  const taken = new Set(columns.map(({ header }) => header).filter((header) => header !== name));
  const inside = columnsOf(list.element, new Set()).map(({ path: [, ...within] }) => ({
    header: freeHeader([name, ...within].join('.'), { taken, prefix: 'data' }), // one may be called `items.name` already
    path: [...list.path, ...within],
  }));
  return { columns: columns.flatMap((spec) => (spec.header === name ? inside : [spec])), list: list.path };
}

function holdsNoList(name: string, lists: readonly string[]): ExitError {
  const fix =
    lists.length === 0 ? 'No column of this task holds lists: leave it out.' : `Name one: ${lists.join(', ')}.`;
  return new ExitError(EXIT.usage, `Expected \`explode\` to name a column that holds lists, got ${name}`, { fix });
}

/** The schema of a column's elements; null where the column may hold anything but lists. */
function elementOf({ path: [member, ...within] }: ColumnSpec, form: AnswerForm): JsonSchema | null {
  if (form.kind === 'labels') return form.multi && member === 'label' ? {} : null;
  if (form.kind !== 'data' || member !== 'data') return null;
  const root = normalSchema(form.schema);
  const lists = schemasAt(root, within).filter((schema) => typesOf(schema).join() !== 'null');
  if (lists.length === 0 || !lists.every(isList)) return null;
  const elements = elementSchemas(lists, Number.POSITIVE_INFINITY);
  const [only = {}, ...others] = elements;
  const element = others.length === 0 ? only : { anyOf: elements };
  return root.$defs === undefined ? element : { ...element, $defs: root.$defs };
}

function schemasAt(root: JsonSchema, path: readonly string[]): readonly JsonSchema[] {
  let at = choicesOf(root, root);
  for (const name of path) at = memberSchemas(at, name).flatMap((schema) => choicesOf(schema, root));
  return at;
}

function isList(schema: JsonSchema): boolean {
  const types = typesOf(schema).filter((type) => type !== 'null');
  return types.join() === 'array';
}
