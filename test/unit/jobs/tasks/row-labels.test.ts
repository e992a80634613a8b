import { describe, expect, it } from 'vitest';
import { answerRules } from '../../../../jobs/tasks/reading.js';
import { TASKS } from '../../../../jobs/tasks/registry.js';
import { askOfRow, refuseFewLabels } from '../../../../jobs/tasks/row-labels.js';
import { fillTemplate, templateNames } from '../../../../jobs/tasks/template.js';
import type { Ask } from '../../../../src/core/ask.js';
import { anAsk } from '../../../support/builders.js';
import { aChoice, anAnswer } from './choices.js';

/** A question whose labels stand in the column `kinds`. */
function asked(changes: Parameters<typeof aChoice>[0] = {}): Ask {
  return anAsk({ task: 'classify', ...TASKS.classify.question(aChoice({ labelsFrom: 'kinds', ...changes })) });
}

/** The labels that a cell lists. */
function labelsOf(kinds: string): readonly string[] {
  const { form } = askOfRow(asked(), { kinds });
  return form.kind === 'labels' ? form.labels : [];
}

describe('the labels of a row', () => {
  it.each([
    ['cat, dog ,bird', ['cat', 'dog', 'bird']],
    ['cat,dog,cat,,', ['cat', 'dog']],
    ['red, or pink\nblue\n', ['red, or pink', 'blue']],
    ['["red, or pink"," blue ",2024]', ['red, or pink', 'blue', '2024']],
    ['[old], new', ['[old]', 'new']],
  ])('are listed by the cell %j', (cell, labels) => {
    expect(labelsOf(cell)).toEqual(labels);
    expect(() => refuseFewLabels(asked().form, { kinds: cell })).not.toThrow();
  });

  it.each(['', ' ', 'cat', 'cat;dog', 'cat,cat', '["cat"]', '["cat",null]', '[["cat","dog"]]', "['cat', 'dog']"])(
    'are too few in the cell %j, which is told with what to write',
    (cell) => {
      const refusing = () => refuseFewLabels(asked().form, { kinds: cell });
      expect(refusing).toThrow(/^REQUEST_REFUSED.*column `kinds` to list two labels or more, got ".*with commas/);
      expect(refusing).toThrow(JSON.stringify(cell));
    },
  );

  it('are too few where the row lacks the column', () => {
    expect(() => refuseFewLabels(asked().form, undefined)).toThrow('got ""');
    expect(() => refuseFewLabels(asked({ labelsFrom: 'constructor' }).form, {})).toThrow('got ""');
  });

  it('stand in its question, below the user’s own words, in which the column is what the cell says', () => {
    const ask = asked({ userPrompt: 'One of {{kinds}}?' });
    expect(templateNames(ask.prompt)).toEqual(['kinds']); // so that it is known to be part of the question
    const row = { kinds: 'cat,{{id}},dog' };
    const prompt = fillTemplate(askOfRow(ask, row).prompt, { ...row, id: '7' });
    expect(prompt).toMatch(/^One of cat,\{\{id\}\},dog\?\n/);
    expect(prompt).toContain('written exactly so:\n- cat\n- {{id}}\n- dog\nAnswer with JSON');
  });

  it('are all that its answer may say', () => {
    const ask = asked();
    const rules = answerRules(ask, null);
    const [pets, papers] = ['cat,dog', '["letter","bill"]'].map((kinds) => rules(askOfRow(ask, { kinds })));
    expect(pets?.schema).toMatchObject({ properties: { label: { enum: ['cat', 'dog'] } } });
    expect(papers?.schema).toMatchObject({ properties: { label: { enum: ['letter', 'bill'] } } });
    const bill = anAnswer({ text: '{"label": "bill"}' });
    expect(papers?.readAnswer(bill)).toMatchObject({ status: 'ok', result: { label: 'bill' } });
    expect(pets?.readAnswer(bill)).toMatchObject({ failure: { code: 'ANSWER_INVALID' } });
  });
});

describe('labels that all rows have', () => {
  const ask = anAsk({ task: 'classify', ...TASKS.classify.question(aChoice({ labels: ['cat', 'dog'] })) });

  it('stay as they are, and are made into a schema once', () => {
    expect(askOfRow(ask, { kinds: 'letter,bill' })).toBe(ask);
    const rules = answerRules(ask, null);
    expect(rules(ask)).toBe(rules(ask));
  });
});
