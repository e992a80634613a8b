import { once } from 'node:events';
import {
  chmodSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { PassThrough } from 'node:stream';
import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { visionRecordSchema } from '../../../src/core/record.js';
import { DEFAULT_DIALECT } from '../../../src/core/table-dialect.js';
import { checkOutputs, standing } from '../../../src/results/check-outputs.js';
import { tableColumns } from '../../../src/results/columns.js';
import { CsvFormat, type CsvOptions } from '../../../src/results/csv-writer.js';
import { exportRun, type OutputSpec } from '../../../src/results/export.js';
import { streamRow } from '../../../src/results/jsonl-writer.js';
import type { RunStore } from '../../../src/results/store.js';
import { aRecord, aRunMeta } from '../../support/builders.js';
import { readRows } from '../../support/rows.js';
import { discoverAll, openTestStore, spawnScript, TestFolder } from './stores.js';

const COLUMNS = tableColumns({ columns: 'people', result: [{ header: 'text', path: ['text'] }], carried: [] });
const TABLE: CsvOptions = { columns: COLUMNS, explode: null, dialect: DEFAULT_DIALECT };
const anOutput = (path: string, csv: CsvOptions = TABLE): OutputSpec => ({
  path,
  format: path.endsWith('.csv') ? 'csv' : 'jsonl',
  csv,
});

/** A store of the items a, b, c and of a record for each of `done`. */
async function aStore(folder: TestFolder, done: readonly string[] = ['a', 'b', 'c']): Promise<RunStore> {
  const store = await openTestStore(folder.at('run'));
  await store.writeMeta(aRunMeta());
  await discoverAll(store, ['a', 'b', 'c']);
  await store.put(done.map((id) => ({ record: aRecord({ id, text: `text of ${id}` }), attempts: [] })));
  return store;
}

function csvOf(
  texts: readonly string[],
  dialect = DEFAULT_DIALECT,
): { readonly csv: string; readonly bytes: Buffer; readonly longCells: number } {
  const format = new CsvFormat({ ...TABLE, dialect });
  const pieces = [format.begin()];
  for (const text of texts) {
    const piece = format.add(Buffer.from(JSON.stringify(aRecord({ text }))));
    if (piece !== null) pieces.push(piece);
  }
  const bytes = Buffer.concat([...pieces, format.end()]);
  return { csv: bytes.toString(), bytes, longCells: format.longCells };
}

describe('an export', () => {
  it('writes the rows of the present items in input order, however they came', async () => {
    using folder = new TestFolder();
    const store = await aStore(folder, ['c', 'gone', 'a']);
    const result = await exportRun({ reader: store, output: anOutput(folder.at('out.jsonl')), overwrite: false });
    expect(result).toMatchObject({ rows: 2, of: 3, lines: 2, state: { rows: 2, finished: false } });
    expect((await readRows(folder.at('out.jsonl'))).map(({ id }) => id)).toEqual(['a', 'c']);
    await store.put([{ record: aRecord({ id: 'b' }), attempts: [] }]);
    const again = await exportRun({ reader: store, output: anOutput(folder.at('out.jsonl')), overwrite: false });
    expect(again).toMatchObject({ rows: 3, of: 3, state: { finished: true } });
    await store.close();
  });

  it('writes more rows than fit into one piece, each of them whole', async () => {
    using folder = new TestFolder();
    const store = await openTestStore(folder.at('run'));
    await store.writeMeta(aRunMeta());
    const ids = Array.from({ length: 700 }, (_, index) => String(index).padStart(4, '0'));
    await discoverAll(store, ids);
    const lengths = [3, 3_000, 1_500_000];
    const records = ids.map((id, index) =>
      aRecord({ id, text: 'ä'.repeat(lengths[index % 100 === 0 ? 2 : index % 2] ?? 0) }),
    );
    await store.put(records.map((record) => ({ record, attempts: [] })));
    for (const name of ['out.jsonl', 'out.csv']) {
      await exportRun({ reader: store, output: anOutput(folder.at(name)), overwrite: false });
    }
    expect(await readRows(folder.at('out.jsonl'))).toEqual(records);
    const csv = parse(readFileSync(folder.at('out.csv')), { columns: true }) as Record<string, string>[];
    expect(csv.map(({ id, text }) => [id, text?.length])).toEqual(records.map(({ id, text }) => [id, text?.length]));
    await store.close();
  });

  it('leaves the earlier output as it was after kill -9 between writing and renaming, and goes on from there', async () => {
    using folder = new TestFolder();
    const store = await aStore(folder);
    const output = anOutput(folder.at('out.jsonl'));
    await exportRun({ reader: store, output, overwrite: false });
    const before = readFileSync(output.path, 'utf8');
    await store.put([{ record: aRecord({ id: 'a', text: 'changed' }), attempts: [] }]);
    const child = spawnScript('exporting', [store.dir, output.path, 'stall']);
    await once(child.stdout, 'data');
    child.kill('SIGKILL');
    await once(child, 'close');
    expect(readFileSync(output.path, 'utf8')).toBe(before);
    await exportRun({ reader: store, output, overwrite: false });
    expect(readFileSync(output.path, 'utf8')).toContain('changed');
    await store.close();
  });

  it('ends with exit 5 where the file cannot grow, leaving the earlier output and no part of the new one', async () => {
    using folder = new TestFolder();
    const store = await aStore(folder);
    const output = anOutput(folder.at('out.jsonl'));
    await exportRun({ reader: store, output, overwrite: false });
    const before = readFileSync(output.path, 'utf8');
    await store.put([{ record: aRecord({ id: 'b', text: 'x'.repeat(100_000) }), attempts: [] }]);
    const child = spawnScript('exporting', [store.dir, output.path], 50);
    const said = (await child.stdout.toArray()).join('');
    expect(said).toMatch(/^5 The output .*out\.jsonl cannot be written: EFBIG/);
    expect(readFileSync(output.path, 'utf8')).toBe(before);
    expect(readdirSync(folder.path)).toEqual(['out.jsonl', 'run']);
    await store.close();
  });

  it('is remembered by the run also where another process made it', async () => {
    using folder = new TestFolder();
    const store = await aStore(folder);
    const output = anOutput(folder.at('out.jsonl'));
    const child = spawnScript('exporting', [store.dir, output.path]);
    expect((await child.stdout.toArray()).join('')).toBe('done\n');
    await exportRun({ reader: store, output, overwrite: false });
    await store.close();
  });

  it('knows its file after a crash on either side of the rename', async () => {
    using folder = new TestFolder();
    const store = await aStore(folder);
    const output = anOutput(folder.at('out.csv'));
    const first = await exportRun({ reader: store, output, overwrite: false });
    await store.noteOutput({ ...first.state, size: 1, finished: false });
    expect(await standing(output.path, store.meta()?.outputs ?? [])).toEqual(first.state);
    const second = await exportRun({ reader: store, output, overwrite: false });
    expect(await standing(output.path, store.meta()?.outputs ?? [])).toEqual(second.state);
    await store.close();
  });

  it('never replaces a file that the run did not write, or that was changed since', async () => {
    using folder = new TestFolder();
    const store = await aStore(folder);
    const output = anOutput(folder.at('out.csv'));
    writeFileSync(output.path, 'mine');
    const refused = exportRun({ reader: store, output, overwrite: false });
    await expect(refused).rejects.toMatchObject({ exitCode: 5, fix: expect.stringContaining('--overwrite') });
    expect(readFileSync(output.path, 'utf8')).toBe('mine');
    await exportRun({ reader: store, output, overwrite: true });
    const { atime, mtime } = statSync(output.path);
    utimesSync(output.path, atime, new Date(mtime.getTime() + 10));
    await expect(exportRun({ reader: store, output, overwrite: false })).rejects.toThrow('was changed since');
    await store.close();
  });

  it('keeps the mode of the file it replaces, and a link that leads to it', async () => {
    using folder = new TestFolder();
    const store = await aStore(folder);
    mkdirSync(folder.at('data'));
    writeFileSync(folder.at('data', 'real.csv'), '');
    chmodSync(folder.at('data', 'real.csv'), 0o640);
    symlinkSync(folder.at('data', 'real.csv'), folder.at('out.csv'));
    await exportRun({ reader: store, output: anOutput(folder.at('out.csv')), overwrite: true });
    expect(statSync(folder.at('data', 'real.csv')).mode & 0o777).toBe(0o640);
    expect(readFileSync(folder.at('data', 'real.csv'), 'utf8')).toContain('text of a');
    await store.close();
  });

  it('removes the part that a killed export left an hour ago, and no younger one', async () => {
    using folder = new TestFolder();
    const store = await aStore(folder);
    const hourAgo = new Date(Date.now() - 3_700_000);
    for (const pid of [1, 2]) writeFileSync(folder.at(`.out.csv.${pid}.visionbatch-part`), '');
    utimesSync(folder.at('.out.csv.1.visionbatch-part'), hourAgo, hourAgo);
    await exportRun({ reader: store, output: anOutput(folder.at('out.csv')), overwrite: false });
    expect(readdirSync(folder.path)).toEqual(['.out.csv.2.visionbatch-part', 'out.csv', 'run']);
    await store.close();
  });
});

describe('the check before a run', () => {
  const check = (path: string) => checkOutputs({ outputs: [path], known: [], overwrite: false });

  it('passes what can be written, makes its folder and leaves nothing in it', async () => {
    using folder = new TestFolder();
    await check('-');
    await check(folder.at('new', 'deep', 'OUT.CSV'));
    expect(readdirSync(folder.at('new', 'deep'))).toEqual([]);
  });

  it('refuses a format that is not known with exit 2', async () => {
    await expect(check('/tmp/out.xlsx')).rejects.toMatchObject({
      exitCode: 2,
      message: expect.stringContaining('.jsonl'),
    });
  });

  it('refuses with exit 5 a folder, a place under a file, and a file of somebody else', async () => {
    using folder = new TestFolder();
    mkdirSync(folder.at('folder.csv'));
    writeFileSync(folder.at('file.csv'), 'mine');
    await expect(check(folder.at('folder.csv'))).rejects.toMatchObject({ exitCode: 5 });
    await expect(check(folder.at('file.csv', 'out.csv'))).rejects.toMatchObject({ exitCode: 5 });
    await expect(check(folder.at('file.csv'))).rejects.toMatchObject({ exitCode: 5, fix: /--overwrite/ });
    await checkOutputs({ outputs: [folder.at('file.csv')], known: [], overwrite: true });
    expect(readFileSync(folder.at('file.csv'), 'utf8')).toBe('mine');
  });
});

describe('CSV', () => {
  it('reads back as what was written, whatever the text', () => {
    const text = fc.string({
      unit: fc.constantFrom('a', ' ', '"', ',', '\n', '\r', ';', "'", 'ä', '\u{1f600}', '\u2028'),
    });
    fc.assert(
      fc.property(fc.array(text, { minLength: 1, maxLength: 5 }), (texts) => {
        const rows = parse(csvOf(texts).csv, { columns: true, record_delimiter: '\n' }) as Record<string, string>[];
        expect(rows.map((row) => row.text)).toEqual(texts.map((one) => (one.startsWith('\r') ? `'${one}` : one)));
      }),
    );
  });

  it('opens what a spreadsheet would take for a formula with an apostrophe', () => {
    const formulas = ['=1+1', '+1', '-1', '@SUM(A1)', '\tx'];
    const rows = parse(csvOf(formulas).csv, { columns: true }) as Record<string, string>[];
    expect(rows.map((row) => row.text)).toEqual(formulas.map((formula) => `'${formula}`));
  });

  it('has a header without rows, and a byte order mark where one is wanted', () => {
    expect(csvOf([]).csv).toBe('id,source,page,status,text,error.code,error.message,warnings\n');
    expect(csvOf(['a'], { ...DEFAULT_DIALECT, mark: true }).csv.startsWith('\ufeffid,')).toBe(true);
  });

  it('has a line for each element of a list that is exploded, and says how many', async () => {
    using folder = new TestFolder();
    const store = await aStore(folder, ['a']);
    const items = [{ name: 'tea', price: 2.5 }, { name: '=milk' }];
    await store.put([
      { record: aRecord({ id: 'b', text: null, data: { items } }), attempts: [] },
      { record: aRecord({ id: 'c', text: null, data: { items: [] } }), attempts: [] },
    ]);
    const columns = [['id'], ['data', 'items', 'name'], ['data', 'items', 'price']].map((path) => ({
      header: path.slice(-2).join('.'),
      path,
    }));
    const output = anOutput(folder.at('out.csv'), { columns, explode: ['data', 'items'], dialect: DEFAULT_DIALECT });
    const result = await exportRun({ reader: store, output, overwrite: false });
    expect(result).toMatchObject({ rows: 3, of: 3, lines: 4, state: { rows: 3, finished: true } });
    const csv = readFileSync(output.path, 'utf8');
    expect(csv).toBe("id,items.name,items.price\na,,\nb,tea,2.5\nb,'=milk,\nc,,\n");
    await store.close();
  });

  it('counts the cells that a spreadsheet cuts', () => {
    expect(csvOf(['x'.repeat(32_767), 'x'.repeat(32_768), 'x']).longCells).toBe(1);
  });
});

it('streams a row and waits for a slow reader', async () => {
  const slow = new PassThrough({ highWaterMark: 10 });
  let resolved = false;
  const writing = streamRow(slow, aRecord(), new AbortController().signal).then(() => {
    resolved = true;
  });
  await new Promise((resolve) => setImmediate(resolve));
  expect(resolved).toBe(false);
  const [line] = await slow.take(1).toArray();
  await writing;
  expect(visionRecordSchema.parse(JSON.parse(String(line)))).toEqual(aRecord());
});

it('waits for no reader once it is told to stop', async () => {
  const unread = new PassThrough({ highWaterMark: 10 });
  const stop = new AbortController();
  const writing = streamRow(unread, aRecord(), stop.signal);
  stop.abort();
  await writing;
  const { writableLength } = unread;
  await streamRow(unread, aRecord(), stop.signal);
  expect(unread.writableLength).toBe(writableLength);
});
