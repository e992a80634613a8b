import { z } from 'zod';
import type { AnswerForm, ModelAnswer } from '../../src/core/ask.js';
import { NO_RESULT } from '../../src/core/record.js';
import { cutsOf } from '../schema/cuts.js';
import type { Check } from '../schema/validator.js';
import type { Cleaning } from './clean.js';
import { invalid, jsonAnswer } from './read-json.js';
import type { Reading } from './task.js';

export interface DataReading {
  readonly form: Extract<AnswerForm, { kind: 'data' }>;
  readonly check: Check;
  readonly cleaning: Cleaning;
}

const JSON_VALUE = z.json();

/** Reads an answer that is a value of a schema. */
export function readData(answer: ModelAnswer, { form, check, cleaning }: DataReading): Reading {
  const parsed = jsonAnswer(answer, cleaning);
  if ('reading' in parsed) return parsed.reading;
  const { value, text, warnings } = parsed;
  const checked = check(value);
  if ('complaint' in checked) return invalid({ text, warnings, problem: checked.complaint });
  const json = JSON_VALUE.safeParse(checked.data);
  if (!json.success) return invalid({ text, warnings, problem: 'The schema made of it what JSON has no value for.' });
  const { data } = json;
  const [cut] = cutsOf(form.schema, value);
  if (cut === undefined) return { status: 'ok', result: { ...NO_RESULT, data }, warnings };
  const message = `The answer was cut at a limit that stands where the schema has none (${cut}). Set maxItems or maxLength there.`;
  return { failure: { code: 'ANSWER_TRUNCATED', message }, result: { ...NO_RESULT, text, data }, warnings };
}
