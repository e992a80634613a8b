import type { JsonSchema } from '../../src/core/json-schema.js';
import { describeSchema } from '../schema/describe.js';
import type { Question } from './task.js';
import { literal } from './template.js';

/** About 300 tokens. A system message comes before the image, so that a server reads what is long once for all items. */
const LONG_CHARS = 1_000;

/** Puts what every item is told alike behind the question or, where it is long, into the system message. */
export function instructed(
  words: Pick<Question, 'system' | 'prompt'>,
  instructions: string,
): Pick<Question, 'system' | 'prompt'> {
  const { system, prompt } = words;
  if (instructions.length <= LONG_CHARS) return { system, prompt: `${prompt}\n\n${instructions}` };
  return { system: system === null ? instructions : `${system}\n\n${instructions}`, prompt };
}

/** How to answer with a value of a schema, in words: a server holds a model to a schema, but does not show it. */
export function dataInstructions(schema: JsonSchema): string {
  return `Answer with JSON alone, made of these fields:
${literal(describeSchema(schema))}
Take every value from the image and invent nothing: write null instead of a guess where a field may be null.
Write numbers as numbers, without units and without separators between thousands.`;
}
