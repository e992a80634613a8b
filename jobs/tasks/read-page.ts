import type { ModelAnswer, PageFormat } from '../../src/core/ask.js';
import type { Cleaning } from './clean.js';
import { readText } from './read-text.js';
import type { Reading } from './task.js';

/** What a model is told to say of an image without writing. */
export const NO_TEXT = '[NO TEXT]';

/** The same in any case, with or without what models put around it. */
const SAYS_NO_TEXT = /^["'`*“”„«»\s]*\[\s*no[ _-]text\s*\]["'`*“”„«».!\s]*$/i;

export interface PageReading {
  readonly format: PageFormat;
  /** Null for the answers of an engine that adds nothing of its own. */
  readonly cleaning: Cleaning | null;
}

/** Reads the text of a page; a model that says there is none has answered. */
export function readPage(answer: ModelAnswer, { format, cleaning }: PageReading): Reading {
  const reading = readText(answer, cleaning);
  const { text } = reading.result;
  if ('failure' in reading || text === null) return reading;
  if (cleaning !== null && SAYS_NO_TEXT.test(text)) {
    const result = { ...reading.result, text: '' };
    return { status: 'blank', result, warnings: [...reading.warnings, 'said-by-model'] };
  }
  return format === 'lines' ? { ...reading, result: { ...reading.result, text: filledLines(text) } } : reading;
}

/** One line a line of the page, none of them empty. */
function filledLines(text: string): string {
  const lines = text.split(/\r?\n/).map((line) => line.trimEnd());
  return lines.filter((line) => line !== '').join('\n');
}
