import type { ModelAnswer, PageFormat } from '../../src/core/ask.js';
import type { Cleaning } from './clean.js';
import { readText } from './read-text.js';
import type { Reading } from './task.js';

/** What a model is told to say of an image without writing. */
export const NO_TEXT = '[NO TEXT]';

/** The same in any case. */
const SAYS_NO_TEXT = /\[\s*no[ _-]text\s*\]/gi;

/** What models put around it. */
const AROUND = /^["'`*“”„«».!\s\p{Cc}\p{Cf}]*$/u;

export interface PageReading {
  readonly format: PageFormat;
  /** Null for the answers of an engine that adds nothing of its own. */
  readonly cleaning: Cleaning | null;
}

/** Reads the text of a page; a model that says there is none, and nothing else, has answered. */
export function readPage(answer: ModelAnswer, { format, cleaning }: PageReading): Reading {
  const reading = readText(answer, cleaning);
  const { text } = reading.result;
  if ('failure' in reading || text === null) return reading;
  const beside = cleaning === null ? text : text.replace(SAYS_NO_TEXT, '');
  if (beside !== text && AROUND.test(beside)) {
    const result = { ...reading.result, text: '' };
    return { status: 'blank', result, warnings: [...reading.warnings, 'said-by-model'] };
  }
  const warnings = beside === text ? reading.warnings : [...reading.warnings, 'no-text-contradicted'];
  const kept = format === 'lines' ? filledLines(text) : text;
  return { ...reading, result: { ...reading.result, text: kept }, warnings };
}

/** One line a line of the page, none of them empty. */
function filledLines(text: string): string {
  const lines = text.split(/\r?\n/).map((line) => line.trimEnd());
  return lines.filter((line) => line !== '').join('\n');
}
