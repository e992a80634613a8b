import {
  isJsonSchema,
  type JsonSchema,
  requiredOf,
  resolveRef,
  schemasByName,
  schemasIn,
  typesOf,
} from '../../src/core/json-schema.js';
import { normalSchema } from '../../src/core/schema/normal.js';
import { allowsNull, choicesOf, isSame } from './shapes.js';

const NULL = 'or null if it cannot be seen';

/** Levels that are described; deeper ones, as recursion has them, are held by the grammar alone. */
const DEEPEST = 6;

/** Lists of lists that are told in one line. */
const DEEPEST_WORDS = 1;

/**
 * The fields of a schema in words for a model, one a line, inner ones indented:
 * `- total (number, or null if it cannot be seen): The sum to pay`. The server holds a model to a schema, but does not
 * show it.
 */
export function describeSchema(schema: JsonSchema): string {
  const root = normalSchema(schema);
  const lines = new Describer(root).fields(root, 0);
  return lines.length > 0 ? lines.join('\n') : new Describer(root).words(root);
}

class Describer {
  readonly #root: JsonSchema;
  /** Schemas being described, to notice one inside itself. */
  readonly #open: JsonSchema[];

  constructor(root: JsonSchema) {
    this.#root = root;
    this.#open = [root];
  }

  /** The lines of an object's fields, of a list's elements, of each choice. */
  fields(schema: JsonSchema, depth: number): readonly string[] {
    if (depth > DEEPEST) return [];
    const union = [...schemasIn(schema.anyOf), ...schemasIn(schema.oneOf)];
    if (union.length > 0) return this.#alternatives(union, depth);
    if (typeof schema.$ref !== 'string') return this.#inner(schema, depth);
    const target = resolveRef(this.#root, schema.$ref);
    if (!isJsonSchema(target) || this.#open.some((outer) => isSame(outer, target))) return [];
    this.#open.push(target);
    const lines = this.fields(target, depth);
    this.#open.pop();
    return lines;
  }

  #alternatives(union: readonly JsonSchema[], depth: number): readonly string[] {
    const [first = [], ...others] = union.map((one) => this.fields(one, depth)).filter((lines) => lines.length > 0);
    return [...first, ...others.flatMap((lines) => [`${'  '.repeat(depth)}or`, ...lines])];
  }

  #inner(schema: JsonSchema, depth: number): readonly string[] {
    if (isJsonSchema(schema.items)) return this.fields(schema.items, depth);
    const required = requiredOf(schema);
    return schemasByName(schema.properties).flatMap(([name, property]) => {
      const isOptional = !required.includes(name) || allowsNull(property, this.#root);
      const kind = isOptional ? `${this.words(property)}, ${NULL}` : this.words(property);
      const said = this.#description(property);
      const line = `${'  '.repeat(depth)}- ${name} (${kind})${said === '' ? '' : `: ${said}`}`;
      return [line, ...this.fields(property, depth + 1)];
    });
  }

  /** What a value is: `number`, `date as YYYY-MM-DD`, `"a" or "b"`, `list of texts`. */
  words(schema: JsonSchema, depth = 0): string {
    if (depth > DEEPEST_WORDS) return 'anything';
    const words = this.#choices(schema).flatMap((choice) => this.#choiceWords(choice, depth));
    return [...new Set(words)].join(' or ') || 'anything';
  }

  #choiceWords(schema: JsonSchema, depth: number): readonly string[] {
    if (schema.const !== undefined) return schema.const === null ? [] : [`exactly ${JSON.stringify(schema.const)}`];
    if (Array.isArray(schema.enum)) {
      const values = schema.enum.filter((value) => value !== null).map((value) => JSON.stringify(value));
      return values.length === 0 ? [] : [values.length === 1 ? `exactly ${values[0]}` : `one of ${values.join(', ')}`];
    }
    return typesOf(schema).flatMap((type) => this.#typeWords(type, { schema, depth: depth + 1 }));
  }

  #typeWords(
    type: string,
    { schema, depth }: { readonly schema: JsonSchema; readonly depth: number },
  ): readonly string[] {
    switch (type) {
      case 'null':
        return [];
      case 'string':
        return [textWords(schema)];
      case 'integer':
        return [`whole number${rangeWords(schema)}`];
      case 'number':
        return [`number${rangeWords(schema)}`];
      case 'boolean':
        return ['true or false'];
      case 'array':
        return [this.#listWords(schema, depth)];
      default:
        return [schema.properties === undefined ? this.#mapWords(schema, depth) : 'object'];
    }
  }

  #listWords({ minItems, maxItems, prefixItems, items }: JsonSchema, depth: number): string {
    if (Array.isArray(prefixItems)) {
      return `list of, in this order: ${schemasIn(prefixItems)
        .map((one) => this.words(one, depth))
        .join('; ')}`;
    }
    const count = boundWords(minItems, maxItems);
    return `list${count === '' ? '' : ` (${count})`} of: ${this.words(isJsonSchema(items) ? items : {}, depth)}`;
  }

  #mapWords({ additionalProperties: member }: JsonSchema, depth: number): string {
    return isJsonSchema(member) ? `object of names, each with: ${this.words(member, depth)}` : 'object';
  }

  #choices(schema: JsonSchema): readonly JsonSchema[] {
    return choicesOf(schema, this.#root);
  }

  #description(schema: JsonSchema): string {
    const said = [schema, ...this.#choices(schema)].find(({ description }) => typeof description === 'string');
    return String(said?.description ?? schema.title ?? '')
      .trim()
      .replaceAll(/\s+/g, ' ')
      .replace(/\.$/, '');
  }
}

const FORMATS: ReadonlyMap<unknown, string> = new Map([
  ['date', 'date as YYYY-MM-DD'],
  ['time', 'time as HH:MM:SSZ'],
  ['date-time', 'date and time as YYYY-MM-DDTHH:MM:SSZ'],
  ['email', 'e-mail address'],
  ['uri', 'URL'],
]);

function textWords({ format, pattern, minLength, maxLength }: JsonSchema): string {
  const named = FORMATS.get(format);
  if (named !== undefined) return named;
  const isShort = typeof pattern === 'string' && pattern.length <= 60;
  const said = [boundWords(minLength, maxLength, ' characters'), isShort ? `matching ${pattern}` : ''];
  return ['text', ...said.filter((part) => part !== '')].join(', ');
}

function rangeWords({ minimum, maximum, exclusiveMinimum, exclusiveMaximum }: JsonSchema): string {
  const bounds = [
    isSmall(minimum) ? `from ${minimum}` : '',
    isSmall(exclusiveMinimum) ? `above ${exclusiveMinimum}` : '',
    isSmall(maximum) ? `to ${maximum}` : '',
    isSmall(exclusiveMaximum) ? `below ${exclusiveMaximum}` : '',
  ].filter((part) => part !== '');
  return bounds.length === 0 ? '' : ` ${bounds.join(' ')}`;
}

/** Zod bounds whole numbers by what a double holds, which is no news to a model. */
function isSmall(bound: unknown): boolean {
  return typeof bound === 'number' && Math.abs(bound) < 2 ** 31;
}

function boundWords(least: unknown, most: unknown, unit = ''): string {
  if (least !== undefined && most !== undefined)
    return least === most ? `${least}${unit}` : `${least} to ${most}${unit}`;
  if (most !== undefined) return `at most ${most}${unit}`;
  return least === undefined ? '' : `at least ${least}${unit}`;
}
