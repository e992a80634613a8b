import type { TaskDefinition } from './task.js';

export const own: TaskDefinition = {
  name: 'own',
  engines: ['ollama'],
  defaultMaxTokens: 512,
  question: ({ userSystem, userPrompt }) => ({ system: userSystem, prompt: userPrompt ?? '', form: { kind: 'text' } }),
};
