import type { ModelRequest } from '../../core/ask.js';
import { rowsOf } from './loop-guard.js';

/**
 * Equal rows that an answer may have: as many as the image has room for; but a grammar may force members and elements
 * that no image limits, and ends them itself.
 */
export function rowsFor({ images, schema }: Pick<ModelRequest, 'images' | 'schema'>): number {
  if (schema !== null) return FORCED_ROWS + membersOf(schema);
  return rowsOf(Math.max(0, ...images.map(({ height }) => height)));
}

/** Lists end here where their schema does not say where. */
const FORCED_ROWS = 200;

/** Members and elements that a schema names or allows, all in all. */
function membersOf(schema: unknown): number {
  if (typeof schema !== 'object' || schema === null) return 0;
  const own = 'maxItems' in schema && typeof schema.maxItems === 'number' ? schema.maxItems : 0;
  const named = 'properties' in schema && isObject(schema.properties) ? Object.keys(schema.properties).length : 0;
  return Object.values(schema).reduce((sum: number, inner) => sum + membersOf(inner), own + named);
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
