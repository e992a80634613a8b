import type { Ask } from '../../src/core/ask.js';
import type { ColumnSpec } from '../../src/core/record.js';
import { columnsOf } from '../schema/columns.js';

/**
 * The result's columns of a table, known before the first row: the one of a text or label, one for each question, those
 * of a schema, or of these the ones that the user's task names, in its order.
 *
 * @param taken - headers that other columns have
 */
export function resultColumns(ask: Pick<Ask, 'form'>, taken: ReadonlySet<string>): readonly ColumnSpec[] {
  const { form } = ask;
  switch (form.kind) {
    case 'text':
    case 'page':
      return [{ header: 'text', path: ['text'] }];
    case 'answers':
      return answerColumns(form.questions, taken);
    case 'labels':
      return [{ header: 'label', path: ['label'] }];
    case 'data': {
      const all = columnsOf(form.schema, taken);
      return form.columns === null
        ? all
        : form.columns.flatMap((name) => all.find((column) => isNamed(column, name)) ?? []);
    }
  }
}

/** A question heads its own column, or its number does where another has that header. */
function answerColumns(questions: readonly string[], taken: ReadonlySet<string>): readonly ColumnSpec[] {
  const used = new Set(taken);
  return questions.map((question, at) => {
    let header = used.has(question) ? `answer ${at + 1}` : question;
    while (used.has(header)) header = `answer ${header}`;
    used.add(header);
    return { header, path: ['answers', String(at), 'text'] };
  });
}

/** A column goes by the members that lead to its value, whatever its header had to become. */
function isNamed({ header, path }: ColumnSpec, name: string): boolean {
  return header === name || path.slice(1).join('.') === name;
}
