import type { ModelAnswer } from '../../src/core/ask.js';
import type { FailureCode } from '../../src/core/errors.js';
import { NO_RESULT } from '../../src/core/record.js';
import type { Reading } from './task.js';

/** Reads an answer that is text. Only one that the model itself ended, and that says something, is `ok`. */
export function readText(answer: ModelAnswer): Reading {
  const text = answer.text.trim();
  if (answer.blank) return { status: 'blank', result: { ...NO_RESULT, text: '' }, warnings: [] };
  switch (answer.end) {
    case 'length':
      return failed('ANSWER_TRUNCATED', 'The answer reached its token limit. Raise --max-tokens or --num-ctx.', text);
    case 'cut':
      return failed('ANSWER_TRUNCATED', 'The server ended the answer without saying why.', text);
    case 'looped':
      return failed('ANSWER_LOOPED', 'The answer repeated itself until it was cut.', text);
    case 'complete':
      return text === ''
        ? failed('ANSWER_EMPTY', 'The model answered with nothing.', text)
        : { status: 'ok', result: { ...NO_RESULT, text }, warnings: [] };
  }
}

function failed(code: FailureCode, message: string, text: string): Reading {
  return { failure: { code, message }, result: { ...NO_RESULT, text }, warnings: [] };
}
