import { Buffer } from 'node:buffer';
import { hash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { tarBlocks, tarOf } from '../../../support/archives.js';
import { archiveScene, rewrite } from './archive-reading.js';

const text = (words: string) => Buffer.from(words);
const END = Buffer.alloc(1024);
const LONG = `${'long/'.repeat(40)}x.png`;

describe('a tar file', () => {
  it('is a folder of its images, gzipped or not, whatever its name says', async () => {
    const tar = await tarOf([
      { name: 'inner/', type: 'directory' },
      { name: './inner/x.png', bytes: text('first') },
      { name: LONG, bytes: text('second') },
      { name: 'ü.png', bytes: text('third') },
      { name: '/etc/e.png', bytes: Buffer.alloc(700, 'e') },
      { name: '.hidden/h.png' },
    ]);
    const files = { '': { '/inner/x.png': 'first', [`/${LONG}`]: 'second', '/ü.png': 'third' } };
    for (const [name, bytes] of [
      ['a.tar', tar],
      ['a.TGZ', gzipSync(tar)],
      ['a.tar.gz', Buffer.concat([gzipSync(tar.subarray(0, 1000)), gzipSync(tar.subarray(1000))])],
      ['b.tar', gzipSync(tar)],
      ['a.zip', tar],
    ] as const) {
      await using scene = await archiveScene(name, bytes);
      const expected = Object.fromEntries(Object.entries(files['']).map(([key, words]) => [`${name}${key}`, words]));
      expect(await scene.outcomes()).toEqual({ ...expected, [`${name}/etc/e.png`]: 'e'.repeat(700) });
    }
  });

  it('may have the long names of GNU tar, names without UTF-8 and binary sizes', async () => {
    const binary = tarBlocks('0', 'binary.png', text('b'));
    binary.write('\x80', 124, 'latin1');
    binary.fill(0, 125, 135);
    binary[135] = 1;
    binary.write('        ', 148);
    const sum = binary.subarray(0, 512).reduce((total, byte) => total + byte, 0);
    binary.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
    const tar = Buffer.concat([
      tarBlocks('L', '././@LongLink', text(`${LONG}\0`)),
      tarBlocks('0', LONG.slice(0, 100), text('long')),
      tarBlocks('0', Buffer.from('m\xfcll.png', 'latin1'), text('x')),
      binary,
      tarBlocks('0', 'last.png', text('last')),
      END,
    ]);
    await using scene = await archiveScene('a.tar', tar);
    expect(await scene.outcomes()).toEqual({
      'a.tar/binary.png': 'b',
      'a.tar/last.png': 'last',
      [`a.tar/${LONG}`]: 'long',
      'a.tar/m%FCll.png': 'NAME_NOT_UTF8',
    });
  });

  it('follows no link, leads nowhere and reads no sparse file', async () => {
    const pax = text('22 GNU.sparse.major=1\n');
    const tar = Buffer.concat([
      await tarOf([{ name: 'soft.png', type: 'symlink', linkname: '/etc/passwd', size: 0 }]).then((all) =>
        all.subarray(0, 512),
      ),
      await tarOf([{ name: 'hard.png', type: 'link', linkname: 'x.png', size: 0 }]).then((all) => all.subarray(0, 512)),
      tarBlocks('0', '../../up.png', text('x')),
      tarBlocks('S', 'old.png', text('x')),
      tarBlocks('x', 'pax', pax),
      tarBlocks('0', 'new.png', text('x')),
      tarBlocks('6', 'pipe.png', text('')),
      tarBlocks('0', 'x.png', text('x')),
      END,
    ]);
    await using scene = await archiveScene('a.tar', tar);
    expect(await scene.outcomes()).toEqual({
      'a.tar/%2E%2E/%2E%2E/up.png': 'IMAGE_UNSUPPORTED',
      'a.tar/hard.png': 'IMAGE_UNSUPPORTED',
      'a.tar/new.png': 'IMAGE_UNSUPPORTED',
      'a.tar/old.png': 'IMAGE_UNSUPPORTED',
      'a.tar/pipe.png': 'IMAGE_UNREADABLE',
      'a.tar/soft.png': 'IMAGE_UNSUPPORTED',
      'a.tar/x.png': 'x',
    });
  });

  it('is a failed item beside what was found before it was cut or damaged', async () => {
    const tar = await tarOf(['a', 'b'].map((name) => ({ name: `${name}.png`, bytes: Buffer.alloc(600, name) })));
    const outcomesOf = async (name: string, bytes: Buffer) => {
      await using scene = await archiveScene(name, bytes);
      return Object.values(await scene.outcomes()).map((outcome) => outcome.slice(0, 16));
    };
    const a = 'a'.repeat(16);
    expect(await outcomesOf('a.tar', tar.subarray(0, 2200))).toEqual(['IMAGE_TRUNCATED', a, 'IMAGE_TRUNCATED']);
    expect(await outcomesOf('a.tar', tar.subarray(0, 1600))).toEqual(['IMAGE_TRUNCATED', a]);
    expect(await outcomesOf('a.tar', tar.subarray(0, 1536))).toEqual(['IMAGE_TRUNCATED', a]);
    const damaged = Buffer.from(tar);
    damaged[1540] = 1;
    expect(await outcomesOf('a.tar', damaged)).toEqual(['IMAGE_UNREADABLE', a]);
    expect(await outcomesOf('a.tar', text('no tar file at all'))).toEqual(['IMAGE_TRUNCATED']);
    const endless = tarBlocks('L', 'name', text('x'), 0o77777777777);
    expect(await outcomesOf('a.tar', endless)).toEqual(['IMAGE_UNREADABLE']);

    const noise = Buffer.concat(Array.from({ length: 1000 }, (_, at) => hash('sha256', `${at}`, 'buffer')));
    const packed = gzipSync(Buffer.concat([tar.subarray(0, 3072), tarBlocks('0', 'z.png', noise), END]));
    expect(await outcomesOf('a.tgz', packed.subarray(0, -5000))).toEqual([
      'IMAGE_TRUNCATED',
      a,
      'b'.repeat(16),
      'IMAGE_TRUNCATED',
    ]);
    expect(await outcomesOf('a.tgz', Buffer.from('\x1f\x8b and then nothing', 'latin1'))).toEqual(['IMAGE_UNREADABLE']);
  });

  it('is read on where another one was appended, and is a failed item where anything else was', async () => {
    const [a, b] = await Promise.all(['a', 'b'].map((name) => tarOf([{ name: `${name}.png`, bytes: text(name) }])));
    const outcomesOf = async (name: string, ...parts: (Buffer | undefined)[]) => {
      await using scene = await archiveScene(name, Buffer.concat(parts.map((part) => part ?? END)));
      return await scene.outcomes();
    };
    expect(await outcomesOf('s.tar', a, b, Buffer.alloc(700))).toEqual({ 's.tar/a.png': 'a', 's.tar/b.png': 'b' });
    const zipped = [a, b].map((tar) => gzipSync(tar ?? END));
    expect(await outcomesOf('s.tgz', ...zipped)).toEqual({ 's.tgz/a.png': 'a', 's.tgz/b.png': 'b' });
    for (const end of ['\n', 'x'.repeat(600)]) {
      expect(await outcomesOf('s.tar', a, text(end))).toEqual({ 's.tar': 'IMAGE_UNREADABLE', 's.tar/a.png': 'a' });
    }
  });

  it('never gives the bytes of another member than was listed', async () => {
    const tarOfOne = (name: string) => tarOf([{ name, bytes: text(name) }]);
    await using scene = await archiveScene('a.tar', await tarOfOne('a.png'));
    rewrite(scene, 'a.tar', await tarOfOne('b.png'));
    expect(await scene.outcomes()).toEqual({ 'a.tar/a.png': 'IMAGE_UNREADABLE' });
    rewrite(scene, 'a.tar', await tarOfOne('a.png'));
    expect(await scene.outcomes()).toEqual({ 'a.tar/a.png': 'a.png' });
  });

  it('says of a member in whose place lie other bytes that the archive may have changed', async () => {
    await using scene = await archiveScene('a.tar', await tarOf([{ name: 'a.png', bytes: text('a') }]));
    rewrite(scene, 'a.tar', Buffer.alloc(10_240, 'x'));
    const [source] = scene.items[0]?.sources ?? [];
    const reading = source === undefined ? Promise.resolve() : scene.read(source.ref);
    await expect(reading).rejects.toThrow(/^IMAGE_UNREADABLE: The archive has changed since it was listed, or is/);
  });
});
