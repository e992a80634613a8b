import { dataInstructions, instructed } from './instructions.js';
import type { TaskDefinition } from './task.js';

const PROMPT = 'Read the data out of this image.';

/** Data out of an image, as the user's schema says. */
export const extract: TaskDefinition = {
  name: 'extract',
  engines: ['ollama'],
  defaultMaxTokens: 2_048,
  question: ({ userSystem, userPrompt, schema, columns }) => {
    if (schema === null) throw new TypeError('Expected `schema` to be proven by the settings, got null');
    const words = instructed({ system: userSystem, prompt: userPrompt ?? PROMPT }, dataInstructions(schema));
    return { ...words, form: { kind: 'data', schema, columns } };
  },
};
