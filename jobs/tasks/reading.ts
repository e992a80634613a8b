import type { Ask, ModelAnswer } from '../../src/core/ask.js';
import type { JsonSchema } from '../../src/core/json-schema.js';
import type { Check } from '../schema/validator.js';
import { readPage } from './read-page.js';
import { readText } from './read-text.js';
import type { Reading } from './task.js';

/** Decides whether an answer is complete, and what it says. Never throws: what is wrong with it is part of the reading. */
export type ReadAnswer = (answer: ModelAnswer) => Reading;

/**
 * How the answers to an ask are read.
 *
 * @param check - validates data; where null, the ask's own schema does
 */
export function readerOf(ask: Pick<Ask, 'form' | 'prompt'>, check: Check | null): ReadAnswer {
  const { form } = ask;
  switch (form.kind) {
    case 'text':
    case 'answers':
      return readText;
    case 'page':
      return readPage;
    case 'labels':
    case 'data':
      return () => {
        throw new Error(`Expected a reader, got none ${String(check)}`);
      };
  }
}

/** The schema that constrains the answers to an ask, or null. */
export function schemaOf(_ask: Pick<Ask, 'form'>): JsonSchema | null {
  return null;
}
