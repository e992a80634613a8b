import { isJsonSchema, type JsonSchema, typesOf } from '../../src/core/json-schema.js';
import { LONGEST_LIST, LONGEST_TEXT } from './bounded.js';
import { choicesOf, elementSchemas, memberSchemas, objectChoices } from './shapes.js';

/**
 * The places of an answer that reached a limit which `boundedSchema` set and the user did not: `$.items` with 200
 * elements has most likely more on the page. Empty for an answer that is whole.
 *
 * @param schema - the user's own, in normal form: this is asked of every answer
 * @param value - the answer as the model gave it
 */
export function cutsOf(schema: JsonSchema, value: unknown): readonly string[] {
  return [...cutsAt(value, { root: schema, schemas: [schema], place: '$' })];
}

interface Place {
  readonly root: JsonSchema;
  /** What the value may be. */
  readonly schemas: readonly JsonSchema[];
  readonly place: string;
}

function* cutsAt(value: unknown, { root, schemas, place }: Place): Generator<string> {
  if (typeof value === 'string' && value.length < LONGEST_TEXT) return; // most values are this
  const choices = schemas.flatMap((one) => choicesOf(one, root));
  if (typeof value === 'string') {
    const isFull = [...value].length >= LONGEST_TEXT && unlimited(choices, { type: 'string', keyword: 'maxLength' });
    if (isFull) yield `${place}: ${LONGEST_TEXT} characters`;
  } else if (Array.isArray(value)) {
    const isFull = value.length >= LONGEST_LIST && unlimited(choices, { type: 'array', keyword: 'maxItems' });
    if (isFull) yield `${place}: ${LONGEST_LIST} elements`;
    for (const [index, one] of value.entries()) {
      yield* cutsAt(one, { root, schemas: elementSchemas(choices, index), place: `${place}[${index}]` });
    }
  } else if (isJsonSchema(value)) {
    const objects = objectChoices(choices, value);
    for (const [name, one] of Object.entries(value)) {
      yield* cutsAt(one, { root, schemas: memberSchemas(objects, name), place: `${place}.${name}` });
    }
  }
}

/** Whether none of the choices for a value of this type has a limit of the user's. */
function unlimited(
  choices: readonly JsonSchema[],
  { type, keyword }: { readonly type: 'string' | 'array'; readonly keyword: string },
): boolean {
  const ofType = choices.filter((choice) => typesOf(choice).length === 0 || typesOf(choice).includes(type));
  const fixed = [keyword, 'enum', 'const', 'prefixItems'];
  return ofType.every((choice) => fixed.every((name) => choice[name] === undefined));
}
