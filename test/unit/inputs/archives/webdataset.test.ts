import { Buffer } from 'node:buffer';
import { describe, expect, it } from 'vitest';
import { resolveInputs } from '../../../../src/inputs/resolve.js';
import { carriedColumns } from '../../../../src/inputs/tables/manifest.js';
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

  it('carries JSON as it is where it has no names or would lose digits, and nothing beyond 64 KB', async () => {
    const rows = await rowsOf([
      file('a.jpg'),
      file('a.json', '[1]'),
      file('b.jpg'),
      file('b.json', '{"id": 12345678901234567890}'),
      file('c.jpg'),
      file('c.json', '{"broken'),
      file('c.txt', 'x'.repeat(70_000)),
    ]);
    expect(rows).toEqual({
      'a.jpg': { json: '[1]' },
      'b.jpg': { json: '{"id": 12345678901234567890}' },
      'c.jpg': { json: '{"broken' },
    });
  });

  it('says before the run which columns there are; texts beside no image are files like others', async () => {
    await using folder = await temporaryFolder();
    const shard = await tarOf([file('1.jpg'), file('1.txt'), file('2.jpg'), file('2.json', '{"n":1}'), file('x.txt')]);
    folder.writeAs('s.tar', shard);
    const inputs = await resolveInputs(['s.tar'], { cwd: folder.path, ...PLAIN });
    expect(carriedColumns(inputs)).toEqual(['txt', 'json.n']);
  });
});
