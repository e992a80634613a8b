import type { ModelAnswer } from '../../src/core/ask.js';
import { readText } from './read-text.js';
import type { Reading } from './task.js';

/** What a model is told to say of an image without writing. */
export const NO_TEXT = '[NO TEXT]';

/** Reads the text of a page; a model that says there is none has answered. */
export function readPage(answer: ModelAnswer): Reading {
  const reading = readText(answer);
  if ('failure' in reading || reading.result.text !== NO_TEXT) return reading;
  const result = { ...reading.result, text: '' };
  return { status: 'blank', result, warnings: [...reading.warnings, 'said-by-model'] };
}
