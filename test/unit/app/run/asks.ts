import type { Settings } from '../../../../config/schema.js';
import { SETTINGS } from '../../../../config/schema.js';
import type { AskChoice } from '../../../../src/app/run/ask-words.js';
import type { Definition } from '../../../../src/app/run/definition.js';
import { profileOf } from '../../../../src/engines/profiles/profile.js';

/** Every setting at its default. */
export const DEFAULTS = Object.fromEntries(
  Object.entries(SETTINGS).map(([key, row]) => [key, row.default]),
) as unknown as Settings;

/** What a batch is to do where these settings are given, and no other. */
export function aDefinition({ given = {}, ...changes }: Partial<Definition> = {}): Definition {
  const task = changes.task ?? 'ocr';
  const settings = { ...DEFAULTS, ...given };
  return { task, taskName: task, settings, given, schema: null, columns: null, check: null, ...changes };
}

/** Some model on an Ollama server. */
export function aChoiceOf(model = 'tiny'): AskChoice {
  return { engine: 'ollama', model, profile: profileOf(model, null, []) };
}
