import { NO_TEXT } from './read-page.js';
import type { TaskDefinition } from './task.js';

const PROMPT = `Transcribe all text in this image exactly as it is written.
Keep the line breaks, the spelling and the language of the original.
Do not translate, summarise, correct or complete anything, and add no comments.
Write [?] for what cannot be read.
If there is no text in the image, answer exactly ${NO_TEXT}.`;

/** Reads what is written. An OCR model gets the prompt it was trained on and nothing else. */
export const ocr: TaskDefinition = {
  name: 'ocr',
  engines: ['ollama', 'cpu-ocr'],
  defaultMaxTokens: 4_096,
  question: ({ userSystem, userPrompt, fixedOcrPrompt, format }) => ({
    system: userSystem,
    prompt: userPrompt ?? fixedOcrPrompt ?? PROMPT,
    form: { kind: 'page', format },
  }),
};
