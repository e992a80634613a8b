import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { anAsk, aRecord } from '../../support/builders.js';
import { cliIn, type StoredRun, storedRun } from './stored-run.js';

const SCHEMA = {
  type: 'object',
  properties: {
    id: { type: 'string' },
    items: { type: 'array', items: { type: 'object', properties: { name: { type: 'string' } } } },
  },
};
const BOUGHT = { id: 'R-1', items: [{ name: 'tea' }, { name: 'milk' }] };

/** Three receipts: one of two items, one of none, one not yet asked. */
const RECEIPTS: StoredRun = {
  keys: ['a.png', 'b.png', 'c.png'],
  records: [
    aRecord({ id: 'a.png', text: null, data: BOUGHT, row: { id: '7', shop: 'S' } }),
    aRecord({ id: 'b.png', text: null, data: { id: 'R-2', items: [] }, row: { id: '8', shop: 'T' } }),
  ],
  meta: {
    ask: anAsk({ task: 'extract', form: { kind: 'data', schema: SCHEMA, columns: null } }),
    carried: ['id', 'shop'],
  },
};

describe('export', () => {
  it('writes data and carried columns, and says once which of them have another name', async () => {
    using folder = await storedRun(RECEIPTS);
    const { code, stderr } = await cliIn(folder, 'export', 'run', '-o', 'out.csv', '-o', 'same.csv', '-o', 'out.jsonl');
    expect(code).toBe(0);
    expect(stderr.match(/could not have their own name: id is data\.id, id is row\.id/g)).toHaveLength(1);
    expect(readFileSync(folder.at('out.csv'), 'utf8').split('\n')).toEqual([
      'id,source,page,status,data.id,items,error.code,error.message,warnings,row.id,shop',
      'a.png,a.png,1,ok,R-1,"[{""name"":""tea""},{""name"":""milk""}]",,,,7,S',
      'b.png,b.png,1,ok,R-2,,,,,8,T',
      '',
    ]);
    const [first] = readFileSync(folder.at('out.jsonl'), 'utf8').split('\n');
    expect(JSON.parse(first ?? '')).toMatchObject({ id: 'a.png', data: BOUGHT, row: { id: '7', shop: 'S' } });
  });

  it('writes a line an element with --explode, and counts rows and lines', async () => {
    using folder = await storedRun(RECEIPTS);
    const { code, stderr } = await cliIn(folder, 'export', 'run', '-o', 'out.csv', '--explode', 'items');
    expect(code).toBe(0);
    expect(stderr).toContain('out.csv: 2 rows of 3, 3 lines\n');
    expect(readFileSync(folder.at('out.csv'), 'utf8').split('\n').slice(1, 4)).toEqual([
      'a.png,a.png,1,ok,R-1,tea,,,,7,S',
      'a.png,a.png,1,ok,R-1,milk,,,,7,S',
      'b.png,b.png,1,ok,R-2,,,,,8,T',
    ]);
  });

  it("is in the dialect of the run's one table where the run's was, or where --csv-dialect says so", async () => {
    const dialect = { delimiter: ';', quote: '"', encoding: 'windows-1252', mark: false } as const;
    const row = { id: '7', shop: 'Bär' };
    const records = [aRecord({ id: 'a.png', text: null, data: BOUGHT, row })];
    const table = { dialect, kept: true };
    using folder = await storedRun({ ...RECEIPTS, records, meta: { ...RECEIPTS.meta, table } });
    await cliIn(folder, 'export', 'run', '-o', 'kept.csv');
    expect(readFileSync(folder.at('kept.csv'), 'latin1')).toMatch(/^id;source;.*\n.*;7;Bär\n$/);
    await cliIn(folder, 'export', 'run', '-o', 'default.csv', '--csv-dialect', 'default', '--bom');
    expect(readFileSync(folder.at('default.csv'), 'utf8')).toMatch(/^\ufeffid,source,.*\n.*,7,Bär\n$/);

    const meta = { ...RECEIPTS.meta, table: { dialect, kept: false } };
    const shops = [aRecord({ id: 'a.png', text: null, data: BOUGHT, row: { id: '7', shop: 'Медведь' } })];
    using other = await storedRun({ ...RECEIPTS, records: shops, meta });
    const { stderr } = await cliIn(other, 'export', 'run', '-o', 'out.csv', '--csv-dialect', 'table');
    expect(stderr).toContain('UTF-8 with a byte order mark, as Windows-1252 has no "М", which item a.png holds');
    expect(readFileSync(other.at('out.csv'), 'utf8')).toMatch(/^\ufeffid;source;.*\n.*;7;Медведь\n$/);
  });

  it('exits with 2 where a run that is over no table is to be written as one', async () => {
    using folder = await storedRun(RECEIPTS);
    const { code, stderr } = await cliIn(folder, 'export', 'run', '-o', 'out.csv', '--csv-dialect', 'table');
    expect({ code, stderr }).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('fix: Leave --csv-dialect out.'),
    });
    expect(existsSync(folder.at('out.csv'))).toBe(false);
  });

  it('exits with 2 where --explode names no list or there is no table, and writes nothing', async () => {
    using folder = await storedRun(RECEIPTS);
    const noList = await cliIn(folder, 'export', 'run', '-o', 'out.csv', '--explode', 'shop');
    expect(noList).toMatchObject({ code: 2, stderr: expect.stringContaining('fix: Name one: items.') });
    expect(existsSync(folder.at('out.csv'))).toBe(false);
    await cliIn(folder, 'export', 'run', '-o', 'out.jsonl');
    const noTable = await cliIn(folder, 'export', 'run', '--explode', 'items'); // the run's own outputs
    expect(noTable).toMatchObject({ code: 2, stderr: expect.stringContaining('ends in .csv') });
  });
});
