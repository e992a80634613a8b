import type { AnswerForm, ModelAnswer } from '../../src/core/ask.js';
import type { JsonSchema } from '../../src/core/json-schema.js';
import { NO_RESULT } from '../../src/core/record.js';
import { checkOf } from '../schema/validator.js';
import type { Cleaning } from './clean.js';
import { invalid, jsonAnswer } from './read-json.js';
import type { Reading } from './task.js';

export type LabelsForm = Extract<AnswerForm, { kind: 'labels' }>;

/** The schema of an answer that chooses among labels: an object, because models are trained to answer with one. */
export function labelSchema({ labels, multi }: LabelsForm): JsonSchema {
  const one = { type: 'string', enum: labels };
  const [name, value] = multi
    ? ['labels', { type: 'array', items: one, maxItems: labels.length, uniqueItems: true }]
    : ['label', one];
  return { type: 'object', properties: { [name]: value }, required: [name], additionalProperties: false };
}

/** Reads answers that choose among labels. */
export function labelReader(form: LabelsForm, cleaning: Cleaning): (answer: ModelAnswer) => Reading {
  const check = checkOf(labelSchema(form));
  return (answer) => {
    const parsed = jsonAnswer(answer, cleaning);
    if ('reading' in parsed) return parsed.reading;
    const { text, warnings } = parsed;
    const { value, repeats } = withoutRepeats(parsed.value);
    const checked = check(value);
    if ('complaint' in checked) return invalid({ text, warnings, problem: checked.complaint });
    const fitting = form.labels.filter((one) => chosen(value).includes(one)); // in the user's order
    const label = form.multi ? fitting : (fitting[0] ?? null);
    return {
      status: 'ok',
      result: { ...NO_RESULT, label },
      warnings: repeats ? [...warnings, 'repeats-removed'] : warnings,
    };
  };
}

/** A grammar cannot keep a model from naming a label twice, and no harm is done. */
function withoutRepeats(value: unknown): { readonly value: unknown; readonly repeats: boolean } {
  if (typeof value !== 'object' || value === null || !('labels' in value) || !Array.isArray(value.labels)) {
    return { value, repeats: false };
  }
  const labels = [...new Set<unknown>(value.labels)];
  return { value: { ...value, labels }, repeats: labels.length < value.labels.length };
}

/** The labels in an answer that was checked. */
function chosen(value: unknown): readonly unknown[] {
  return typeof value === 'object' && value !== null ? Object.values(value).flat() : [];
}
