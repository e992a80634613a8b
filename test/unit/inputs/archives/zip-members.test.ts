import { Buffer } from 'node:buffer';
import { statSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { zipOf } from '../../../support/archives.js';
import { foundIn } from '../folders.js';
import { archiveScene, MAX_BYTES, rewrite } from './archive-reading.js';

const text = (words: string) => Buffer.from(words);

describe('a ZIP file', () => {
  it('is a folder of its images, stored or deflated, whatever its local headers add', async () => {
    await using scene = await archiveScene(
      'a.zip',
      zipOf(
        [
          { name: 'inner/x.png', bytes: text('first') },
          { name: 'b.JPG', bytes: text('second'), method: 0, localExtra: Buffer.alloc(40) },
          { name: 'inner/' },
          { name: 'notes.txt' },
          { name: '.hidden.png' },
          { name: '__MACOSX/inner/._x.png' },
        ],
        'PK\x01\x02 a comment',
      ),
    );
    expect(await scene.outcomes()).toEqual({ 'a.zip/b.JPG': 'second', 'a.zip/inner/x.png': 'first' });
    const { mtimeMs } = statSync(path.join(scene.folder.path, 'a.zip'));
    const [first] = scene.items;
    expect(first?.sources).toMatchObject([
      { ref: { path: 'a.zip', part: { member: 'inner/x.png' } }, size: 5, mtimeMs: Math.floor(mtimeMs) },
    ]);
  });

  it('takes include and exclude as paths inside it', async () => {
    const names = ['keep/a.png', 'keep/thumbs/b.png', 'c.png'].map((name) => ({ name }));
    const filter = { include: ['keep/**'], exclude: ['thumbs'] };
    await using scene = await archiveScene('a.zip', zipOf(names), filter);
    expect(scene.items.map(({ key }) => key)).toEqual(['a.zip/keep/a.png']);
  });

  it('has names in UTF-8, said or not, and else in CP437', async () => {
    await using scene = await archiveScene(
      'a.zip',
      zipOf([
        { name: 'ü.png' },
        { name: 'é.png', flags: 0 },
        { name: Buffer.from('m\x81ll.png', 'latin1'), flags: 0 },
        { name: Buffer.from('m\xfcll.png', 'latin1') },
        { name: '50%#.png' },
      ]),
    );
    expect(await scene.outcomes()).toEqual({
      'a.zip/50%25%23.png': 'x',
      'a.zip/m%FCll.png': 'NAME_NOT_UTF8',
      'a.zip/müll.png': 'x',
      'a.zip/é.png': 'x',
      'a.zip/ü.png': 'x',
    });
  });

  it('never leads out of itself', async () => {
    await using scene = await archiveScene(
      'a.zip',
      zipOf([
        { name: '../up.png' },
        { name: 'a/../../b.png' },
        { name: 'c\\..\\..\\d.png' },
        { name: '/etc/e.png' },
        { name: 'C:\\f.png' },
        { name: './g//h.png' },
      ]),
    );
    expect(await scene.outcomes()).toEqual({
      'a.zip/%2E%2E/up.png': 'IMAGE_UNSUPPORTED',
      'a.zip/a/%2E%2E/%2E%2E/b.png': 'IMAGE_UNSUPPORTED',
      'a.zip/c/%2E%2E/%2E%2E/d.png': 'IMAGE_UNSUPPORTED',
      'a.zip/etc/e.png': 'x',
      'a.zip/f.png': 'x',
      'a.zip/g/h.png': 'x',
    });
  });

  it('has members that fail one by one', async () => {
    await using scene = await archiveScene(
      'a.zip',
      zipOf([
        { name: 'good.png' },
        { name: 'encrypted.png', flags: 0x801 },
        { name: 'bzip2.png', method: 12 },
        { name: 'link.png', mode: 0o120777 },
        { name: 'bomb.png', bytes: Buffer.alloc(200_000), saidSize: 10 },
        { name: 'large.png', bytes: Buffer.alloc(MAX_BYTES + 1) },
        { name: 'short.png', saidSize: 10 },
        { name: 'stored.png', method: 0, saidSize: 10 },
        { name: 'sum.png', saidCrc32: 1 },
      ]),
    );
    expect(await scene.outcomes()).toEqual({
      'a.zip/bomb.png': 'IMAGE_UNREADABLE',
      'a.zip/bzip2.png': 'IMAGE_UNSUPPORTED',
      'a.zip/encrypted.png': 'IMAGE_UNSUPPORTED',
      'a.zip/good.png': 'x',
      'a.zip/large.png': 'IMAGE_TOO_LARGE',
      'a.zip/link.png': 'IMAGE_UNSUPPORTED',
      'a.zip/short.png': 'IMAGE_UNREADABLE',
      'a.zip/stored.png': 'IMAGE_UNREADABLE',
      'a.zip/sum.png': 'IMAGE_UNREADABLE',
    });
  });

  it('has a row for each of several members of one name, wherever they lie and whether they can be read', async () => {
    const first = { name: 'x.png', bytes: text('first'), method: 0 };
    const locked = { name: 'y.png', flags: 0x801 };
    const members = [first, { ...first, bytes: text('second') }, { ...first, sameAs: 0 }, locked, locked, locked];
    await using scene = await archiveScene('a.zip', zipOf(members, 'x'.repeat(100)));
    expect(await scene.outcomes()).toEqual({
      ...{ 'a.zip/x.png': 'first', 'a.zip/x.png~2': 'second', 'a.zip/x.png~3': 'first' },
      'a.zip/y.png': 'IMAGE_UNSUPPORTED',
      'a.zip/y.png~2': 'IMAGE_UNSUPPORTED',
      'a.zip/y.png~3': 'IMAGE_UNSUPPORTED',
    });
    const found = await foundIn(scene.folder.path, ['a.zip']);
    const names = found.flatMap((one) => (one.kind === 'item' ? [Buffer.from(one.name).toString()] : []));
    expect(names).toEqual(['x.png', 'x.png~2', 'x.png~3', 'y.png', 'y.png~2', 'y.png~3']);
  });

  it('may have its sizes and places in ZIP64 fields', async () => {
    await using scene = await archiveScene('a.zip', zipOf([{ name: 'a.png' }, { name: 'b.png', zip64: true }]));
    expect(await scene.outcomes()).toEqual({ 'a.zip/a.png': 'x', 'a.zip/b.png': 'x' });
  });

  it('is found out where its members share bytes', async () => {
    const bytes = Buffer.alloc(400, 'x');
    const shared = Array.from({ length: 30 }, (_, at) => ({ name: `${at}.png`, bytes, method: 0, sameAs: 0 }));
    await using scene = await archiveScene('a.zip', zipOf([{ name: 'a.png', bytes, method: 0 }, ...shared]));
    const last = scene.items.at(-1);
    expect(last).toMatchObject({ key: 'a.zip', page: 0, problem: { code: 'IMAGE_UNREADABLE' } });
    expect(last?.problem?.message).toContain('share bytes');
  });

  it('is one failed item where it cannot be opened, and its members besides where its directory ends too early', async () => {
    const whole = zipOf([{ name: 'a.png' }, { name: 'b.png' }]);
    await using cut = await archiveScene('a.zip', whole.subarray(0, -30));
    expect(cut.items).toMatchObject([{ key: 'a.zip', page: 0, problem: { code: 'IMAGE_UNREADABLE' } }]);
    await using empty = await archiveScene('a.zip', Buffer.alloc(0));
    expect(empty.items).toMatchObject([
      { key: 'a.zip', sources: [{ size: 0 }], problem: { code: 'IMAGE_UNREADABLE' } },
    ]);

    const lying = Buffer.from(whole);
    lying.writeUInt16LE(3, lying.length - 12);
    await using half = await archiveScene('a.zip', lying);
    expect(await half.outcomes()).toEqual({ 'a.zip': 'IMAGE_UNREADABLE', 'a.zip/a.png': 'x', 'a.zip/b.png': 'x' });
  });

  it.each([0, 1, 2])(
    'is read to the end of its directory where that counts %d of 3 members, as modulo 65,536',
    async (said) => {
      const names = ['a.png', 'b.png', 'c.png'];
      const zip = zipOf(names.map((name) => ({ name })));
      zip.writeUInt16LE(said, zip.length - 12);
      await using scene = await archiveScene('a.zip', zip);
      expect(await scene.outcomes()).toEqual({ 'a.zip/a.png': 'x', 'a.zip/b.png': 'x', 'a.zip/c.png': 'x' });
    },
  );

  it('never gives the bytes of another member than was listed, and says that the archive may have changed', async () => {
    const listed = zipOf([{ name: 'a.png', bytes: text('one'), method: 0 }]);
    await using scene = await archiveScene('a.zip', listed);
    rewrite(scene, 'a.zip', zipOf([{ name: 'b.png', bytes: text('two'), method: 0 }]));
    const [source] = scene.items[0]?.sources ?? [];
    const reading = source === undefined ? Promise.resolve() : scene.read(source.ref);
    await expect(reading).rejects.toThrow(
      /^IMAGE_UNREADABLE: The archive has changed since it was listed, or is damaged/,
    );
  });
});
