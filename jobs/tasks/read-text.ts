import type { ModelAnswer } from '../../src/core/ask.js';
import type { FailureCode } from '../../src/core/errors.js';
import type { Reading } from './task.js';

/**
 * Reads an answer that is text. Only an answer that the model itself ended, and that says something, is `ok`: one that
 * ended otherwise is a loop where it repeats itself, or else a truncation.
 */
export function readText(answer: ModelAnswer): Reading {
  const text = answer.text.trim();
  if (answer.blank) return { status: 'blank', text: '', warnings: [] };
  switch (answer.end) {
    case 'length':
      return repeats(text)
        ? failed('ANSWER_LOOPED', 'The answer repeated itself until it reached its token limit.', text)
        : failed('ANSWER_TRUNCATED', 'The answer reached its token limit. Raise --max-tokens or --num-ctx.', text);
    case 'cut':
      return repeats(text)
        ? failed('ANSWER_LOOPED', 'The server cut the answer while it repeated itself.', text)
        : failed('ANSWER_TRUNCATED', 'The server ended the answer without saying why.', text);
    case 'complete':
      return text === ''
        ? failed('ANSWER_EMPTY', 'The model answered with nothing.', text)
        : { status: 'ok', text, warnings: [] };
  }
}

function failed(code: FailureCode, message: string, text: string): Reading {
  return { failure: { code, message }, text, warnings: [] };
}

const TAIL = 2_000;
const LONGEST_PERIOD = 400;
const LEAST_REPEATED = 24;

/** Whether a text ends in at least three copies of the same 1…400 characters, 24 characters or more in all. */
function repeats(text: string): boolean {
  const tail = text.slice(-TAIL);
  for (let period = 1; period <= LONGEST_PERIOD; period += 1) {
    const repeated = Math.max(3 * period, LEAST_REPEATED);
    if (repeated > tail.length) return false;
    if (endsPeriodically(tail, period, repeated)) return true;
  }
  return false;
}

/** Whether each of the last `length` characters equals the one `period` before it. */
function endsPeriodically(text: string, period: number, length: number): boolean {
  for (let at = text.length - length + period; at < text.length; at += 1) {
    if (text[at] !== text[at - period]) return false;
  }
  return true;
}
