import { rename, utimes } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { commonRoot, nameRoots } from '../../../../src/inputs/input-folders.js';
import { sourceReader } from '../../../../src/inputs/open.js';
import { resolveInputs } from '../../../../src/inputs/resolve.js';
import { parquetRows } from '../../../../src/inputs/tables/parquet.js';
import { parquetReader } from '../../../../src/inputs/tables/parquet-child/reader.js';
import { itemsIn, PLAIN, temporaryFolder } from '../folders.js';
import { parquet, pngLike } from './tables.js';

type Element = NonNullable<NonNullable<Parameters<typeof parquet>[1]>['schema']>[number];

/** What rows carry of one column of this type. */
async function carried(type: Omit<Element, 'name'>, data: unknown[]): Promise<readonly (string | undefined)[]> {
  await using folder = await temporaryFolder();
  const columns = [
    { name: 'id', data: data.map((_, at) => at) },
    { name: 'url', data: data.map(() => 'http://a/b.jpg') },
    { name: 'value', data },
  ];
  const schema: Element[] = [
    { name: 'root', num_children: 3 },
    { name: 'id', type: 'INT32', repetition_type: 'REQUIRED' },
    { name: 'url', type: 'BYTE_ARRAY', converted_type: 'UTF8', repetition_type: 'REQUIRED' },
    { name: 'value', repetition_type: 'REQUIRED', ...type },
  ];
  folder.writeAs('l.parquet', parquet(columns, { schema }));
  return (await itemsIn(folder.path, ['l.parquet'])).map(({ row }) => row?.value);
}

describe('what a Parquet file holds is carried exactly', () => {
  const LARGEST = 2n ** 63n - 1n;

  it.each<[string, Omit<Element, 'name'>, unknown[], string[]]>([
    ['dates', { type: 'INT32', converted_type: 'DATE' }, [2_147_483_647, 1], ['2147483647', '1970-01-02']],
    [
      'times in microseconds',
      { type: 'INT64', converted_type: 'TIMESTAMP_MICROS' },
      [LARGEST, 1n],
      [String(LARGEST), '1970-01-01T00:00:00.000001Z'],
    ],
    [
      'times in milliseconds',
      { type: 'INT64', converted_type: 'TIMESTAMP_MILLIS' },
      [LARGEST, 1n],
      [String(LARGEST), '1970-01-01T00:00:00.001Z'],
    ],
    [
      'decimal numbers of 64 bits',
      { type: 'INT64', converted_type: 'DECIMAL', scale: 2, precision: 18 },
      [123_456_789_012_345_678n, -5n],
      ['1234567890123456.78', '-0.05'],
    ],
    [
      'decimal numbers of 32 bits',
      { type: 'INT32', converted_type: 'DECIMAL', scale: 0, precision: 9 },
      [110, -5],
      ['110', '-5'],
    ],
    ['numbers of 32 bits', { type: 'FLOAT' }, [0.1, 16_777_216, 1e-40], ['0.1', '16777216', '1e-40']],
  ])('%s', async (_, type, data, words) => {
    expect(await carried(type, data)).toEqual(words);
  });
});

describe('a Parquet file that is damaged', () => {
  it('is refused, or read whole, wherever bits of it are wrong', async () => {
    await using folder = await temporaryFolder();
    const numbers = Array.from({ length: 300 }, (_, at) => at);
    const whole = parquet(
      [
        { name: 'id', data: numbers, type: 'INT32' },
        { name: 'url', data: numbers.map((at) => `http://a/${(at * 7_919) % 100}.jpg`) },
      ],
      { rowGroupSize: 100 },
    );
    const seen = { refused: 0, read: 0 };
    for (let bit = 41; bit < whole.length * 8; bit += Math.ceil((whole.length * 8) / 40)) {
      const damaged = Buffer.from(whole);
      damaged[bit >> 3] = (damaged[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      folder.writeAs('l.parquet', damaged);
      const items = await itemsIn(folder.path, ['l.parquet']).catch((error: unknown) => error);
      if (Array.isArray(items)) expect(items).toHaveLength(numbers.length);
      else expect(items).toMatchObject({ exitCode: 2, message: expect.stringMatching(/^l\.parquet/) });
      seen[Array.isArray(items) ? 'read' : 'refused'] += 1;
    }
    expect(seen.refused).toBeGreaterThan(5);
  });

  it('says which rows cannot be read', async () => {
    await using folder = await temporaryFolder();
    const urls = Array.from({ length: 300 }, (_, at) => `http://a/${at}.jpg`);
    const whole = parquet([{ name: 'url', data: urls }], { rowGroupSize: 100 });
    const middle = Math.floor(whole.length / 3);
    whole.fill(0xff, middle, middle + 200);
    folder.writeAs('l.parquet', whole);
    await expect(itemsIn(folder.path, ['l.parquet'])).rejects.toMatchObject({
      exitCode: 2,
      message: expect.stringMatching(/^l\.parquet: The rows \d+ to \d+ cannot be read: /),
    });
  });

  it('is refused in words where a column has no name', async () => {
    await using folder = await temporaryFolder();
    const whole = parquet([{ name: 'url', data: ['http://a/b.jpg'] }]);
    const name = whole.indexOf(Buffer.from('\x18\x03url', 'latin1'));
    expect(name).toBeGreaterThan(0);
    whole[name] = 0x28; // Thrift's field after the name
    folder.writeAs('l.parquet', whole);
    await expect(itemsIn(folder.path, ['l.parquet'])).rejects.toMatchObject({
      exitCode: 2,
      message: 'l.parquet: Expected a Parquet file, got one that cannot be read: a column has no name.',
    });
  });

  it('is refused in words where its bytes make no sense', async () => {
    await using folder = await temporaryFolder();
    const whole = parquet([{ name: 'url', data: ['http://a/b.jpg'] }]);
    whole.fill(0, whole.length - 60, whole.length - 8);
    folder.writeAs('l.parquet', whole);
    await expect(itemsIn(folder.path, ['l.parquet'])).rejects.toMatchObject({
      exitCode: 2,
      message: 'l.parquet: Expected a Parquet file, got one that cannot be read: its bytes are damaged.',
    });
  });

  it('is refused where it holds fewer rows than it says', async () => {
    const id = { path: '/l.parquet', size: 0, mtimeMs: 0, inode: 0 };
    const table = { id, columns: [], groups: [{ start: 0, rows: 2 }] };
    const child = { ...PLAIN.parquet, rows: async () => [] };
    const rows = parquetRows({ given: 'l.parquet', path: id.path, table, child, images: [], carried: [] });
    await expect(rows.next()).rejects.toMatchObject({
      exitCode: 2,
      message: 'l.parquet: The rows 1 to 2 cannot be read: they are not there.',
    });
  });

  it.each([
    ['has two columns of one name', ['url', 'x', 'x'], /`x` twice/],
    ['has a column that no row can carry', ['url', '__proto__'], /`__proto__`/],
  ])('or that %s is refused', async (_, names, message) => {
    await using folder = await temporaryFolder();
    folder.writeAs('l.parquet', parquet(names.map((name) => ({ name, data: ['http://a/b.jpg'] }))));
    await expect(itemsIn(folder.path, ['l.parquet'])).rejects.toMatchObject({
      exitCode: 2,
      message: expect.stringMatching(message),
    });
  });
});

describe('an open Parquet file', () => {
  it('is another one at another time, and in another place on the disk', async () => {
    await using folder = await temporaryFolder();
    const file = path.join(folder.path, 'l.parquet');
    const whole = parquet([{ name: 'url', data: ['http://a/b.jpg'] }]);
    folder.writeAs('l.parquet', whole);
    await utimes(file, 1_000, 1_000);
    const read = parquetReader();
    const opened = await read({ kind: 'open', path: file });
    if (opened.kind !== 'table') throw new Error(`Expected a table, got ${opened.kind}`);
    const rows = { kind: 'rows', id: opened.table.id, from: 0, images: [0], carried: [] } as const;
    expect(await read(rows)).toMatchObject({ rows: [{ cells: ['http://a/b.jpg'] }] });
    await utimes(file, 1_000, 1_001);
    await expect(read(rows)).rejects.toThrow('it has changed since it was opened');
    folder.writeAs('other.parquet', whole);
    await utimes(path.join(folder.path, 'other.parquet'), 1_000, 1_000);
    await rename(path.join(folder.path, 'other.parquet'), file);
    await expect(read(rows)).rejects.toThrow('it has changed since it was opened');
  });
});

describe('an image in a Parquet file', () => {
  it('is read without reading again what is known of the file', async () => {
    await using folder = await temporaryFolder();
    const images = Array.from({ length: 9 }, (_, at) => pngLike(`number ${at}`));
    const column = { name: 'image', data: images, type: 'BYTE_ARRAY' as const, offsetIndex: false };
    const whole = parquet([column], { rowGroupSize: 1 });
    folder.writeAs('l.parquet', whole);
    const file = path.join(folder.path, 'l.parquet');
    await utimes(file, 1_000, 1_000);
    const inputs = await resolveInputs(['l.parquet'], { cwd: folder.path, ...PLAIN });
    const items = await itemsIn(folder.path, ['l.parquet']);
    const read = sourceReader(nameRoots(inputs, commonRoot(inputs, folder.path)), {
      ...PLAIN,
      maxBytes: 1_000,
      urls: null,
    });
    const readOf = async (at: number) => Buffer.from((await read(items[at]?.sources[0]?.ref ?? { url: '' })).bytes);
    expect(await readOf(0)).toEqual(images[0]);
    whole.fill(0, whole.length - 100); // where it says what lies in it
    folder.writeAs('l.parquet', whole);
    await utimes(file, 1_000, 1_000);
    expect(await readOf(8)).toEqual(images[8]);
  });
});
