import { execFileSync } from 'node:child_process';
import { symlinkSync } from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { EXIT } from '../../../../src/core/exit.js';
import { sourceNames } from '../../../../src/core/outcome-record.js';
import { carriedColumns, commonRoot, nameRoots } from '../../../../src/inputs/input-folders.js';
import { sourceReader } from '../../../../src/inputs/open.js';
import { resolveInputs } from '../../../../src/inputs/resolve.js';
import { manifestRows } from '../../../../src/inputs/tables/manifest.js';
import { itemsIn, keysIn, PLAIN, problemsIn, type TemporaryFolder, temporaryFolder } from '../folders.js';

/** A folder with two images and a manifest. */
async function folderWith(name: string, content: string | Buffer): Promise<TemporaryFolder> {
  const folder = await temporaryFolder();
  folder.write('a.jpg', 'sub/b.jpg');
  folder.writeAs(name, content);
  return folder;
}

const refusal = (message: string | RegExp, fix?: RegExp) => ({
  exitCode: EXIT.usage,
  message: typeof message === 'string' ? message : expect.stringMatching(message),
  ...(fix === undefined ? {} : { fix: expect.stringMatching(fix) }),
});

describe('the rows of a manifest', () => {
  it('are items in their order, called by their ids, and carry every column but the image', async () => {
    await using folder = await folderWith(
      'list.csv',
      'id,image,note\n9,sub/b.jpg,"two\nlines, ""quoted"""\n10,a.jpg,\n',
    );
    const seen = { size: 1, mtimeMs: expect.any(Number) };
    const root = path.basename(folder.path);
    expect(await itemsIn(folder.path, ['list.csv'])).toEqual([
      {
        key: '9',
        sources: [{ ref: { root, path: 'sub/b.jpg' }, ...seen }],
        page: 1,
        row: { id: '9', note: 'two\nlines, "quoted"' },
      },
      { key: '10', sources: [{ ref: { root, path: 'a.jpg' }, ...seen }], page: 1, row: { id: '10', note: '' } },
    ]);
    expect(await keysIn(folder.path, ['list.csv'])).toEqual(['9', '10']);
  });

  it.each([
    ['commas', 'l.csv', 'id,image\n1,a.jpg\n'],
    ['semicolons, with a comma in a name', 'l.csv', '"i,d";image\n1;a.jpg\n'],
    ['tabs in a .csv', 'l.csv', 'id\timage\n1\ta.jpg\n'],
    ['a .tsv, with more commas than tabs', 'l.tsv', 'id\timage\t,,,\n1\ta.jpg\t\n'],
    ['a byte order mark and \\r\\n', 'L.CSV', '\ufeffid,image\r\n1,a.jpg\r\n'],
    ['no line end at the end', 'l.csv', 'id,image\n1,a.jpg'],
    ['blanks behind the commas', 'l.csv', 'id, image\n1, a.jpg \n'],
    ['empty lines and rows', 'l.csv', '\nid,image\n\n1,a.jpg\n,\n\n'],
    ['JSON lines', 'l.jsonl', '{"id":"1","image":"a.jpg"}\n'],
    [
      'JSON lines with a byte order mark, \\r\\n and empty lines',
      'l.ndjson',
      '\ufeff{"id":1,"image":"a.jpg"}\r\n \r\n',
    ],
  ])('are read from %s', async (_, name, content) => {
    await using folder = await folderWith(name, content);
    const [item, ...others] = await itemsIn(folder.path, [name], {
      manifests: content.includes('i,d') ? { idColumns: ['i,d'] } : {},
    });
    expect(item).toMatchObject({ key: '1', sources: [{ ref: { path: 'a.jpg' }, size: 1 }] });
    expect(others).toEqual([]);
  });

  it('are told apart by their images where there is no id, as a folder would call them', async () => {
    await using folder = await folderWith('list.csv', 'File\n./sub/../a.jpg\nsub/b.jpg\n');
    expect(await keysIn(folder.path, ['list.csv'])).toEqual(['a.jpg', 'sub/b.jpg']);
    const [item] = await itemsIn(folder.path, ['list.csv']);
    expect(item).not.toHaveProperty('row');
  });

  it('have ids of several columns, escaped like names of files', async () => {
    await using folder = await folderWith('list.csv', 'box,page,image\na/b,1#2,a.jpg\na,b/1%,a.jpg\n');
    expect(await keysIn(folder.path, ['list.csv'], { manifests: { idColumns: ['box', 'page'] } })).toEqual([
      'a%2Fb/1%232',
      'a/b%2F1%25',
    ]);
  });

  it('may be of any number and cross what is read at once', async () => {
    const rows = Array.from({ length: 2_000 }, (_, at) => `${at},a.jpg,${'é'.repeat(at % 60)}`);
    await using folder = await folderWith('list.csv', `id,image,note\n${rows.join('\n')}\n`);
    const items = await itemsIn(folder.path, ['list.csv']);
    expect(items.map(({ key }) => key)).toEqual(rows.map((_, at) => String(at)));
    expect(items.every(({ row }, at) => row?.note === 'é'.repeat(at % 60))).toBe(true);
  });

  it('name URLs, which are left for the worker to fetch', async () => {
    await using folder = await folderWith('list.csv', 'id,url\n1,https://example.org/a%20b.jpg?c=d#e\n');
    expect(await itemsIn(folder.path, ['list.csv'])).toMatchObject([
      { key: '1', sources: [{ ref: { url: 'https://example.org/a%20b.jpg?c=d#e' }, size: null, mtimeMs: null }] },
    ]);
  });

  it('are called by their URL without its credentials, which only their source keeps', async () => {
    const url = 'https://anna:p@ss@example.org/a.jpg?c=d@e';
    await using folder = await folderWith('list.csv', `url\n${url}\n`);
    const [item] = await itemsIn(folder.path, ['list.csv']);
    expect(item).toMatchObject({ key: 'https://example.org/a.jpg?c=d@e', sources: [{ ref: { url } }] });
    expect(item && sourceNames(item)).toBe('https://example.org/a.jpg?c=d@e');
  });

  it('are looked for below --base, where there is one', async () => {
    await using folder = await folderWith('sub/list.csv', 'image\na.jpg\n');
    expect(await problemsIn(folder.path, ['sub/list.csv'])).toMatchObject({ 'a.jpg': { code: 'IMAGE_MISSING' } });
    expect(await problemsIn(folder.path, ['sub/list.csv'], { manifests: { base: '.' } })).toEqual({});
  });

  it('stand beside what other inputs find', async () => {
    await using folder = await folderWith('list.csv', 'id,image\nx,a.jpg\n');
    expect(await keysIn(folder.path, ['list.csv', '.'])).toEqual(['x', 'a.jpg', 'sub/b.jpg']);
  });
});

describe('a row that is no image', () => {
  it('is one failed item', async () => {
    const long = 'A'.repeat(5_000);
    const rows = ['', 'gone.jpg', 'sub', 'ftp://b/k.jpg', 'file://other/a.jpg', long, 'a\0.jpg', 'file:///etc/passwd'];
    await using folder = await folderWith(
      'list.csv',
      `id,image\n${rows.map((cell, at) => `${at},"${cell}"`).join('\n')}\n`,
    );
    const problems = await problemsIn(folder.path, ['list.csv']);
    expect(Object.values(problems).map(({ code }) => code)).toEqual([
      'IMAGE_MISSING',
      'IMAGE_MISSING',
      'IMAGE_UNREADABLE',
      'IMAGE_UNSUPPORTED',
      'IMAGE_UNSUPPORTED',
      'IMAGE_UNSUPPORTED',
      'IMAGE_UNREADABLE',
      'IMAGE_FORBIDDEN',
    ]);
    expect(problems['0']?.message).toBe('There is no image in line 2 of list.csv, column `image`.');
    expect(JSON.stringify(problems)).not.toContain('AAAAA');
  });

  it.each([
    ['an object', { bytes: 'iVBORw0KGgo=', path: 'a.jpg' }, /got an object/],
    ['a list', ['a.jpg'], /got a list/],
  ])('is told where it is %s of JSON', async (_, image, message) => {
    await using folder = await folderWith('l.jsonl', `${JSON.stringify({ id: 1, image })}\n`);
    expect(await problemsIn(folder.path, ['l.jsonl'])).toMatchObject({
      1: { code: 'IMAGE_UNSUPPORTED', message: expect.stringMatching(message) },
    });
  });

  it('is called by its line where it has neither id nor image', async () => {
    await using folder = await folderWith('list.csv', 'image,note\n,"a\nb"\n,c\n');
    expect(Object.keys(await problemsIn(folder.path, ['list.csv']))).toEqual(['list.csv:2', 'list.csv:4']);
  });
});

describe('a manifest reaches no file outside of its folder', () => {
  it.each([
    ['by an absolute path', '/etc/passwd'],
    ['by going up', '../secret.jpg'],
    ['by going up within a path', 'sub/../../secret.jpg'],
    ['by a link to a file', 'link.jpg'],
    ['through a linked folder', 'out/secret.jpg'],
  ])('%s', async (_, cell) => {
    await using folder = await temporaryFolder();
    folder.write('list/sub/a.jpg', 'secret.jpg', 'other/a.jpg');
    symlinkSync('../secret.jpg', path.join(folder.path, 'list/link.jpg'));
    symlinkSync('..', path.join(folder.path, 'list/out'));
    folder.writeAs('list/list.csv', `id,image\n1,${cell}\n`);
    for (const inputs of [['list/list.csv'], ['list/list.csv', 'other']]) {
      const [item] = await itemsIn(folder.path, inputs);
      expect(item?.problem).toMatchObject({ code: 'IMAGE_FORBIDDEN', message: expect.stringMatching(/--base DIR/) });
      expect(item?.sources).toMatchObject([{ size: null, mtimeMs: null }]);
    }
  });

  it('even where a link is put in its place before it is read', async () => {
    await using folder = await temporaryFolder();
    folder.write('list/b.jpg', 'secret.jpg');
    folder.writeAs('list/list.csv', 'id,image\n1,a.jpg\n');
    symlinkSync('b.jpg', path.join(folder.path, 'list/a.jpg'));
    const inputs = await resolveInputs(['list/list.csv'], { cwd: folder.path, ...PLAIN });
    const read = sourceReader(nameRoots(inputs, commonRoot(inputs, folder.path)), { maxBytes: 10, urls: null });
    const [item] = await itemsIn(folder.path, ['list/list.csv']);
    const ref = item?.sources[0]?.ref ?? { url: '' };
    expect(await read(ref)).toMatchObject({ size: 1 });
    execFileSync('ln', ['-sfn', '../secret.jpg', path.join(folder.path, 'list/a.jpg')]);
    await expect(read(ref)).rejects.toMatchObject({ code: 'IMAGE_FORBIDDEN' });
  });

  it('but those of other inputs and of --base', async () => {
    await using folder = await temporaryFolder();
    folder.write('other/a.jpg');
    folder.write('list/x.jpg');
    folder.writeAs('list/list.csv', `id,image\n1,../other/a.jpg\n2,${folder.path}/other/a.jpg\n`);
    expect(await problemsIn(folder.path, ['list/list.csv', 'other'])).toEqual({});
    expect(Object.keys(await problemsIn(folder.path, ['list/list.csv']))).toEqual(['1', '2']);
    expect(await problemsIn(folder.path, ['list/list.csv'], { manifests: { base: 'list/..' } })).toMatchObject({
      1: { code: 'IMAGE_FORBIDDEN' },
    });
  });
});

describe('a manifest that is no table', () => {
  it.each([
    ['an empty file', 'l.csv', '', /^l\.csv: The file is empty\.$/],
    ['empty lines only', 'l.csv', '\n\n', /^l\.csv: The file is empty\.$/],
    ['an empty .jsonl', 'l.jsonl', '\n', /^l\.jsonl: The file is empty\.$/],
    [
      'a row with too few cells',
      'l.csv',
      'id,image\n1,a.jpg\n"2\n3"\n',
      /^l\.csv:3: Expected as many cells .* got 1\.$/,
    ],
    ['a row with too many cells', 'l.csv', 'id,image\n1,a.jpg,b\n', /^l\.csv:2: .* got 3\.$/],
    ['a quote inside a cell', 'l.csv', 'id,image\n1,a "b".jpg\n', /^l\.csv:2: A quote stands inside a cell\.$/],
    [
      'a quote that never closes, far down',
      'l.csv',
      `id,image\n${'1,a.jpg\n'.repeat(2_000)}2,"b.jpg\n3,c.jpg\n`,
      /^l\.csv:2002: A quote opens/,
    ],
    ['text after a quote', 'l.csv', 'id,image\n1,"a"b.jpg\n', /^l\.csv:2: A quote stands inside a cell\.$/],
    [
      'a quote that never closes',
      'l.csv',
      'id,image\n1,a.jpg\n2,"b.jpg\n3,c.jpg\n',
      /^l\.csv:3: A quote opens and never/,
    ],
    ['a line without end', 'l.jsonl', `{}\n"${'a'.repeat(34_000_000)}`, /^l\.jsonl:2: Expected a row of at most/],
    [
      'bytes that are not UTF-8',
      'l.csv',
      Buffer.from('id,image\n1,a.jpg\n2,caf\xe9.jpg\n3,\xc3\xa9', 'latin1'),
      /^l\.csv:3: /,
    ],
    [
      'such bytes in a last line without end',
      'l.jsonl',
      Buffer.from('{"image":"\xc3\xa9"}\n{"a":"\xe9"}', 'latin1'),
      /^l\.jsonl:2: Expected UTF-8/,
    ],
    ['a spreadsheet', 'l.csv', Buffer.from('PK\x03\x04…'), /^l\.csv: Expected a table, got a ZIP file/],
    ['a .parquet that is none', 'l.parquet', 'id,image\n1,a.jpg\n', /^l\.parquet: Expected a Parquet file/],
    ['a cut .csv.gz', 'l.csv.gz', gzipSync('id,image\n1,a.jpg\n').subarray(0, -9), /^l\.csv\.gz: The gzip data/],
    ['a line that is no JSON', 'l.jsonl', '{"image":"a.jpg"}\n\n{"image":\n', /^l\.jsonl:3: .* no JSON\.$/],
    ['a line that is no object', 'l.jsonl', '{"image":"a.jpg"}\n["a.jpg"]\n', /^l\.jsonl:2: .* got a list\.$/],
    ['a row without its id', 'l.csv', 'id,image\n1,a.jpg\n ,a.jpg\n', /^l\.csv:3: Expected the row to have an id/],
    ['two columns of one name', 'l.csv', 'image,a,a\nx,1,2\n', /^l\.csv:1: .*`a` twice\.$/],
  ])('for %s is refused, with its line', async (_, name, content, message) => {
    await using folder = await folderWith(name, content);
    await expect(itemsIn(folder.path, [name])).rejects.toMatchObject(refusal(message));
  });

  it('is refused where it is a pipe, which can be read only once', async () => {
    await using folder = await temporaryFolder();
    execFileSync('mkfifo', [path.join(folder.path, 'pipe.csv')]);
    await expect(itemsIn(folder.path, ['pipe.csv'])).rejects.toMatchObject(refusal(/regular file/));
  });

  it('is refused where its header changed since it was opened', async () => {
    await using folder = await folderWith('l.csv', 'id,image\n1,a.jpg\n');
    const [input] = await resolveInputs(['l.csv'], { cwd: folder.path, ...PLAIN });
    folder.writeAs('l.csv', 'image,id\na.jpg,1\n');
    const rows = async () => {
      if (input?.kind === 'manifest') for await (const row of manifestRows(input.manifest)) return row;
      return null;
    };
    await expect(rows()).rejects.toMatchObject(refusal(/header changed/));
  });
});

describe('the columns of a manifest', () => {
  it.each([
    ['none is known to hold the image', 'id,picture\n', {}, /There are `id`, `picture`\.$/],
    ['several may hold it', 'path,url\n', {}, /Several columns may hold the image: `path`, `url`\.$/],
    [
      'the one that is named is not there',
      'a,b\n',
      { imageColumns: ['c'] },
      /image column to be one of `a`, `b`, got `c`/,
    ],
    ['the id that is named is not there', 'image\n', { idColumns: ['Id'] }, /id column to be one of `image`, got `Id`/],
    ['a row would hold two images', 'a,b\n', { imageColumns: ['a', 'b'] }, /Expected one image column, got `a`, `b`/],
  ])('are refused before the run where %s', async (_, content, manifests, message) => {
    await using folder = await folderWith('l.csv', content);
    await expect(itemsIn(folder.path, ['l.csv'], { manifests })).rejects.toMatchObject(refusal(message));
  });

  it('that are carried are known beforehand, each once, those of later JSON lines too', async () => {
    await using folder = await folderWith('a.csv', ',id,Image_Path,note\n0,1,a.jpg,x\n');
    folder.writeAs('b.jsonl', '{"image":"a.jpg","note":null}\n{"image":"a.jpg","tags":["x",1],"ok":true,"n":1.50}\n');
    const inputs = await resolveInputs(['.', 'a.csv', 'b.jsonl'], { cwd: folder.path, ...PLAIN });
    expect(carriedColumns(inputs)).toEqual(['column 1', 'id', 'note', 'tags', 'ok', 'n']);
    const rows = (await itemsIn(folder.path, ['b.jsonl'])).map(({ row }) => row);
    expect(rows).toEqual([
      { note: '', tags: '', ok: '', n: '' },
      { note: '', tags: '["x",1]', ok: 'true', n: '1.50' },
    ]);
  });

  it('may have any name but one that jobs would lose', async () => {
    await using folder = await folderWith('a.csv', 'image,toString,constructor\na.jpg,t,c\n');
    const [item] = await itemsIn(folder.path, ['a.csv']);
    expect(item?.row).toEqual({ toString: 't', constructor: 'c' });
    folder.writeAs('a.csv', 'image,__proto__\na.jpg,p\n');
    await expect(itemsIn(folder.path, ['a.csv'])).rejects.toMatchObject(refusal(/`__proto__`/, /another name/));
  });

  it('may not be named where no input is a manifest', async () => {
    await using folder = await folderWith('a.csv', 'image\n');
    await expect(itemsIn(folder.path, ['.'], { manifests: { idColumns: ['x'], base: '.' } })).rejects.toMatchObject(
      refusal(/manifest, as --id-column and --base say, got none/, /named itself/),
    );
  });
});
