import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { DEFAULT_DIALECT, type TableDialect } from '../../../src/core/table-dialect.js';
import { type Manifest, manifestRows, openManifest } from '../../../src/inputs/tables/manifest.js';
import { createParquetChild } from '../../../src/inputs/tables/parquet-child/child.js';
import { tableColumns } from '../../../src/results/columns.js';
import { type Exported, exportRun } from '../../../src/results/export.js';
import { aRecord, aRunMeta } from '../../support/builders.js';
import { discoverAll, openTestStore, TestFolder } from './stores.js';

const SHOP: TableDialect = { delimiter: ';', quote: '"', encoding: 'windows-1252', mark: false };
const TEXTS = ['Bär; 5 €', 'it\'s "so"', "'quoted'", 'two\nlines, and a\ttab | bar', '-5.00', ' blanks '];

/** An export of an item for each of the texts. */
async function exported(folder: TestFolder, dialect: TableDialect, texts = TEXTS): Promise<Exported> {
  const store = await openTestStore(folder.at('run'));
  await store.writeMeta(aRunMeta());
  const ids = texts.map((_, at) => `${at}.png`);
  await discoverAll(store, ids);
  await store.put(ids.map((id, at) => ({ record: aRecord({ id, text: texts[at] ?? '' }), attempts: [] })));
  const columns = tableColumns({ columns: 'people', result: [{ header: 'text', path: ['text'] }], carried: [] });
  const output = { path: folder.at('out.csv'), format: 'csv', csv: { columns, explode: null, dialect } } as const;
  const end = await exportRun({ reader: store, output, overwrite: false });
  await store.close();
  return end;
}

/** The file as the tables among the inputs are read, with nothing said of it. */
async function readAgain(folder: TestFolder): Promise<{ readonly manifest: Manifest; readonly texts: string[] }> {
  const unsaid = { base: null, delimiter: null, encoding: null, quote: null, parquet: createParquetChild() };
  const file = { given: 'out.csv', path: folder.at('out.csv') };
  const columns = { idColumns: [], imageColumns: ['source'], onRepeat: null, severalImages: false, wordColumns: [] };
  const manifest = await openManifest(file, { ...unsaid, ...columns });
  const texts: string[] = [];
  for await (const { cells } of manifestRows(manifest)) texts.push(cells[manifest.columns.indexOf('text')] ?? '');
  return { manifest, texts };
}

describe("an export in a table's own dialect", () => {
  it.each<[string, Partial<TableDialect>]>([
    ['Windows-1252 with semicolons', {}],
    ['UTF-16, little end first, with tabs and a mark', { delimiter: '\t', encoding: 'utf-16le', mark: true }],
    ['UTF-16, big end first, with a mark', { encoding: 'utf-16be', mark: true }],
    ['UTF-16 without a mark', { encoding: 'utf-16be', delimiter: ',' }],
    ['apostrophes as quotes', { quote: "'", encoding: 'utf-8' }],
    ['UTF-8 with bars and a mark', { delimiter: '|', encoding: 'utf-8', mark: true }],
  ])('is found out again, and reads back as what was written: %s', async (_, told) => {
    using folder = new TestFolder();
    const dialect = { ...SHOP, ...told };
    expect(await exported(folder, dialect)).toMatchObject({ rows: TEXTS.length, unwritable: null });
    const { manifest, texts } = await readAgain(folder);
    const { delimiter, encoding, mark, quote } = dialect;
    expect(manifest.format).toMatchObject({ dialect: { delimiter, quote }, text: { encoding } });
    expect(manifest.format.kind === 'csv' && manifest.format.text.markBytes > 0).toBe(mark);
    expect(texts).toEqual(TEXTS.map((text) => (text.startsWith('-') ? `'${text}` : text)));
  });

  it('has quotes where the table has none, since answers hold line ends', async () => {
    using folder = new TestFolder();
    await exported(folder, { ...DEFAULT_DIALECT, delimiter: '\t', quote: '' }, ['one\ntwo']);
    expect(readFileSync(folder.at('out.csv'), 'utf8')).toContain('\t"one\ntwo"\t');
  });

  it('is UTF-8 with a byte order mark as a whole where Windows-1252 lacks a character, and tells the first', async () => {
    using folder = new TestFolder();
    const texts = ['Bär', 'Ωmega', 'λ'];
    const { rows, unwritable } = await exported(folder, SHOP, texts);
    expect({ rows, unwritable }).toMatchObject({ rows: 3, unwritable: { item: '1.png', character: 'Ω' } });
    const { manifest, texts: again } = await readAgain(folder);
    expect(manifest.format).toMatchObject({ dialect: { delimiter: ';' }, text: { encoding: 'utf-8', markBytes: 3 } });
    expect(again).toEqual(texts);
    expect(readdirSync(folder.path).toSorted()).toEqual(['out.csv', 'run']);
  });
});
