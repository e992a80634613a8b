import type { TaskDefinition } from './task.js';

const PROMPT =
  'Compare these images in the order in which they are numbered. Say in one sentence what they have in common. Then ' +
  'list every difference on a line of its own, naming the images by their numbers. Mention only what can be seen.';

const ON_ONE_CANVAS = 'The images stand side by side on one canvas, each below its number.';

/** What several images have in common, and what not. */
export const compare: TaskDefinition = {
  name: 'compare',
  engines: ['ollama'],
  defaultMaxTokens: 1_024,
  question: ({ userSystem, userPrompt, stitch }) => {
    const prompt = userPrompt ?? PROMPT;
    return { system: userSystem, prompt: stitch ? `${ON_ONE_CANVAS} ${prompt}` : prompt, form: { kind: 'text' } };
  },
};
