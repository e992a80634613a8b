import type { TaskDefinition } from './task.js';

/** The user's own questions. Several are one conversation: each is asked after the answer to the one before. */
export const ask: TaskDefinition = {
  name: 'ask',
  engines: ['ollama'],
  defaultMaxTokens: 512,
  question: ({ userSystem, questions }) => ({
    system: userSystem,
    prompt: questions[0] ?? '',
    form: questions.length > 1 ? { kind: 'answers', questions } : { kind: 'text' },
  }),
};
