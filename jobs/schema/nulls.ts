import { isJsonSchema, type JsonSchema, requiredOf } from '../../src/core/json-schema.js';
import { allowsNull, choicesOf, elementSchemas, memberSchemas, objectChoices } from './shapes.js';

/**
 * Takes out of an answer the nulls that stand for nothing seen.
 *
 * @param root - the user's schema in normal form
 * @returns the value without members that are null where their schema does not allow null, and that may be left out
 */
export function dropNulls(value: unknown, root: JsonSchema): unknown {
  const drop = (part: unknown, schemas: readonly JsonSchema[]): unknown => {
    if (typeof part !== 'object' || part === null) return part;
    const choices = schemas.flatMap((schema) => choicesOf(schema, root));
    if (Array.isArray(part)) return part.map((one, index) => drop(one, elementSchemas(choices, index)));
    if (!isJsonSchema(part)) return part;
    const objects = objectChoices(choices, part);
    const members = Object.entries(part).flatMap(([name, member]) => {
      const allowed = memberSchemas(objects, name);
      const isRequired = objects.some((schema) => requiredOf(schema).includes(name));
      const mayBeNull = allowed.length === 0 || allowed.some((schema) => allowsNull(schema, root));
      if (member === null && !isRequired && !mayBeNull) return [];
      return [[name, drop(member, allowed)] as const];
    });
    return Object.fromEntries(members);
  };
  return drop(value, [root]);
}
