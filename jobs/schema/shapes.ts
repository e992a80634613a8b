import { canonicalJson } from '../../src/core/canonical-json.js';
import {
  isJsonSchema,
  type JsonSchema,
  requiredOf,
  resolveRef,
  schemasByName,
  schemasIn,
  typesOf,
} from '../../src/core/json-schema.js';

/** Most references that are followed one from the other: a chain that long goes round. */
const LONGEST_CHAIN = 100;

/** Whether two schemas say the same of a value: one that refers to itself stands in the document twice, once as its root. */
export function isSame(a: JsonSchema, b: JsonSchema): boolean {
  return a === b || canonicalJson({ ...a, $defs: undefined }) === canonicalJson({ ...b, $defs: undefined });
}

/** The schemas that a schema chooses from, references followed: itself where it is no choice. */
export function choicesOf(schema: JsonSchema, root: JsonSchema, depth = 0): readonly JsonSchema[] {
  if (depth > LONGEST_CHAIN) return [];
  if (typeof schema.$ref === 'string') {
    const target = resolveRef(root, schema.$ref);
    return isJsonSchema(target) ? choicesOf(target, root, depth + 1) : [];
  }
  const union = [...schemasIn(schema.anyOf), ...schemasIn(schema.oneOf)];
  return union.length === 0 ? [schema] : union.flatMap((choice) => choicesOf(choice, root, depth + 1));
}

/** Whether null is an answer. */
export function allowsNull(schema: JsonSchema, root: JsonSchema): boolean {
  return choicesOf(schema, root).some((choice) => {
    if ('const' in choice) return choice.const === null;
    if (Array.isArray(choice.enum)) return choice.enum.includes(null);
    const types = typesOf(choice);
    return types.length === 0 || types.includes('null');
  });
}

/** The schemas among some that may be of an object, by what its fixed members say: the `kind` that each choice has. */
export function objectChoices(schemas: readonly JsonSchema[], value: JsonSchema): readonly JsonSchema[] {
  const objects = schemas.filter((schema) => typesOf(schema).includes('object'));
  const fitting = objects.filter((schema) =>
    schemasByName(schema.properties).every(([name, member]) => {
      if (!requiredOf(schema).includes(name)) return true;
      const allowed = 'const' in member ? [member.const] : member.enum;
      return !Array.isArray(allowed) || allowed.includes(value[name]);
    }),
  );
  return fitting.length === 0 ? objects : fitting;
}

/** What the schemas say of one member of an object: those that list it, else what they say of any other. */
export function memberSchemas(objects: readonly JsonSchema[], name: string): readonly JsonSchema[] {
  return objects.flatMap((schema) => {
    const { properties, additionalProperties } = schema;
    const listed =
      isJsonSchema(properties) && Object.hasOwn(properties, name) ? properties[name] : additionalProperties;
    return isJsonSchema(listed) ? [listed] : [];
  });
}

/** What the schemas say of one element of a list. */
export function elementSchemas(schemas: readonly JsonSchema[], index: number): readonly JsonSchema[] {
  return schemas
    .filter((schema) => typesOf(schema).includes('array'))
    .flatMap(({ prefixItems, items }) => {
      const element = Array.isArray(prefixItems) && index < prefixItems.length ? prefixItems[index] : items;
      return isJsonSchema(element) ? [element] : [];
    });
}
