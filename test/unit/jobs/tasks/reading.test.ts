import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { checkOfZod } from '../../../../jobs/schema/validator.js';
import { readerOf, schemaOf } from '../../../../jobs/tasks/reading.js';
import { TASKS } from '../../../../jobs/tasks/registry.js';
import type { Reading } from '../../../../jobs/tasks/task.js';
import type { AnswerForm, ModelAnswer } from '../../../../src/core/ask.js';
import { aChoice, anAnswer, LINES, MARKDOWN, PAGE, RECEIPT, TEXT } from './choices.js';

function read(answer: Partial<ModelAnswer>, form: AnswerForm = PAGE): Reading {
  return readerOf({ engine: 'ollama', form, prompt: 'Read the text of this page.' }, null)(anAnswer(answer));
}

const NOTHING_ELSE = { label: null, data: null, answers: null };
const DATA: AnswerForm = { kind: 'data', schema: RECEIPT, columns: null };
const KINDS: AnswerForm = { kind: 'labels', labels: ['letter', 'invoice', 'other'], multi: false };
const TAGS: AnswerForm = { ...KINDS, multi: true };
const ALL: readonly AnswerForm[] = [
  TEXT,
  PAGE,
  MARKDOWN,
  LINES,
  DATA,
  KINDS,
  { kind: 'answers', questions: ['a', 'b'] },
];

describe('an answer of any form', () => {
  it.each(ALL)('is never ok where it was not ended by the model: $kind $format', (form) => {
    const whole = '{"label": "letter", "shop": "A", "total": 1, "items": []}';
    const cut: [ModelAnswer['end'], string][] = [
      ['length', 'ANSWER_TRUNCATED'],
      ['cut', 'ANSWER_TRUNCATED'],
      ['looped', 'ANSWER_LOOPED'],
    ];
    for (const [end, code] of cut) {
      expect(read({ text: whole, end }, form)).toMatchObject({ failure: { code }, result: { text: whole } });
      expect(read({ text: '', end }, form)).toMatchObject({ failure: { code } });
    }
  });

  it.each(ALL)('is empty where nothing came, only white space, or a refusal: $kind $format', (form) => {
    for (const text of ['', ' \n\t ', '\u200b\u0000', '<|im_end|>', 'I cannot see the image.']) {
      expect(read({ text }, form)).toMatchObject({ failure: { code: 'ANSWER_EMPTY' } });
    }
  });
});

describe('an answer that is text', () => {
  it('is ok without the space around it, and says what was taken off', () => {
    expect(read({ text: '\n A dog\n  runs. \n' }, TEXT)).toEqual({
      status: 'ok',
      result: { ...NOTHING_ELSE, text: 'A dog\n  runs.' },
      warnings: [],
    });
    expect(read({ text: '<think>hm</think>A dog.' }, TEXT)).toMatchObject({
      result: { text: 'A dog.' },
      warnings: ['reasoning-removed'],
    });
  });

  it('keeps its text where it is a refusal, for people to see', () => {
    expect(read({ text: "I'm unable to view images." }, TEXT)).toMatchObject({
      failure: { message: expect.stringContaining("I'm unable to view images.") },
      result: { text: "I'm unable to view images." },
    });
  });

  it('begins with no echo of a question that was filled in: nobody here knows how it read', () => {
    const form: AnswerForm = { kind: 'answers', questions: ['Is {{title}} in this image, and where?', 'Since when?'] };
    const text = 'Is {{title}} in this image, and where?\nYes.';
    expect(read({ text }, form)).toMatchObject({ result: { text } });
    expect(read({ text: 'Since when?\nMay.' }, form)).toMatchObject({ result: { text: 'May.' } });
  });
});

describe('an answer that is a page', () => {
  it.each([
    '[NO TEXT]',
    ' [no text].\n',
    '"[NO TEXT]"',
    '**[No Text]**',
    '`[NO_TEXT]`',
    '```\n[NO TEXT]\n```',
    '[NO TEXT]\n\n[NO TEXT]',
    '\u200b[NO TEXT]',
  ])('of %j is blank, with a warning that the model said so', (text) => {
    for (const form of [PAGE, MARKDOWN, LINES]) {
      const reading = read({ text }, form);
      expect(reading).toMatchObject({ status: 'blank', result: { text: '' } });
      expect(reading.warnings).toContain('said-by-model');
    }
  });

  it('is not blank because it says so among other things, nor where no page was asked for', () => {
    for (const text of ['Sign: [NO TEXT]', '[NO TEXT]\nDear Anna']) {
      for (const form of [PAGE, LINES]) {
        expect(read({ text }, form)).toMatchObject({
          status: 'ok',
          result: { text },
          warnings: ['no-text-contradicted'],
        });
      }
    }
    expect(read({ text: 'NO TEXT' })).toMatchObject({ status: 'ok', warnings: [] });
    expect(read({ text: '[NO TEXT]' }, TEXT)).toMatchObject({ status: 'ok', warnings: [] });
  });

  it('has no empty lines where lines were asked for', () => {
    expect(read({ text: 'A  \n\n B\r\n\r\nC' }, LINES)).toMatchObject({ result: { text: 'A\n B\nC' } });
    expect(read({ text: 'A\n\nB' })).toMatchObject({ result: { text: 'A\n\nB' } });
  });

  it('of an engine that cannot invent is taken as it is, and blank where it found nothing', () => {
    const cpu = readerOf({ engine: 'cpu-ocr', form: PAGE, prompt: 'Read.' }, null);
    for (const text of ['I cannot see the image.', '[NO TEXT]', '```\nx\n```']) {
      expect(cpu(anAnswer({ text }))).toMatchObject({ status: 'ok', result: { text }, warnings: [] });
    }
    expect(cpu(anAnswer({ text: '', blank: true }))).toEqual({
      status: 'blank',
      result: { ...NOTHING_ELSE, text: '' },
      warnings: [],
    });
  });
});

describe('an answer that is data', () => {
  const receipt = { shop: 'Miller', total: 12.5, items: [{ name: 'Bread' }] };

  it('is its value, in any order of its members, with fences or not', () => {
    const text = '{"total": 12.5, "items": [{"name": "Bread"}], "shop": "Miller"}';
    expect(read({ text }, DATA)).toEqual({
      status: 'ok',
      result: { ...NOTHING_ELSE, text: null, data: receipt },
      warnings: [],
    });
    expect(read({ text: `\`\`\`json\n${text}\n\`\`\`` }, DATA)).toMatchObject({
      result: { data: receipt },
      warnings: ['fences-removed'],
    });
  });

  it('leaves out what is null and may be left out', () => {
    const text = JSON.stringify({ ...receipt, note: null });
    expect(read({ text }, DATA)).toMatchObject({ status: 'ok', result: { data: receipt } });
  });

  it('that does not fit goes back with what is wrong with it, its text kept', () => {
    const text = '{"shop": "Miller", "total": "12,50", "items": []}';
    const reading = read({ text }, DATA);
    expect(reading).toMatchObject({
      failure: { code: 'ANSWER_INVALID', message: expect.stringContaining('total') },
      complaint: { answer: text, problem: expect.stringMatching(/^total: /) },
      result: { ...NOTHING_ELSE, text },
    });
  });

  it('that is wrong in many ways says so in one line of a row, and a line each for the model', () => {
    const reading = read({ text: '{"shop": 1, "total": "2", "items": []}' }, DATA);
    expect(reading).toMatchObject({
      failure: { message: expect.stringMatching(/^[^\n]*shop: [^\n]*; total: [^\n]*$/) },
      complaint: { problem: expect.stringMatching(/^shop: .*\ntotal: .*$/) },
    });
  });

  it.each(['Shop: Miller', '{"shop": "Miller",', '{"shop": "Miller"} and more'])(
    'that is no JSON is invalid: %s',
    (text) => {
      expect(read({ text }, DATA)).toMatchObject({
        failure: { code: 'ANSWER_INVALID' },
        complaint: { answer: text, problem: expect.stringContaining('no JSON') },
      });
    },
  );

  it('that reached a limit which only ends the grammar is truncated, with what there is', () => {
    const items = Array.from({ length: 200 }, () => ({ name: 'Bread' }));
    const reading = read({ text: JSON.stringify({ ...receipt, items }) }, DATA);
    expect(reading).toMatchObject({
      failure: { code: 'ANSWER_TRUNCATED', message: expect.stringContaining('$.items') },
      result: { data: { shop: 'Miller' } },
    });
  });

  it('is held to the user’s own checks where there are any, and is what they make of it', () => {
    const type = z.object({ total: z.number().refine((total) => total > 0, 'Expected more than nothing') });
    const form: AnswerForm = { kind: 'data', schema: { type: 'object', properties: { total: {} } }, columns: null };
    const own = readerOf({ engine: 'ollama', form, prompt: 'x' }, checkOfZod(type));
    expect(own(anAnswer({ text: '{"total": 0}' }))).toMatchObject({
      complaint: { problem: 'total: Expected more than nothing' },
    });
    expect(own(anAnswer({ text: '{"total": 3, "more": 1}' }))).toMatchObject({ result: { data: { total: 3 } } });
  });

  it('that JSON cannot hold is invalid', () => {
    const form: AnswerForm = { kind: 'data', schema: {}, columns: null };
    const own = readerOf({ engine: 'ollama', form, prompt: 'x' }, () => ({ data: Number.NaN }));
    expect(own(anAnswer({ text: '1' }))).toMatchObject({ failure: { code: 'ANSWER_INVALID' } });
  });
});

describe('an answer that is a label', () => {
  it('is the label, or the list of them in the user’s order', () => {
    expect(read({ text: '{"label": "invoice"}' }, KINDS)).toEqual({
      status: 'ok',
      result: { text: null, label: 'invoice', data: null, answers: null },
      warnings: [],
    });
    expect(read({ text: '{"labels": ["invoice", "letter"]}' }, TAGS)).toMatchObject({
      status: 'ok',
      result: { label: ['letter', 'invoice'] },
    });
    expect(read({ text: '{"labels": []}' }, TAGS)).toMatchObject({ status: 'ok', result: { label: [] } });
  });

  it('is named once where the model names it twice', () => {
    expect(read({ text: '{"labels": ["letter", "letter", "letter", "letter"]}' }, TAGS)).toMatchObject({
      status: 'ok',
      result: { label: ['letter'] },
      warnings: ['repeats-removed'],
    });
  });

  it.each([
    [KINDS, '{"label": "bill"}'],
    [KINDS, '{"label": "Invoice"}'],
    [KINDS, '{"label": ["letter"]}'],
    [KINDS, '{}'],
    [KINDS, '"letter"'],
    [KINDS, 'letter'],
    [TAGS, '{"labels": ["bill"]}'],
    [TAGS, '{"labels": "letter"}'],
    [TAGS, '{"label": "letter"}'],
  ])('is invalid where it is none of the list: %j %s', (form, text) => {
    expect(read({ text }, form)).toMatchObject({
      failure: { code: 'ANSWER_INVALID' },
      complaint: { answer: text },
      result: { label: null, text },
    });
  });
});

describe('the schema that constrains answers', () => {
  it('is none where they are words', () => {
    for (const form of [TEXT, PAGE, { kind: 'answers', questions: ['a', 'b'] } as const]) {
      expect(schemaOf({ form })).toBeNull();
    }
  });

  it('of labels takes the labels and nothing else', () => {
    expect(schemaOf({ form: KINDS })).toEqual({
      type: 'object',
      properties: { label: { type: 'string', enum: ['letter', 'invoice', 'other'] } },
      required: ['label'],
      additionalProperties: false,
    });
    expect(schemaOf({ form: TAGS })).toMatchObject({
      properties: { labels: { type: 'array', maxItems: 3, uniqueItems: true } },
    });
  });

  it('of data has an end, and lets the model say null for what may be missing', () => {
    expect(schemaOf(TASKS.extract.question(aChoice({ schema: RECEIPT })))).toMatchObject({
      properties: { items: { maxItems: 200 }, shop: { maxLength: 2000 } },
      required: ['shop', 'total', 'items', 'note'],
    });
  });
});
