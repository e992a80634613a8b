import type { ModelAnswer } from '../../src/core/ask.js';
import { messageOf } from '../../src/core/errors.js';
import { NO_RESULT } from '../../src/core/record.js';
import type { Cleaning } from './clean.js';
import { wholeAnswer } from './read-text.js';
import type { Reading } from './task.js';

/** A parsed answer, or the reading of one that is no JSON. */
export type JsonAnswer =
  | { readonly value: unknown; readonly text: string; readonly warnings: readonly string[] }
  | { readonly reading: Reading };

/** Parses an answer that is to be JSON. One that was cut is never parsed: half of a list looks like a whole one. */
export function jsonAnswer(answer: ModelAnswer, cleaning: Cleaning): JsonAnswer {
  const whole = wholeAnswer(answer, cleaning);
  if ('reading' in whole) return whole;
  const { text, warnings } = whole;
  try {
    return { value: JSON.parse(text), text, warnings };
  } catch (error) {
    return { reading: invalid({ text, warnings, problem: `It is no JSON: ${messageOf(error)}` }) };
  }
}

/** The reading of an answer that is complete and does not fit. The raw text is kept. */
export function invalid({
  text,
  warnings,
  problem,
}: {
  readonly text: string;
  readonly warnings: readonly string[];
  readonly problem: string;
}): Reading {
  return {
    failure: {
      code: 'ANSWER_INVALID',
      message: `The answer is not what was asked for. ${problem.replaceAll('\n', '; ')}`,
    },
    complaint: { answer: text, problem },
    result: { ...NO_RESULT, text },
    warnings,
  };
}
