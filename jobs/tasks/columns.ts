import type { Ask } from '../../src/core/ask.js';
import type { ColumnSpec } from '../../src/core/record.js';

/**
 * The result's columns of a table, known before the first row.
 *
 * @param taken - headers that other columns have
 */
export function resultColumns(ask: Pick<Ask, 'form'>, _taken: ReadonlySet<string>): readonly ColumnSpec[] {
  const { form } = ask;
  switch (form.kind) {
    case 'text':
    case 'page':
      return [{ header: 'text', path: ['text'] }];
    case 'answers':
      return form.questions.map((question, at) => ({ header: question, path: ['answers', String(at), 'text'] }));
    case 'labels':
      return [{ header: 'label', path: ['label'] }];
    case 'data':
      return [{ header: 'data', path: ['data'] }];
  }
}
