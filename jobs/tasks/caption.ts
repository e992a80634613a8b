import type { CaptionStyle, TaskDefinition } from './task.js';

const PROMPTS: Readonly<Record<CaptionStyle, string>> = {
  short:
    'Describe this image in one clear sentence of at most 30 words: what it shows, where, and what is happening. ' +
    'Mention only what can be seen. Answer with the sentence alone.',
  detailed:
    'Describe this image in one paragraph of 80 to 150 words: what it shows, where, who or what is in the foreground ' +
    'and what behind, colours, light and mood, and any writing that matters. Mention only what can be seen, and say ' +
    'so where something is unclear. Answer with the paragraph alone.',
  alt:
    'Write the alternative text of this image for somebody who cannot see it: what matters in it, in at most 125 ' +
    'characters, without "image of" or "picture of". Quote writing that matters. Mention only what can be seen. ' +
    'Answer with the text alone.',
};

/** What an image shows, in words. */
export const caption: TaskDefinition = {
  name: 'caption',
  engines: ['ollama'],
  defaultMaxTokens: 512,
  question: ({ userSystem, userPrompt, style }) => ({
    system: userSystem,
    prompt: userPrompt ?? PROMPTS[style],
    form: { kind: 'text' },
  }),
};
