import { dataInstructions, instructed } from './instructions.js';
import type { TaskDefinition } from './task.js';

/** A task out of the user's own file, which says its prompt and, where data is wanted, its schema. */
export const own: TaskDefinition = {
  name: 'own',
  engines: ['ollama'],
  defaultMaxTokens: 1_024,
  question: ({ userSystem, userPrompt, schema, columns }) => {
    const words = { system: userSystem, prompt: userPrompt ?? '' };
    if (schema === null) return { ...words, form: { kind: 'text' } };
    return { ...instructed(words, dataInstructions(schema)), form: { kind: 'data', schema, columns } };
  },
};
