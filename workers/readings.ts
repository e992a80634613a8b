import type { ReadAnswer } from '../jobs/tasks/reading.js';
import type { Reading } from '../jobs/tasks/task.js';
import type { Confidence, ModelAnswer } from '../src/core/ask.js';
import { VisionError } from '../src/core/errors.js';
import { joinHalves } from './join-halves.js';

/** What the requests of one try amount to, and what they cost together. */
export interface Tried {
  readonly reading: Reading;
  readonly answer: ModelAnswer;
}

/** Reads the answers of one try: one, or those to the two halves of a page, which are joined. */
export function readTry(answers: readonly ModelAnswer[], read: ReadAnswer): Tried {
  const [first, ...others] = answers.map((answer): Tried => ({ answer, reading: read(answer) }));
  if (first === undefined) throw new Error('Expected a try to have an answer, got none');
  return others.reduce(
    (upper, lower) => ({
      reading: joinReadings(upper.reading, lower.reading),
      answer: joinAnswers(upper.answer, lower.answer),
    }),
    first,
  );
}

/** What ended a later half, with the text of the halves before it. */
export function withTextBefore(thrown: unknown, before: readonly ModelAnswer[]): unknown {
  if (!(thrown instanceof VisionError) || before.length === 0) return thrown;
  const texts = [...before.map(({ text }) => text.trim()), thrown.partialText ?? ''];
  const partialText = texts.reduce((upper, lower) => joinTexts(upper, lower));
  return new VisionError(thrown.code, thrown.sentence, { cause: thrown, partialText });
}

/** A half that is no good makes the page no good; a half without writing adds nothing. */
function joinReadings(upper: Reading, lower: Reading): Reading {
  const warnings = [...new Set([...upper.warnings, ...lower.warnings])];
  const text = joinTexts(upper.result.text ?? '', lower.result.text ?? '');
  const result = { ...upper.result, text };
  if ('failure' in upper) return { ...upper, result, warnings };
  if ('failure' in lower) return { ...lower, result, warnings };
  const status = upper.status === 'blank' && lower.status === 'blank' ? 'blank' : 'ok';
  return { status, result, warnings: status === 'ok' ? warnings.filter((one) => one !== 'said-by-model') : warnings };
}

function joinTexts(upper: string, lower: string): string {
  return upper === '' || lower === '' ? upper + lower : joinHalves(upper, lower);
}

function joinAnswers(upper: ModelAnswer, lower: ModelAnswer): ModelAnswer {
  const { tokens, timingMs } = upper;
  return {
    ...lower,
    tokens: { prompt: sum(tokens.prompt, lower.tokens.prompt), output: sum(tokens.output, lower.tokens.output) },
    timingMs: {
      load: sum(timingMs.load, lower.timingMs.load),
      prompt: sum(timingMs.prompt, lower.timingMs.prompt),
      generate: sum(timingMs.generate, lower.timingMs.generate),
    },
    confidence: lessSure(upper.confidence, lower.confidence),
  };
}

function sum(a: number | null, b: number | null): number | null {
  return a === null || b === null ? null : a + b;
}

function lessSure(a: Confidence | null, b: Confidence | null): Confidence | null {
  if (a === null || b === null) return null;
  return a.mean <= b.mean ? a : b;
}
