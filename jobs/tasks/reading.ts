import type { Ask, ModelAnswer } from '../../src/core/ask.js';
import type { JsonSchema } from '../../src/core/json-schema.js';
import { boundedSchema } from '../schema/bounded.js';
import { type Check, checkOf } from '../schema/validator.js';
import type { Cleaning } from './clean.js';
import { labelReader, labelSchema } from './labels.js';
import { readData } from './read-data.js';
import { readPage } from './read-page.js';
import { readText } from './read-text.js';
import type { Reading } from './task.js';
import { fillTemplate, templateNames } from './template.js';

/** Decides whether an answer is complete, and what it says. Never throws: what is wrong with it is part of the reading. */
export type ReadAnswer = (answer: ModelAnswer) => Reading;

/** What holds the answers about an item. */
export interface AnswerRules {
  readonly readAnswer: ReadAnswer;
  /** Constrains the answers; null where they are free. */
  readonly schema: JsonSchema | null;
}

/** What holds the answers about an item, by the ask as it is for that. */
export type AnswerRulesOf = (itemAsk: Ask) => AnswerRules;

/**
 * What holds the answers to an ask, made once, but where rows list their own labels for each of them.
 *
 * @param check - validates data; where null, the ask's own schema does
 */
export function answerRules(ask: Ask, check: Check | null): AnswerRulesOf {
  const rulesFor: AnswerRulesOf = (one) => ({ readAnswer: readerOf(one, check), schema: schemaOf(one) });
  if (ask.form.kind === 'labels' && ask.form.labelsFrom !== undefined) return rulesFor;
  const rules = rulesFor(ask);
  return () => rules;
}

/**
 * How the answers to an ask are read.
 *
 * @param check - validates data; where null, the ask's own schema does
 */
export function readerOf(ask: Pick<Ask, 'engine' | 'form' | 'prompt'>, check: Check | null): ReadAnswer {
  const { form } = ask;
  const cleaning: Cleaning = { form, questions: plainQuestions(ask) };
  const invents = ask.engine !== 'cpu-ocr'; // what it reads is on the page, and nothing is put around it
  switch (form.kind) {
    case 'text':
    case 'answers':
      return (answer) => readText(answer, invents ? cleaning : null);
    case 'page':
      return (answer) => readPage(answer, { format: form.format, cleaning: invents ? cleaning : null });
    case 'labels':
      return labelReader(form, cleaning);
    case 'data': {
      const validate = check ?? checkOf(form.schema);
      return (answer) => readData(answer, { form, check: validate, cleaning });
    }
  }
}

/** The schema that constrains the answers to an ask, or null. */
export function schemaOf({ form }: Pick<Ask, 'form'>): JsonSchema | null {
  if (form.kind === 'labels') return labelSchema(form);
  return form.kind === 'data' ? boundedSchema(form.schema) : null;
}

/** The questions as every item's model saw them. */
function plainQuestions({ form, prompt }: Pick<Ask, 'form' | 'prompt'>): readonly string[] {
  const questions = form.kind === 'answers' ? form.questions : [prompt];
  return questions.filter((text) => templateNames(text).length === 0).map((text) => fillTemplate(text, {}));
}
