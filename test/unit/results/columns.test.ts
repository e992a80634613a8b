import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { visionRecordSchema } from '../../../src/core/record.js';
import { fixedColumns, tableColumns } from '../../../src/results/columns.js';

const TEXT = { header: 'text', path: ['text'] };
const headers = (...of: Parameters<typeof tableColumns>): string[] => tableColumns(...of).map(({ header }) => header);

describe('the columns of a table', () => {
  it('are, for people, what one reads and the carried columns', () => {
    expect(headers({ columns: 'people', result: [TEXT], carried: ['shelf'] })).toEqual([
      ...['id', 'source', 'page', 'status', 'text', 'error.code', 'error.message', 'warnings', 'shelf'],
    ]);
  });

  it('are, for all, every member that the record schema knows', () => {
    const all = headers({ columns: 'all', result: [TEXT], carried: [] });
    expect(all.toSorted()).toEqual(leavesOf(visionRecordSchema).toSorted());
    expect(fixedColumns('all').map(({ header }) => header)).toEqual(all);
  });

  it('hold, for all, the whole data and every part of it', () => {
    const total = { header: 'total', path: ['data', 'total'] };
    const all = headers({ columns: 'all', result: [total], carried: [] });
    expect(all).toContain('data');
    expect(all).toContain('total');
  });

  it('have no header twice, whatever a manifest calls its columns', () => {
    const carried = ['row.id', 'id', 'text', 'shelf'];
    const columns = tableColumns({ columns: 'people', result: [TEXT], carried });
    expect(columns.slice(-4)).toEqual([
      { header: 'row.id', path: ['row', 'row.id'] },
      { header: 'row.row.id', path: ['row', 'id'] },
      { header: 'row.text', path: ['row', 'text'] },
      { header: 'shelf', path: ['row', 'shelf'] },
    ]);
  });
});

/** Every member of the schema, nested ones as `a.b`, without the carried columns. */
function leavesOf(schema: z.ZodType, at: readonly string[] = []): string[] {
  if (schema instanceof z.ZodNullable) return leavesOf(schema.unwrap() as z.ZodType, at);
  if (schema instanceof z.ZodUnion) return leavesOf(schema.options[0] as z.ZodType, at);
  if (!(schema instanceof z.ZodObject)) return at[0] === 'row' ? [] : [at.join('.')];
  return Object.entries(schema.shape).flatMap(([name, inner]) => leavesOf(inner as z.ZodType, [...at, name]));
}
