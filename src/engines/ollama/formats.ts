import { VisionError } from '../../core/errors.js';
import { type JsonSchema, UnusableSchema } from '../../core/json-schema.js';
import { grammarOf } from './grammar.js';

/** Schemas as the server's grammar takes them. Each is reduced once, since all items of a run share it. */
export class Formats {
  readonly #reduced = new WeakMap<JsonSchema, JsonSchema>();

  /** Throws VisionError ASK_REFUSED for a schema that the server cannot take. */
  readonly of = (schema: JsonSchema): JsonSchema => {
    const known = this.#reduced.get(schema);
    if (known !== undefined) return known;
    const reduced = reduce(schema);
    this.#reduced.set(schema, reduced);
    return reduced;
  };
}

function reduce(schema: JsonSchema): JsonSchema {
  try {
    return grammarOf(schema).schema;
  } catch (thrown) {
    if (!(thrown instanceof UnusableSchema)) throw thrown;
    throw new VisionError('ASK_REFUSED', `The schema cannot be used: ${thrown.message}.`, {
      fix: thrown.fix,
      cause: thrown,
    });
  }
}
