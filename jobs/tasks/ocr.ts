import { readText } from './read-text.js';
import { type TaskDefinition, TEXT_COLUMN } from './task.js';

/** What a model is told to say of an image without writing. */
const NO_TEXT = '[NO TEXT]';

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
  columns: [TEXT_COLUMN],
  prompts: ({ userSystem, userPrompt, fixedOcrPrompt }) => ({
    system: userSystem,
    prompt: userPrompt ?? fixedOcrPrompt ?? PROMPT,
  }),
  readAnswer(answer) {
    const reading = readText(answer);
    if ('failure' in reading || reading.text !== NO_TEXT) return reading;
    return { status: 'blank', text: '', warnings: [...reading.warnings, 'said-by-model'] };
  },
};
