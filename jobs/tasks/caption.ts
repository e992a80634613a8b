import type { TaskDefinition } from './task.js';

const PROMPT =
  'Describe this image in one clear sentence of at most 30 words: what it shows, where, and what is happening. ' +
  'Mention only what can be seen. Answer with the sentence alone.';

/** One sentence on what an image shows. */
export const caption: TaskDefinition = {
  name: 'caption',
  engines: ['ollama'],
  defaultMaxTokens: 512,
  question: ({ userSystem, userPrompt }) => ({
    system: userSystem,
    prompt: userPrompt ?? PROMPT,
    form: { kind: 'text' },
  }),
};
