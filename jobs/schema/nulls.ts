import { isJsonSchema, type JsonSchema, requiredOf } from '../../src/core/json-schema.js';
import { allowsNull, choicesOf, elementSchemas, memberSchemas, objectChoices } from './shapes.js';

/** Takes out of answers the nulls that stand for nothing seen. */
export class NullDropper {
  readonly #root: JsonSchema;

  /** @param root - the user's schema in normal form */
  constructor(root: JsonSchema) {
    this.#root = root;
  }

  /** The value without members that are null where their schema does not allow null, and that may be left out. */
  drop(value: unknown): unknown {
    return this.#drop(value, [this.#root]);
  }

  #drop(value: unknown, schemas: readonly JsonSchema[]): unknown {
    if (typeof value !== 'object' || value === null) return value;
    const choices = schemas.flatMap((schema) => choicesOf(schema, this.#root));
    if (Array.isArray(value)) return value.map((one, index) => this.#drop(one, elementSchemas(choices, index)));
    if (!isJsonSchema(value)) return value;
    const objects = objectChoices(choices, value);
    const members = Object.entries(value).flatMap(([name, member]) => {
      const of = memberSchemas(objects, name);
      if (member === null && this.#standsForNothing(name, { objects, of })) return [];
      return [[name, this.#drop(member, of)] as const];
    });
    return Object.fromEntries(members);
  }

  #standsForNothing(
    name: string,
    { objects, of }: { objects: readonly JsonSchema[]; of: readonly JsonSchema[] },
  ): boolean {
    const isRequired = objects.some((schema) => requiredOf(schema).includes(name));
    return of.length > 0 && !isRequired && !of.some((schema) => allowsNull(schema, this.#root));
  }
}
