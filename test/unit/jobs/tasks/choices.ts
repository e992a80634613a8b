import type { QuestionChoice } from '../../../../jobs/tasks/task.js';
import type { AnswerForm, ModelAnswer } from '../../../../src/core/ask.js';

/** Nobody said anything, changed where a test cares. */
export function aChoice(changes: Partial<QuestionChoice> = {}): QuestionChoice {
  return {
    userSystem: null,
    userPrompt: null,
    fixedOcrPrompt: null,
    format: 'text',
    lang: null,
    style: 'short',
    questions: [],
    labels: [],
    labelsFrom: null,
    multi: false,
    stitch: false,
    schema: null,
    columns: null,
    ...changes,
  };
}

/** A complete answer, changed where a test cares. */
export function anAnswer(changes: Partial<ModelAnswer> = {}): ModelAnswer {
  return {
    text: 'Hello',
    end: 'complete',
    tokens: { prompt: 1, output: 1 },
    timingMs: { load: null, prompt: null, generate: null },
    confidence: null,
    ...changes,
  };
}

export const PAGE: AnswerForm = { kind: 'page', format: 'text' };
export const MARKDOWN: AnswerForm = { kind: 'page', format: 'markdown' };
export const LINES: AnswerForm = { kind: 'page', format: 'lines' };
export const TEXT: AnswerForm = { kind: 'text' };

/** What a receipt holds. */
export const RECEIPT = {
  type: 'object',
  properties: {
    shop: { type: 'string', description: 'Name of the shop' },
    total: { type: 'number' },
    items: { type: 'array', items: { type: 'object', properties: { name: { type: 'string' } }, required: ['name'] } },
    note: { type: 'string' },
  },
  required: ['shop', 'total', 'items'],
  additionalProperties: false,
} as const;
