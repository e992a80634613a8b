import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { resolveInputs } from '../../../../src/inputs/resolve.js';
import { notesOn } from '../../../../src/inputs/tables/manifest-notes.js';
import { spooledTable, tableKindOf } from '../../../../src/inputs/tables/spooled-table.js';
import { itemsIn, PLAIN, problemsIn, type TemporaryFolder, temporaryFolder } from '../folders.js';
import { parquet, pngLike } from './tables.js';

const TABLE = 'id,image,note\n1,a.jpg,Bär – €5\n2,a.jpg,\n';

function utf16be(text: string): Buffer {
  return Buffer.from(text, 'utf16le').swap16();
}

/** `–` and `€` are no Latin-1. */
function windows1252(text: string): Buffer {
  return Buffer.from(text.replaceAll('–', '\x96').replaceAll('€', '\x80'), 'latin1');
}

async function notes(folder: TemporaryFolder, name: string): Promise<readonly string[]> {
  const [input] = await resolveInputs([name], { cwd: folder.path, ...PLAIN });
  return input?.kind === 'manifest' ? notesOn(input.manifest) : ['no manifest'];
}

const semicolons = (text: string): string => text.replaceAll(',', ';');

describe('how a table is written is found out, and told where it is not the usual way', () => {
  it.each([
    ['UTF-8', Buffer.from(TABLE), []],
    ['UTF-8 with a mark', Buffer.from(`\ufeff${TABLE}`), []],
    ['UTF-16 LE with a mark', Buffer.from(`\ufeff${TABLE}`, 'utf16le'), ['UTF-16 characters']],
    ['UTF-16 LE without', Buffer.from(TABLE, 'utf16le'), ['UTF-16 characters']],
    ['UTF-16 BE with a mark', utf16be(`\ufeff${TABLE}`), ['UTF-16 characters']],
    ['UTF-16 BE without', utf16be(TABLE), ['UTF-16 characters']],
    ['Windows-1252', windows1252(TABLE), ['Windows-1252 characters']],

    ['semicolons', Buffer.from(semicolons(TABLE)), ['`;` between the cells']],
    ['bars', Buffer.from(TABLE.replaceAll(',', '|')), ['`|` between the cells']],
    ['tabs', Buffer.from(TABLE.replaceAll(',', '\t')), ['tabs between the cells']],
    [
      'other quotes, semicolons and Windows-1252 together',
      windows1252(semicolons(TABLE).replace('id', "'id'").replace('Bär – €5', "'Bär – €5'")),
      ['Windows-1252 characters', '`;` between the cells', "' around them"],
    ],
    ['gzip', gzipSync(TABLE), []],
    ['gzip in two pieces', Buffer.concat([gzipSync(TABLE.slice(0, 20)), gzipSync(TABLE.slice(20))]), []],
    ['gzip of UTF-16', gzipSync(Buffer.from(TABLE, 'utf16le')), ['UTF-16 characters']],
  ])('%s', async (_, content, told) => {
    await using folder = await temporaryFolder();
    folder.write('a.jpg');
    folder.writeAs('l.csv', content);
    const items = await itemsIn(folder.path, ['l.csv']);
    expect(items.map(({ key, problem, row }) => [key, row?.note, problem])).toEqual([
      ['1', 'Bär – €5', undefined],
      ['2', '', undefined],
    ]);
    expect(await notes(folder, 'l.csv')).toEqual(
      told.length === 0 ? [] : [`l.csv: read as CSV with ${told.join(', ')}.`],
    );
  });

  it('in pieces that part a character', async () => {
    await using folder = await temporaryFolder();
    const note = `${'ä€'.repeat(40_000)}😀`;
    for (const [name, content] of Object.entries({
      'a.csv': Buffer.from(`id,image,note\n1,a.jpg,x${note}\n`),
      'b.csv': Buffer.from(`id,image,note\n1,a.jpg,x${note}\n`, 'utf16le'),
      'c.csv': utf16be(`\ufeffid,image,note\n1,a.jpg,x${note}\n`),
      'd.csv': gzipSync(`id,image,note\n1,a.jpg,x${note}\n`),
    })) {
      folder.writeAs(name, content);
      const [item] = await itemsIn(folder.path, [name]);
      expect(item?.row?.note === `x${note}`).toBe(true);
    }
  });

  it('but what the user says is believed', async () => {
    await using folder = await temporaryFolder();
    folder.writeAs('l.csv', windows1252("id,x;image\n'1';'Bär'\n"));
    const manifests = { encoding: 'windows-1252', delimiter: ';', quote: '"', imageColumns: ['image'] } as const;
    const [item] = await itemsIn(folder.path, ['l.csv'], { manifests });
    expect(item).toMatchObject({ row: { 'id,x': "'1'" }, sources: [{ ref: { path: "'Bär'" } }] });
    const wrong = itemsIn(folder.path, ['l.csv'], { manifests: { ...manifests, encoding: 'utf-8' } });
    await expect(wrong).rejects.toMatchObject({
      exitCode: 2,
      message: 'l.csv:2: Expected UTF-8, got bytes that are not.',
    });
  });

  it('and apostrophes in words are no quotes', async () => {
    await using folder = await temporaryFolder();
    const notes = ["it's 'so'", "'Untitled'", "'Tis the season"];
    folder.writeAs('l.csv', `id,image,note\n${notes.map((note, at) => `${at},a.jpg,${note}\n`).join('')}`);
    expect((await itemsIn(folder.path, ['l.csv'])).map(({ row }) => row?.note)).toEqual(notes);
  });

  it('and between tabs quotes that stand around no cell are none', async () => {
    await using folder = await temporaryFolder();
    const sizes = ['5" disk', '"big" one', '7"'];
    folder.writeAs('l.tsv', `id\timage\tsize\n${sizes.map((size, at) => `${at}\ta.jpg\t${size}\n`).join('')}`);
    expect((await itemsIn(folder.path, ['l.tsv'])).map(({ row }) => row?.size)).toEqual(sizes);
    expect(await notes(folder, 'l.tsv')).toEqual(['l.tsv: read as CSV with no quotes.']);
    folder.writeAs('l.csv', 'id,image,size\n1,a.jpg,5" disk\n');
    await expect(itemsIn(folder.path, ['l.csv'])).rejects.toMatchObject({ fix: expect.stringMatching(/--quote$/) });
    const [item] = await itemsIn(folder.path, ['l.csv'], { manifests: { quote: '' } });
    expect(item?.row).toEqual({ id: '1', size: '5" disk' });
  });

  it.each([
    ['lines that end with \\r', 'l.csv', 'id,image\r1,a.jpg\r', /old Macs/, /^tr /],
    ["Excel's own first line", 'l.csv', 'sep=;\r\nid;image\r\n', /^l\.csv:1: .*`sep=;`/, /--delimiter ';'$/],
    ['UTF-32', 'l.csv', Buffer.from('fffe000069000000640000000a000000', 'hex'), /UTF-32/, /^iconv /],
    ['one list of all', 'l.jsonl', '[{"image":"a.jpg"},\n{"image":"b.jpg"}]', /^l\.jsonl:1: /, /jq -c '\.\[\]'/],
  ])('and %s are refused, saying what helps', async (_, name, content, message, fix) => {
    await using folder = await temporaryFolder();
    folder.writeAs(name, content);
    await expect(itemsIn(folder.path, [name])).rejects.toMatchObject({
      exitCode: 2,
      message: expect.stringMatching(message),
      fix: expect.stringMatching(fix),
    });
  });

  it('and the lines of errors are those of the text', async () => {
    await using folder = await temporaryFolder();
    folder.writeAs('l.csv', gzipSync(Buffer.from('id;image\n1;"a\nb"\n2\n', 'utf16le')));
    await expect(itemsIn(folder.path, ['l.csv'])).rejects.toMatchObject({
      message: 'l.csv:4: Expected as many cells as the header has, got 1.',
      fix: expect.stringMatching(/delimiter \(;\).*--delimiter/),
    });
  });
});

describe('a JSONL file', () => {
  it('carries numbers as they are written, wherever they stand', async () => {
    await using folder = await temporaryFolder();
    const text = 'a \\" 1.10 \\\\';
    const numbers =
      '"pi":3.14159265358979323846,"price":1.10,"sku":12345678901234567890,"big":1e400,"in":[1.0,{"n":-0.0}]';
    folder.writeAs('l.jsonl', `{"image":"a.jpg","text":"${text}","bool":true,${numbers}}\n`);
    const [item] = await itemsIn(folder.path, ['l.jsonl']);
    expect(item?.row).toEqual({
      ...{ text: JSON.parse(`"${text}"`), bool: 'true', pi: '3.14159265358979323846', price: '1.10' },
      ...{ sku: '12345678901234567890', big: '1e400', in: '[1.0,{"n":-0.0}]' },
    });
  });

  it('may hold a string of any number of escapes', async () => {
    await using folder = await temporaryFolder();
    folder.writeAs('l.jsonl', `{"image":"a.jpg","n":1.0,"text":"${'\\/'.repeat(4_000_000)}"}\n`);
    const [item] = await itemsIn(folder.path, ['l.jsonl']);
    expect([item?.row?.n, item?.row?.text?.length]).toEqual(['1.0', 4_000_000]);
  });
});

it.each([
  ['l.jsonl', '{"image":"http://a/b.jpg"}\n\n{}\n{"image":""}\n', ['l.jsonl:3', 'l.jsonl:4']],
  [
    'l.parquet',
    parquet([{ name: 'image', data: [pngLike('a'), null, null], type: 'BYTE_ARRAY' }]),
    ['l.parquet:2', 'l.parquet:3'],
  ],
  ['l.csv', 'image,note\nhttp://a/b.jpg,\n,\n,x\n', ['l.csv:4']],
])('a row without an image is a failed item, but an empty one of a spreadsheet: %s', async (name, content, failed) => {
  await using folder = await temporaryFolder();
  folder.writeAs(name, content);
  const items = await itemsIn(folder.path, [name]);
  expect(items).toHaveLength(failed.length + 1);
  const problems = items.slice(1).map(({ key, problem }) => [key, problem?.code]);
  expect(problems).toEqual(failed.map((key) => [key, 'IMAGE_MISSING']));
});

describe('a Parquet file', () => {
  it('carries every value as text, in the rows of all groups and pieces, and says what it does not carry', async () => {
    await using folder = await temporaryFolder();
    folder.write('a.jpg');
    const count = 21_000;
    const numbers = Array.from({ length: count }, (_, at) => at);
    const data = parquet(
      [
        { name: 'id', data: numbers, type: 'INT32' },
        { name: 'url', data: numbers.map(() => 'http://a/b.jpg') },
        { name: 'big', data: numbers.map((at) => 9_007_199_254_740_993n + BigInt(at)), type: 'INT64' },
        { name: 'when', data: numbers.map((at) => new Date(at)), type: 'TIMESTAMP' },
        { name: 'price', data: numbers.map((at) => at + 0.1) },
        { name: 'on', data: numbers.map((at) => at % 2 === 0) },
        { name: 'maybe', data: numbers.map((at) => (at === 1 ? 'é' : null)), type: 'STRING' },
        { name: 'thumb', data: numbers.map(() => pngLike('thumb', 8)), type: 'BYTE_ARRAY' },
      ],
      { rowGroupSize: count - 10, pageSize: 20_000 },
    );
    folder.writeAs('l.parquet', data);
    const items = await itemsIn(folder.path, ['l.parquet']);
    expect(items.map(({ key }) => key)).toEqual(numbers.map(String));
    expect(items[1]).toEqual({
      key: '1',
      sources: [{ ref: { url: 'http://a/b.jpg' }, size: null, mtimeMs: null }],
      page: 1,
      row: {
        id: '1',
        big: '9007199254740994',
        when: '1970-01-01T00:00:00.001Z',
        price: '1.1',
        on: 'false',
        maybe: 'é',
      },
    });
    expect(items.at(-1)?.row).toMatchObject({ id: String(count - 1), on: 'false' });
    expect(await notes(folder, 'l.parquet')).toEqual([
      'l.parquet: `thumb` hold bytes, and are not carried into the rows.',
    ]);
  });

  it('of an old writer holds words as bytes', async () => {
    await using folder = await temporaryFolder();
    folder.write('a.jpg');
    const bytes = (...texts: string[]) => texts.map((text) => Buffer.from(text));
    const columns = [
      { name: 'image', data: bytes('a.jpg', 'gone.jpg'), type: 'BYTE_ARRAY' as const },
      { name: 'note', data: bytes('ä', 'b'), type: 'BYTE_ARRAY' as const },
    ];
    folder.writeAs('l.parquet', parquet(columns));
    expect((await itemsIn(folder.path, ['l.parquet'])).map(({ key, row }) => [key, row])).toEqual([
      ['a.jpg', { note: 'ä' }],
      ['gone.jpg', { note: 'b' }],
    ]);
    expect(await problemsIn(folder.path, ['l.parquet'])).toMatchObject({ 'gone.jpg': { code: 'IMAGE_MISSING' } });
  });

  it('that is cut or scrambled is refused, whatever was hit', async () => {
    await using folder = await temporaryFolder();
    const whole = parquet([{ name: 'image', data: ['a.jpg', 'b.jpg', 'c.jpg'] }]);
    for (let at = 4; at < whole.length; at += 23) {
      folder.writeAs('l.parquet', whole.subarray(0, at));
      await expect(itemsIn(folder.path, ['l.parquet'])).rejects.toMatchObject({ exitCode: 2 });
    }
  });
});

describe('a table on stdin', () => {
  it.each([
    ['{"image":"a.jpg"}', 'jsonl'],
    ['\ufeff \n{"image"', 'jsonl'],
    ['BMI,image\n', 'csv'],
    ['image\nä.jpg', 'csv'],
    [gzipSync('{"image":"a.jpg"}'), 'jsonl'],
    [gzipSync('id;image').subarray(0, -4), 'csv'],
    [Buffer.from('id,image\n', 'utf16le'), 'csv'],
    [utf16be('\ufeff{"image":1}'), 'jsonl'],
    [parquet([{ name: 'image', data: ['a'] }]), 'parquet'],
    [pngLike('x'), null],
    [gzipSync(pngLike('x')), null],
    ['%PDF-1.7', null],
    ['<svg xmlns="http://www.w3.org/2000/svg"/>', null],
    ['BM\x9a\0\0\0\0\0\0\0', null],
    ['', null],
  ])('is told by its first bytes: %#', (head, kind) => {
    expect(tableKindOf(Buffer.from(head))).toBe(kind);
  });

  it('is kept for as long as it is needed, and its paths are relative to the working directory', async () => {
    await using folder = await temporaryFolder();
    folder.write('a.jpg');
    const table = await spooledTable(pieces('id,image\n', '1,a.jpg\n'), 'csv');
    const [input] = await resolveInputs(['-'], { cwd: folder.path, ...PLAIN, stdin: table });
    expect(input).toMatchObject({
      kind: 'manifest',
      given: '-',
      manifest: { base: folder.path, columns: ['id', 'image'] },
    });
    await table[Symbol.asyncDispose]();
    await expect(spooledTable(broken(), 'csv')).rejects.toThrow('gone');
    await expect(resolveInputs(['-'], { cwd: folder.path, ...PLAIN, stdin: table })).rejects.toMatchObject({
      message: '-: The file cannot be read: ENOENT.',
    });
  });
});

async function* pieces(...texts: readonly string[]): AsyncGenerator<Uint8Array> {
  for (const text of texts) yield Buffer.from(text);
}

async function* broken(): AsyncGenerator<Uint8Array> {
  yield* pieces('id');
  throw new Error('gone');
}
