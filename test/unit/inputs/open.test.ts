import { execFileSync } from 'node:child_process';
import { chmodSync, renameSync, symlinkSync, unlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { rootsProblem, sourceReader } from '../../../src/inputs/open.js';
import { asNobody, temporaryFolder } from './folders.js';

const MAX_BYTES = 1000;
const readerOf = (folder: string) =>
  sourceReader([{ name: 'scans', path: folder }], { maxBytes: MAX_BYTES, urls: null });

describe('a source', () => {
  it('is read whole, with the size and time of its file', async () => {
    await using folder = await temporaryFolder();
    for (const name of ['a.jpg', '-x "y", z\n🦆.jpg', '50%#.jpg']) {
      folder.write(name);
      writeFileSync(path.join(folder.path, name), 'pixels');
      utimesSync(path.join(folder.path, name), 0, 1234.5678);
      const source = await readerOf(folder.path)({ root: 'scans', path: name });
      expect(source).toEqual({ bytes: new Uint8Array(Buffer.from('pixels')), size: 6, mtimeMs: 1_234_567 });
    }
  });

  it('may be bytes already', async () => {
    const bytes = Uint8Array.of(1, 2);
    expect(await readerOf('/')({ bytes })).toEqual({ bytes, size: 2, mtimeMs: 0 });
  });

  it('is not read where it is too large', async () => {
    await using folder = await temporaryFolder();
    writeFileSync(path.join(folder.path, 'big.jpg'), Buffer.alloc(MAX_BYTES + 1));
    const reading = readerOf(folder.path)({ root: 'scans', path: 'big.jpg' });
    await expect(reading).rejects.toMatchObject({
      code: 'IMAGE_TOO_LARGE',
      message: expect.stringContaining(`${MAX_BYTES + 1} bytes`),
    });
  });

  it('may lie behind a URL, where URLs are fetched at all', async () => {
    const bytes = Uint8Array.of(1, 2);
    const fetched: string[] = [];
    const urls = async (url: string) => {
      fetched.push(url);
      return { bytes, size: 2, mtimeMs: 3 };
    };
    const source = { url: 'https://example.org/a.jpg' };
    expect(await sourceReader([], { maxBytes: MAX_BYTES, urls })(source)).toEqual({ bytes, size: 2, mtimeMs: 3 });
    expect(fetched).toEqual(['https://example.org/a.jpg']);
    await expect(readerOf('/')(source)).rejects.toMatchObject({ code: 'IMAGE_UNSUPPORTED' });
  });

  it.each([
    ['gone.jpg', 'IMAGE_MISSING'],
    ['a.jpg/b.jpg', 'IMAGE_MISSING'],
    ['dangling.jpg', 'IMAGE_MISSING'],
    ['big.jpg', 'IMAGE_TOO_LARGE'],
    ['pipe.jpg', 'IMAGE_UNREADABLE'],
    ['folder.jpg', 'IMAGE_UNREADABLE'],
    ['loop.jpg', 'IMAGE_UNREADABLE'],
    ['nul\0.jpg', 'IMAGE_UNREADABLE'],
    [`${'long'.repeat(100)}.jpg`, 'IMAGE_UNREADABLE'],
    ['secret.jpg', 'IMAGE_FORBIDDEN'],
    ['../outside.jpg', 'IMAGE_FORBIDDEN'],
    ['out.jpg', 'IMAGE_FORBIDDEN'],
    ['linked/outside.jpg', 'IMAGE_FORBIDDEN'],
  ])('%j fails as %s', async (name, code) => {
    await using folder = await temporaryFolder();
    folder.write('in/a.jpg', 'in/secret.jpg', 'in/folder.jpg/x', 'outside.jpg');
    const at = (file: string) => path.join(folder.path, 'in', file);
    writeFileSync(at('big.jpg'), Buffer.alloc(MAX_BYTES + 1));
    symlinkSync('nowhere', at('dangling.jpg'));
    symlinkSync('loop.jpg', at('loop.jpg'));
    symlinkSync('../outside.jpg', at('out.jpg'));
    symlinkSync('..', at('linked'));
    execFileSync('mkfifo', [at('pipe.jpg')]);
    chmodSync(at('secret.jpg'), 0o000);
    chmodSync(folder.path, 0o755);
    const reading = asNobody(() => readerOf(path.join(folder.path, 'in'))({ root: 'scans', path: name }));
    await expect(reading).rejects.toMatchObject({ code });
  });

  it('outside of the roots comes with the fix; a link into a further root is read', async () => {
    await using folder = await temporaryFolder();
    folder.write('in/a.jpg', 'other/b.jpg');
    symlinkSync('../other/b.jpg', path.join(folder.path, 'in/b.jpg'));
    const inside = { name: 'scans', path: path.join(folder.path, 'in') };
    const other = { name: 'other', path: path.join(folder.path, 'other') };
    const source = { root: 'scans', path: 'b.jpg' };
    const reading = sourceReader([inside], { maxBytes: MAX_BYTES, urls: null })(source);
    await expect(reading).rejects.toMatchObject({ sentence: expect.stringContaining(`--root NAME=${other.path}`) });
    expect((await sourceReader([inside, other], { maxBytes: MAX_BYTES, urls: null })(source)).size).toBe(1);
  });

  it('of a root that this machine does not know is forbidden, with the fix', async () => {
    const reading = readerOf('/')({ root: 'nas', path: 'a.jpg' });
    await expect(reading).rejects.toMatchObject({
      code: 'IMAGE_FORBIDDEN',
      sentence: expect.stringContaining('--root nas=PATH'),
    });
  });

  it('below a root that is a link is inside of it', async () => {
    await using folder = await temporaryFolder();
    folder.write('real/a.jpg');
    symlinkSync('real', path.join(folder.path, 'alias'));
    expect((await readerOf(path.join(folder.path, 'alias'))({ root: 'scans', path: 'a.jpg' })).size).toBe(1);
  });

  it('is read as it is now, whatever was seen of it', async () => {
    await using folder = await temporaryFolder();
    folder.writeAs('a.jpg', Buffer.from('pixels'));
    utimesSync(path.join(folder.path, 'a.jpg'), 0, 1234);
    folder.write('folder.jpg/x');
    const read = readerOf(folder.path);
    const now = { size: 6, mtimeMs: 1_234_000 };
    const seens = [
      now,
      { ...now, size: 5 },
      { ...now, size: 7 },
      { ...now, size: MAX_BYTES + 1 },
      { ...now, mtimeMs: 1 },
    ];
    for (const seen of [...seens, { size: null, mtimeMs: null }, { size: -1, mtimeMs: -1 }]) {
      const source = await read({ root: 'scans', path: 'a.jpg' }, { seen });
      expect(source).toEqual({ ...now, bytes: new Uint8Array(Buffer.from('pixels')) });
    }
    const reading = read({ root: 'scans', path: 'folder.jpg' }, { seen: now });
    await expect(reading).rejects.toMatchObject({ sentence: expect.stringContaining('a folder') });
  });

  it('is looked for anew where a neighbour was read a moment ago', async () => {
    await using folder = await temporaryFolder();
    folder.write('in/sub/a.jpg', 'in/sub/b.jpg', 'in/other/b.jpg', 'outside/b.jpg');
    folder.writeAs('in/other/b.jpg', Buffer.from('longer'));
    const at = (file: string) => path.join(folder.path, 'in', file);
    symlinkSync('sub', at('link'));
    const read = readerOf(at(''));
    const sizeOf = async (name: string) => (await read({ root: 'scans', path: name })).size;
    expect([await sizeOf('link/a.jpg'), await sizeOf('link/b.jpg')]).toEqual([1, 1]);
    unlinkSync(at('link/b.jpg'));
    await expect(sizeOf('link/b.jpg')).rejects.toMatchObject({ code: 'IMAGE_MISSING' });
    symlinkSync('../../outside/b.jpg', at('sub/b.jpg'));
    await expect(sizeOf('link/b.jpg')).rejects.toMatchObject({ code: 'IMAGE_FORBIDDEN' });
    unlinkSync(at('sub/b.jpg'));
    unlinkSync(at('link'));
    symlinkSync('other', at('link'));
    expect(await sizeOf('link/b.jpg')).toBe('longer'.length);
  });

  it.each([
    ['its folder', 'sub', '../outside/sub'],
    ['a folder above its folder', 'x', '../outside/x'],
  ])('is not read where %s has become a link out of the roots since it was looked at', async (_, name, outside) => {
    await using folder = await temporaryFolder();
    folder.write('in/sub/a.jpg', 'in/x/y/a.jpg', 'outside/sub/a.jpg', 'outside/x/y/a.jpg');
    const at = (file: string) => path.join(folder.path, 'in', file);
    const source = { root: 'scans', path: name === 'x' ? 'x/y/a.jpg' : 'sub/a.jpg' };
    const read = readerOf(at(''));
    for (const _time of [1, 2]) expect((await read(source)).size).toBe(1); // the first one learns the roots
    renameSync(at(name), at('was'));
    symlinkSync(outside, at(name));
    await expect(read(source)).rejects.toMatchObject({ code: 'IMAGE_FORBIDDEN' });
  });

  it('that is being written comes whole or not at all', async () => {
    await using folder = await temporaryFolder();
    const name = path.join(folder.path, 'growing.jpg');
    let written = 0;
    await using file = await open(name, 'w');
    const writing = (async () => {
      for (; written < MAX_BYTES; written += 1) await file.write(Buffer.of(7));
    })();
    const outcomes: string[] = [];
    while (written < MAX_BYTES) {
      const outcome = await readerOf(folder.path)({ root: 'scans', path: 'growing.jpg' }).then(
        ({ bytes, size }) => (bytes.length === size && bytes.every((byte) => byte === 7) ? 'whole' : 'torn'),
        (error) => error.code,
      );
      outcomes.push(outcome);
    }
    await writing;
    expect(outcomes.filter((outcome) => outcome !== 'whole' && outcome !== 'IMAGE_UNREADABLE')).toEqual([]);
    expect(await readerOf(folder.path)({ root: 'scans', path: 'growing.jpg' })).toMatchObject({ size: MAX_BYTES });
  });
});

describe('a run whose roots', () => {
  it('can be listed may start', async () => {
    await using folder = await temporaryFolder();
    folder.write('a.jpg');
    expect(await rootsProblem([{ name: 'scans', path: folder.path }])).toBeNull();
  });

  it('are empty, missing or forbidden may not, and it says which and what to do', async () => {
    await using folder = await temporaryFolder();
    folder.write('locked/a.jpg');
    chmodSync(folder.path, 0o755);
    chmodSync(path.join(folder.path, 'locked'), 0o000);
    await using empty = await temporaryFolder();
    const problemOf = async (at: string) => await asNobody(() => rootsProblem([{ name: 'scans', path: at }]));
    chmodSync(empty.path, 0o755);
    expect(await problemOf(empty.path)).toMatchObject({
      code: 'IMAGE_MISSING',
      message: expect.stringMatching(/empty.*--root scans=PATH/),
    });
    expect(await problemOf(`${empty.path}/gone`)).toMatchObject({ code: 'IMAGE_MISSING' });
    expect(await problemOf(`${folder.path}/locked`)).toMatchObject({ code: 'IMAGE_FORBIDDEN' });
  });
});
