import type { TaskDefinition } from './task.js';

export const compare: TaskDefinition = {
  name: 'compare',
  engines: ['ollama'],
  defaultMaxTokens: 512,
  question: ({ userSystem, userPrompt }) => ({ system: userSystem, prompt: userPrompt ?? '', form: { kind: 'text' } }),
};
