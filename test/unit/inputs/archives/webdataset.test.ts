import { Buffer } from 'node:buffer';
import { describe, expect, it } from 'vitest';
import { carriedColumns } from '../../../../src/inputs/input-folders.js';
import { resolveInputs } from '../../../../src/inputs/resolve.js';
import { type TarEntry, tarOf } from '../../../support/archives.js';
import { PLAIN, temporaryFolder } from '../folders.js';
import { archiveScene } from './archive-reading.js';

const file = (name: string, words = 'x'): TarEntry => ({ name, bytes: Buffer.from(words) });

async function rowsOf(entries: readonly TarEntry[]) {
  await using scene = await archiveScene('s.tar', await tarOf(entries));
  return Object.fromEntries(scene.items.map(({ key, row }) => [key.slice('s.tar/'.length), row]));
}

describe('a WebDataset shard', () => {
  it('makes an item of each image, with the .txt and .json of its stem as columns', async () => {
    const metadata = { caption: 'a cat', width: 640, tags: ['a', 'b'], url: null };
    expect(
      await rowsOf([
        file('0001.jpg'),
        file('0001.json', JSON.stringify(metadata)),
        file('0001.txt', '\ufeffa cat\n'),
        file('0002.caption.txt', 'a dog'),
        file('0002.seg.png'),
        file('0002.jpg'),
        file('0003.jpg'),
      ]),
    ).toEqual({
      '0001.jpg': {
        'json.caption': 'a cat',
        'json.width': '640',
        'json.tags': '["a","b"]',
        'json.url': '',
        txt: 'a cat',
      },
      '0002.seg.png': { 'caption.txt': 'a dog' },
      '0002.jpg': { 'caption.txt': 'a dog' },
      '0003.jpg': undefined,
    });
  });

  it('takes a stem up to the first dot of the name, in one folder', async () => {
    const rows = await rowsOf([file('v1.2/a.jpg'), file('v1.2/a.txt', 'A'), file('v1.3/a.jpg'), file('.b.txt')]);
    expect(rows).toEqual({ 'v1.2/a.jpg': { txt: 'A' }, 'v1.3/a.jpg': undefined });
  });

  it('carries JSON as it is where it has no names, and numbers as they are written', async () => {
    const rows = await rowsOf([
      file('a.jpg'),
      file('a.json', '[1]'),
      file('b.jpg'),
      file(
        'b.json',
        '{"id": 12345678901234567890, "big": 1e400, "price": 1.10, "x": {"at": [-0.0, "1.0"]}, "n": "5.0"}',
      ),
      file('c.jpg'),
      file('c.json', '{"broken'),
      file('d.jpg'),
      file('d.json', '{"n": 01}'),
    ]);
    expect(rows).toEqual({
      'a.jpg': { json: '[1]' },
      'b.jpg': {
        ...{ 'json.id': '12345678901234567890', 'json.big': '1e400', 'json.price': '1.10', 'json.n': '5.0' },
        'json.x': '{"at":[-0.0,"1.0"]}',
      },
      'c.jpg': { json: '{"broken' },
      'd.jpg': { json: '{"n": 01}' },
    });
  });

  it('carries texts in UTF-16 and Windows-1252 too', async () => {
    const texts = [Buffer.from('\ufeffgrün', 'utf16le'), Buffer.from('\ufeffgrün', 'utf16le').swap16()];
    const rows = await rowsOf(
      [...texts, Buffer.from('gr\xfcn', 'latin1')].flatMap((bytes, at) => [
        file(`${at}.jpg`),
        { name: `${at}.txt`, bytes },
      ]),
    );
    expect(Object.values(rows)).toEqual(Array(3).fill({ txt: 'grün' }));
  });

  it('carries no member that goes beyond 64 KB, names and values together, or beyond 200 columns', async () => {
    const numbered = (stem: string, count: number, end = '') =>
      Array.from({ length: count }, (_, at) => file(`${stem}.${at}${end}.txt`, ''));
    const rows = await rowsOf([
      ...[file('a.jpg'), file('a.long.txt', 'x'.repeat(70_000)), file('a.txt', 'short')],
      ...[file('b.jpg'), ...numbered('b', 300)],
      ...[file('c.jpg'), ...numbered('c', 20, 'n'.repeat(7_000))],
      ...[file('d.jpg'), file('d.json', JSON.stringify({ ['n'.repeat(40_000)]: 'x'.repeat(20_000) }))],
      ...[file('e.jpg'), ...numbered('e', 1_000), file('e.png'), file('e.txt')],
    ]);
    const columns = Object.entries(rows).map(([name, row]) => [name, Object.keys(row ?? {}).length]);
    expect(rows['a.jpg']).toEqual({ txt: 'short' });
    expect(columns).toEqual([
      ['a.jpg', 1],
      ['b.jpg', 200],
      ['c.jpg', 9],
      ['d.jpg', 1],
      ['e.jpg', 200],
      ['e.png', 2], // beyond 1,000 it is another sample
    ]);
  });

  it('says before the run which columns there are; texts beside no image are files like others', async () => {
    await using folder = await temporaryFolder();
    const shard = await tarOf([file('1.jpg'), file('1.txt'), file('2.jpg'), file('2.json', '{"n":1}'), file('x.txt')]);
    folder.writeAs('s.tar', shard);
    const inputs = await resolveInputs(['s.tar'], { cwd: folder.path, ...PLAIN });
    expect(carriedColumns(inputs)).toEqual(['txt', 'json.n']);
  });
});
