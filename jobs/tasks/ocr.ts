import type { PageFormat } from '../../src/core/ask.js';
import { languagesInWords } from './languages.js';
import { NO_TEXT } from './read-page.js';
import type { TaskDefinition } from './task.js';

const HOW: Readonly<Record<PageFormat, string>> = {
  text: `Transcribe all text in this image exactly as it is written.
Keep the line breaks, the spelling and the language of the original.`,
  markdown: `Transcribe all text in this image exactly as it is written, as Markdown.
Keep its headings, lists and tables as such, its order, its spelling and its language, and put no fence around the whole.`,
  lines: `Transcribe all text in this image exactly as it is written, line by line from top to bottom.
Write every line of the image on a line of its own, also where a word is divided, without empty lines between them.
Keep the spelling and the language of the original.`,
};

const NOTHING_ELSE = `Do not translate, summarise, correct or complete anything, and add no comments.
Write [?] for what cannot be read.
If there is no text in the image, answer exactly ${NO_TEXT}.`;

/** Reads what is written. An OCR model gets the prompt it was trained on and nothing else. */
export const ocr: TaskDefinition = {
  name: 'ocr',
  engines: ['ollama', 'cpu-ocr'],
  defaultMaxTokens: 4_096,
  question: ({ userSystem, userPrompt, fixedOcrPrompt, format, lang }) => {
    const language = lang === null ? [] : [languagesInWords(lang)];
    const words = [HOW[format], ...language, NOTHING_ELSE].join('\n');
    return { system: userSystem, prompt: userPrompt ?? fixedOcrPrompt ?? words, form: { kind: 'page', format } };
  },
};
