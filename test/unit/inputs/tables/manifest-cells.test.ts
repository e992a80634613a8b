import { setImmediate } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { parseVisionJob, visionJob } from '../../../../jobs/vision-job.js';
import { commonRoot, nameRoots } from '../../../../src/inputs/input-folders.js';
import { sourceReader } from '../../../../src/inputs/open.js';
import { resolveInputs } from '../../../../src/inputs/resolve.js';
import { csvCells } from '../../../../src/inputs/tables/csv-rows.js';
import { itemsIn, PLAIN, type TemporaryFolder, temporaryFolder } from '../folders.js';
import { parquet, pngLike, withImages } from './tables.js';

interface How {
  readonly maxBytes?: number;
  readonly base?: string;
}

/** What a worker reads of every item of a manifest, which it knows by the job alone. */
async function readAll(folder: TemporaryFolder, name: string, { base, maxBytes = 1_000_000 }: How = {}) {
  const manifests = base === undefined ? {} : { base };
  const inputs = await resolveInputs([name], { cwd: folder.path, ...PLAIN, ...manifests });
  const read = sourceReader(nameRoots(inputs, commonRoot(inputs, folder.path)), { ...PLAIN, maxBytes, urls: null });
  const items = await itemsIn(folder.path, [name], { manifests });
  return await Promise.all(
    items.map(async ({ key, page, problem, row, sources }) => {
      if (problem !== undefined) return [key, problem.code, row] as const;
      const refs = sources.map(({ ref }) => ref);
      const job = parseVisionJob(
        JSON.parse(JSON.stringify(visionJob('r', 'a'.repeat(64), { key, page, sources: refs }))),
      );
      if (!('sources' in job)) throw new Error(job.message);
      const seen = await Promise.all(job.sources.map((source) => read(source))).catch((error: unknown) => [error]);
      return [key, ...seen.map((one) => (isRead(one) ? Buffer.from(one.bytes) : one)), row] as const;
    }),
  );
}

function isRead(seen: unknown): seen is { readonly bytes: Uint8Array } {
  return typeof seen === 'object' && seen !== null && 'bytes' in seen;
}

const one = pngLike('one, "quoted"', 300);
const two = pngLike('two');
const url = `data:image/png;base64,${two.toString('base64')}`;

describe('images in cells of text', () => {
  const csv = `\ufeffid,note,image\n\n1,"a\nb",${one.toString('base64')}\r\n2,ß,"${url}"\n`;
  const jsonl = [
    { id: 1, image: one.toString('base64').replace(/.{76}/g, '$&\n') },
    { id: 2, image: url },
  ];

  it.each([
    ['a .csv', 'l.csv', csv],
    ['a .csv.gz', 'l.csv.gz', gzipSync(csv)],
    [
      'a .csv with other quotes',
      'l.csv',
      csv.replaceAll('"', "'").replaceAll(',', '|').replace('png;base64|', 'png;base64,'),
    ],
    ['a .jsonl', 'l.jsonl', `${jsonl.map((row) => JSON.stringify(row).replaceAll('/', '\\/')).join('\n')}`],
  ])('of %s are read from where they stand', async (_, name, content) => {
    await using folder = await temporaryFolder();
    folder.writeAs(name, content);
    const seen = await readAll(folder, name);
    expect(seen.map(([key, bytes]) => [key, bytes])).toEqual([
      ['1', one],
      ['2', two],
    ]);
  });

  it('are called by their lines where there is no id, and change nothing of their neighbours', async () => {
    await using folder = await temporaryFolder();
    folder.write('a.jpg');
    folder.writeAs('l.csv', `image\n${two.toString('base64')}\na.jpg\n`);
    expect((await readAll(folder, 'l.csv')).map(([key]) => key)).toEqual(['l.csv:2', 'a.jpg']);
  });

  it('are read although the paths of the table are relative to another folder', async () => {
    await using folder = await temporaryFolder();
    folder.write('images/a.jpg', 'lists/x');
    folder.writeAs('lists/l.csv', `id,image\n1,${two.toString('base64')}\n2,a.jpg\n`);
    expect((await readAll(folder, 'lists/l.csv', { base: 'images' })).map(([, bytes]) => bytes)).toEqual([
      two,
      Buffer.from('x'),
    ]);
  });

  it.each([
    ['broken base64', `data:image/png;base64,${'A'.repeat(70)}*`, 'IMAGE_UNREADABLE'],
    ['more bytes than allowed', one.toString('base64'), 'IMAGE_TOO_LARGE'],
  ])('fail alone: %s', async (_, cell, code) => {
    await using folder = await temporaryFolder();
    folder.writeAs('l.csv', `id,image\n1,"${cell}"\n2,"${url}"\n`);
    const [bad, good] = await readAll(folder, 'l.csv', { maxBytes: 200 });
    expect(bad?.[1]).toMatchObject({ code });
    expect(good?.[1]).toEqual(two);
  });

  it('let other work go on while a large row is taken apart', async () => {
    const row = Buffer.from(`1,${'A'.repeat(20 * 65_536)}\n`);
    let turns = 0;
    let isDone = false;
    const cells = csvCells(row, { delimiter: ',', quote: '"' }).finally(() => {
      isDone = true;
    });
    for (; !isDone; turns += 1) await setImmediate();
    expect((await cells)?.map(({ length }) => length)).toEqual([1, row.length - 3]);
    expect(turns).toBeGreaterThan(18);
  });

  it('are not taken from a table that has changed', async () => {
    await using folder = await temporaryFolder();
    folder.writeAs('l.csv', `id,image\n1,${two.toString('base64')}\n`);
    const inputs = await resolveInputs(['l.csv'], { cwd: folder.path, ...PLAIN });
    const read = sourceReader(nameRoots(inputs, commonRoot(inputs, folder.path)), { maxBytes: 1_000, urls: null });
    const [item] = await itemsIn(folder.path, ['l.csv']);
    folder.writeAs('l.csv', `id,image\n1234,${two.toString('base64')}\n`);
    await expect(read(item?.sources[0]?.ref ?? { url: '' })).rejects.toMatchObject({ code: 'IMAGE_UNREADABLE' });
  });
});

describe('images in a Parquet file', () => {
  it.each([
    ['with an index of its pages', { offsetIndex: true }],
    ['without one', { offsetIndex: false }],
    ['that does not count its nulls', { offsetIndex: false, statistics: false }],
  ])('%s are read from their rows, beside paths', async (_, how) => {
    await using folder = await temporaryFolder();
    folder.write('a.jpg');
    const data = [{ bytes: one, path: 'one.png' }, { bytes: null, path: 'a.jpg' }, { bytes: two, path: null }, null];
    const notes = ['x', null, 'y', 'z'];
    const schema = withImages({
      name: 'note',
      type: 'BYTE_ARRAY',
      converted_type: 'UTF8',
      repetition_type: 'OPTIONAL',
    });
    const columns = [
      { name: 'image', data, ...how },
      { name: 'note', data: notes },
    ];
    folder.writeAs('l.parquet', parquet(columns, { schema, rowGroupSize: 3 }));
    expect(await readAll(folder, 'l.parquet')).toEqual([
      ['one.png', one, { note: 'x' }],
      ['a.jpg', Buffer.from('x'), { note: '' }],
      ['l.parquet:3', two, { note: 'y' }],
      ['l.parquet:4', 'IMAGE_MISSING', { note: 'z' }],
    ]);
  });

  it('are read from a column of bytes, whatever it is called, in any number of groups', async () => {
    await using folder = await temporaryFolder();
    const all = Array.from({ length: 50 }, (_, at) => pngLike(`number ${at}`));
    const columns = [
      { name: 'id', data: all.map((_, at) => at), type: 'INT32' as const },
      { name: 'jpg', data: all, type: 'BYTE_ARRAY' as const, offsetIndex: false },
    ];
    folder.writeAs('l.parquet', parquet(columns, { rowGroupSize: 7 }));
    expect(await readAll(folder, 'l.parquet')).toEqual(all.map((bytes, at) => [String(at), bytes, { id: String(at) }]));
  });
});
