import type { TaskDefinition } from './task.js';

export const extract: TaskDefinition = {
  name: 'extract',
  engines: ['ollama'],
  defaultMaxTokens: 512,
  question: ({ userSystem, userPrompt }) => ({ system: userSystem, prompt: userPrompt ?? '', form: { kind: 'text' } }),
};
