import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type SentImage, visionRecordSchema } from '../../../src/core/record.js';
import { cellsOf, tableColumns } from '../../../src/results/rows.js';
import { aRecord } from '../../support/builders.js';

const TEXT = { header: 'text', path: ['text'] };
const image = (sha: string): SentImage => ({
  sha256: sha.repeat(64),
  width: 20,
  height: 10,
  sent_width: 20,
  sent_height: 10,
  sent_bytes: 5,
});

describe('the columns of a table', () => {
  it('are, for people, what one reads and the carried columns', () => {
    const columns = tableColumns({ columns: 'people', task: [TEXT], carried: ['shelf', 'id'] });
    expect(columns.map(({ header }) => header)).toEqual([
      ...['id', 'source', 'page', 'status', 'text', 'error.code', 'error.message', 'warnings', 'shelf', 'row.id'],
    ]);
  });

  it('are, for all, every member that the record schema knows', () => {
    const headers = tableColumns({ columns: 'all', task: [TEXT], carried: [] }).map(({ header }) => header);
    expect(headers.toSorted()).toEqual(leavesOf(visionRecordSchema).toSorted());
  });
});

describe('the cells of a record', () => {
  const cells = (record: ReturnType<typeof aRecord>, ...path: string[]) =>
    cellsOf(record, [{ header: path.join('.'), path }])[0];

  it('are text and numbers as they are, and nothing for null, a missing member and an empty list', () => {
    expect(cells(aRecord({ text: ' a ' }), 'text')).toBe(' a ');
    expect(cells(aRecord(), 'timing_ms', 'total')).toBe(12);
    for (const path of [['error', 'code'], ['warnings'], ['row', 'shelf'], ['image', 'width']]) {
      expect(cells(aRecord(), ...path)).toBe('');
    }
  });

  it('are JSON for lists', () => {
    expect(cells(aRecord({ warnings: ['cut', 'dim'] }), 'warnings')).toBe('["cut","dim"]');
    expect(cells(aRecord({ source: ['a.png', 'b.png'] }), 'source')).toBe('["a.png","b.png"]');
    expect(cells(aRecord({ image: [image('a'), { ...image('b'), width: 7 }] }), 'image', 'width')).toBe('[20,7]');
    expect(cells(aRecord({ row: { shelf: '3' } }), 'row', 'shelf')).toBe('3');
  });
});

/** Every member of the schema, nested ones as `a.b`, without the carried columns. */
function leavesOf(schema: z.ZodType, at: readonly string[] = []): string[] {
  if (schema instanceof z.ZodNullable) return leavesOf(schema.unwrap() as z.ZodType, at);
  if (schema instanceof z.ZodUnion) return leavesOf(schema.options[0] as z.ZodType, at);
  if (!(schema instanceof z.ZodObject)) return at[0] === 'row' ? [] : [at.join('.')];
  return Object.entries(schema.shape).flatMap(([name, inner]) => leavesOf(inner as z.ZodType, [...at, name]));
}
