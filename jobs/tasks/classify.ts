import type { TaskDefinition } from './task.js';

export const classify: TaskDefinition = {
  name: 'classify',
  engines: ['ollama'],
  defaultMaxTokens: 512,
  question: ({ userSystem, userPrompt }) => ({ system: userSystem, prompt: userPrompt ?? '', form: { kind: 'text' } }),
};
