import type { ModelAnswer } from '../../src/core/ask.js';
import type { FailureCode } from '../../src/core/errors.js';
import { NO_RESULT } from '../../src/core/record.js';
import { type Cleaning, cleanAnswer } from './clean.js';
import type { Reading } from './task.js';

/** A complete answer without what was around it, or the reading of one that is none. */
export type WholeAnswer =
  | { readonly text: string; readonly warnings: readonly string[] }
  | { readonly reading: Reading };

/**
 * Tells a complete answer from one that was cut or says nothing.
 *
 * @param cleaning - null for the answers of an engine that adds nothing of its own
 */
export function wholeAnswer(answer: ModelAnswer, cleaning: Cleaning | null): WholeAnswer {
  const text = answer.text.trim();
  if (answer.blank) return { reading: { status: 'blank', result: { ...NO_RESULT, text: '' }, warnings: [] } };
  switch (answer.end) {
    case 'length':
      return none('ANSWER_TRUNCATED', 'The answer reached its token limit. Raise --max-tokens or --num-ctx.', text);
    case 'cut':
      return none('ANSWER_TRUNCATED', 'The server ended the answer without saying why.', text);
    case 'looped':
      return none('ANSWER_LOOPED', 'The answer repeated itself until it was cut.', text);
    case 'complete': {
      const cleaned = cleaning === null ? asItIs(text) : cleanAnswer(text, cleaning);
      return cleaned.nothing === null ? cleaned : none('ANSWER_EMPTY', cleaned.nothing, cleaned.text);
    }
  }
}

/** Reads an answer that is text. Only one that the model itself ended, and that says something, is `ok`. */
export function readText(answer: ModelAnswer, cleaning: Cleaning | null): Reading {
  const whole = wholeAnswer(answer, cleaning);
  if ('reading' in whole) return whole.reading;
  return { status: 'ok', result: { ...NO_RESULT, text: whole.text }, warnings: whole.warnings };
}

function asItIs(text: string) {
  return { text, warnings: [], nothing: text === '' ? 'The engine answered with nothing.' : null };
}

function none(code: FailureCode, message: string, text: string): WholeAnswer {
  return { reading: { failure: { code, message }, result: { ...NO_RESULT, text }, warnings: [] } };
}
