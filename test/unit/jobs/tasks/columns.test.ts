import { describe, expect, it } from 'vitest';
import { resultColumns } from '../../../../jobs/tasks/columns.js';
import type { AnswerForm } from '../../../../src/core/ask.js';
import { MARKDOWN, RECEIPT, TEXT } from './choices.js';

const headers = (form: AnswerForm, taken: readonly string[] = []) =>
  resultColumns({ form }, new Set(taken)).map(({ header }) => header);

describe('the columns of a result', () => {
  it('are one for a text, a page and a label', () => {
    expect(resultColumns({ form: TEXT }, new Set())).toEqual([{ header: 'text', path: ['text'] }]);
    expect(headers(MARKDOWN)).toEqual(['text']);
    expect(headers({ kind: 'labels', labels: ['a', 'b'], multi: true })).toEqual(['label']);
  });

  it('are one for each question of a conversation', () => {
    const form: AnswerForm = { kind: 'answers', questions: ['Who?', 'page'] };
    expect(resultColumns({ form }, new Set(['page']))).toEqual([
      { header: 'Who?', path: ['answers', '0', 'text'] },
      { header: 'answer 2', path: ['answers', '1', 'text'] },
    ]);
  });

  it('never share a header, whatever the questions are', () => {
    const questions = ['id', 'answer 1', 'status', 'answer answer 1', 'Who?', 'Who?'];
    const all = headers({ kind: 'answers', questions }, ['id', 'status']);
    expect(all).toEqual(['answer 1', 'answer 2', 'answer 3', 'answer answer 1', 'Who?', 'answer 6']);
    const late = headers({ kind: 'answers', questions: ['answer 2', 'id'] }, ['id']);
    expect(late).toEqual(['answer 2', 'answer answer 2']);
  });

  it('are those of the schema, or the ones that the task names, in its order', () => {
    const data = { kind: 'data', schema: RECEIPT } as const;
    expect(headers({ ...data, columns: null })).toEqual(['shop', 'total', 'items', 'note']);
    expect(headers({ ...data, columns: ['total', 'shop'] })).toEqual(['total', 'shop']);
    expect(headers({ ...data, columns: ['total', 'shop'] }, ['shop'])).toEqual(['total', 'data.shop']);
  });
});
