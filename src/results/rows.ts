import type { ColumnSpec, VisionRecord } from '../core/record.js';

/** One line of a table. */
export type Cells = readonly (string | number)[];

/** Turns records into the lines of a table. */
export type LinesOf = (record: VisionRecord) => readonly Cells[];

/**
 * A record's cells: text as it is, numbers as numbers (which no spreadsheet takes for a formula), null and empty lists as
 * empty cells, `true` and `false`, other lists and objects as JSON.
 */
export function cellsOf(record: VisionRecord, columns: readonly ColumnSpec[]): Cells {
  return columns.map(({ path }) => cell(valueAt(record, path)));
}

/**
 * One line for each element of a list, with the record's other cells repeated; a single line where the list is empty or
 * absent, so that no record is without one.
 *
 * @param list - where the list stands in a record; columns whose paths begin with it show an element
 */
export function explodedLines(columns: readonly ColumnSpec[], list: readonly string[]): LinesOf {
  const withinElement = columns.map(({ path }) => (startsWith(path, list) ? path.slice(list.length) : null));
  return (record) => {
    const cells = cellsOf(record, columns);
    const elements = valueAt(record, list);
    if (!Array.isArray(elements) || elements.length === 0) return [cells];
    return elements.map((element) =>
      cells.map((shared, index) => {
        const path = withinElement[index] ?? null;
        return path === null ? shared : cell(valueAt(element, path));
      }),
    );
  };
}

function startsWith(path: readonly string[], start: readonly string[]): boolean {
  return start.every((name, index) => path[index] === name);
}

function cell(value: unknown): string | number {
  if (typeof value === 'string' || typeof value === 'number') return value;
  if (value === null || value === undefined) return '';
  if (Array.isArray(value) && value.length === 0) return '';
  return JSON.stringify(value);
}

/**
 * What stands at a path. In a list, a step that is a number takes one element; any other is taken in each (the images of
 * a comparison), and the list of what is found there is the value.
 */
function valueAt(value: unknown, path: readonly string[]): unknown {
  let at = value;
  let depth = 0;
  for (const name of path) {
    if (typeof at !== 'object' || at === null) return undefined;
    if (Array.isArray(at) && !/^\d+$/.test(name)) return at.map((one) => valueAt(one, path.slice(depth)));
    // A schema may name a member as Object.prototype does.
    at = Object.hasOwn(at, name) ? (at as Readonly<Record<string, unknown>>)[name] : undefined;
    depth += 1;
  }
  return at;
}
