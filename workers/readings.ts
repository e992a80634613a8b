import type { ReadAnswer } from '../jobs/tasks/reading.js';
import type { Reading } from '../jobs/tasks/task.js';
import type { Confidence, ModelAnswer, ModelImage } from '../src/core/ask.js';
import { VisionError } from '../src/core/errors.js';
import { type Joined, joinHalves } from './join-halves.js';

/** What the requests of one try amount to, and what they cost together. */
export interface Tried {
  readonly reading: Reading;
  readonly answer: ModelAnswer;
}

/** What was asked in one request, and what was answered. */
export interface Asked {
  readonly images: readonly ModelImage[];
  readonly answer: ModelAnswer;
}

interface TriedPart extends Tried {
  /** Which share of the part's height the one above it shows too. */
  readonly shared: number | undefined;
  readonly isTiled: boolean;
}

/** How the answers of a try are read. */
export interface TryReading {
  readonly read: ReadAnswer;
  /** Whether it is told where tiles were not found to meet; of halves, that they were made is told already. */
  readonly isTiled: boolean;
}

/** Reads the answers of one try: one, or those to the parts of a page, which are joined. */
export function readTry(asked: readonly Asked[], { read, isTiled }: TryReading): Tried {
  const [first, ...others] = asked.map(
    ({ answer, images }): TriedPart => ({ answer, reading: read(answer), shared: images[0]?.shared, isTiled }),
  );
  if (first === undefined) throw new Error('Expected a try to have an answer, got none');
  return others.reduce<Tried>(
    (upper, lower) => ({
      reading: joinReadings(upper.reading, lower),
      answer: joinAnswers(upper.answer, lower.answer),
    }),
    first,
  );
}

/** What ended a later half, with the text of the halves before it. */
export function withTextBefore(thrown: unknown, before: readonly Asked[]): unknown {
  if (!(thrown instanceof VisionError) || before.length === 0) return thrown;
  const texts = [...before.map(({ answer }) => answer.text.trim()), thrown.partialText ?? ''];
  const partialText = texts.reduce((upper, lower) => joinTexts(upper, lower).text);
  return new VisionError(thrown.code, thrown.sentence, { cause: thrown, partialText });
}

/** A half that is no good makes the page no good; a half without writing adds nothing. */
function joinReadings(upper: Reading, { reading: lower, shared, isTiled }: TriedPart): Reading {
  const { text, isJoined } = joinTexts(upper.result.text ?? '', lower.result.text ?? '', shared);
  const warnings = [
    ...new Set([...upper.warnings, ...lower.warnings, ...(isTiled && !isJoined ? ['tiles-not-joined'] : [])]),
  ];
  const result = { ...upper.result, text };
  if ('failure' in upper) return { ...upper, result, warnings };
  if ('failure' in lower) return { ...lower, result, warnings };
  const status = upper.status === 'blank' && lower.status === 'blank' ? 'blank' : 'ok';
  return { status, result, warnings: status === 'ok' ? warnings.filter((one) => one !== 'said-by-model') : warnings };
}

function joinTexts(upper: string, lower: string, share?: number): Joined {
  return upper === '' || lower === '' ? { text: upper + lower, isJoined: true } : joinHalves(upper, lower, share);
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
