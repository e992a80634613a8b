import type { TaskDefinition } from './task.js';

export const ask: TaskDefinition = {
  name: 'ask',
  engines: ['ollama'],
  defaultMaxTokens: 512,
  question: ({ userSystem, userPrompt }) => ({ system: userSystem, prompt: userPrompt ?? '', form: { kind: 'text' } }),
};
