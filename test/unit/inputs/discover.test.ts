import { execFileSync } from 'node:child_process';
import { chmodSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { zipOf } from '../../support/archives.js';
import { asNobody, foundIn, keysIn, problemsIn, temporaryFolder } from './folders.js';

describe('the items of a folder', () => {
  it('come depth first, bytewise by path component, files before subfolders', async () => {
    await using folder = await temporaryFolder();
    folder.write(
      'b.jpg',
      'B.jpg',
      'a/z.jpg',
      'a/b/c.jpg',
      'a.b/x.jpg',
      'a/a.jpg',
      'Z/1.jpg',
      'é/2.jpg',
      'z/10.jpg',
      'z/9.jpg',
    );
    expect(await keysIn(folder.path, ['.'])).toEqual([
      'B.jpg',
      'b.jpg',
      'Z/1.jpg',
      'a/a.jpg',
      'a/z.jpg',
      'a/b/c.jpg',
      'a.b/x.jpg',
      'z/10.jpg',
      'z/9.jpg',
      'é/2.jpg',
    ]);
  });

  it('are images by extension in any case; the rest is counted by extension', async () => {
    await using folder = await temporaryFolder();
    folder.write('a.JPG', 'b.jPeG', 'c.Tiff', 'd.PDF', 'e.txt', 'f.TXT', 'README', 'jpg');
    expect(await keysIn(folder.path, ['.'])).toEqual(['a.JPG', 'b.jPeG', 'c.Tiff', 'd.PDF']);
    const others = (await foundIn(folder.path, ['.'])).flatMap((one) => (one.kind === 'other' ? [one.extension] : []));
    expect(others.sort()).toEqual(['', '', 'txt', 'txt']);
  });

  it('are told with root, path, size and whole milliseconds', async () => {
    await using folder = await temporaryFolder();
    folder.write('scans/in box/a.jpg');
    const [item] = (await foundIn(folder.path, ['scans'])).flatMap((one) => (one.kind === 'item' ? [one.item] : []));
    expect(item).toEqual({
      key: 'in box/a.jpg',
      sources: [{ ref: { root: 'scans', path: 'in box/a.jpg' }, size: 1, mtimeMs: expect.any(Number) }],
      page: 1,
    });
    expect(Number.isInteger(item?.sources[0]?.mtimeMs)).toBe(true);
  });

  it('may have any name', async () => {
    await using folder = await temporaryFolder();
    const names = ['a b.jpg', '"q",\'.jpg', 'new\nline.jpg', '-rf.jpg', '🦆.jpg', '[x]*(y).jpg', 'back\\slash.jpg'];
    folder.write(...names);
    expect((await keysIn(folder.path, ['.'])).sort()).toEqual([...names].sort());
    folder.write('50%#1.jpg');
    expect(await keysIn(folder.path, ['.'])).toContain('50%25%231.jpg');
  });

  it('fail one by one where names are not UTF-8, in folders too', async () => {
    await using folder = await temporaryFolder();
    folder.write('good.jpg', Buffer.from('caf\xe9.jpg', 'latin1'), Buffer.from('d\xff/in.jpg', 'latin1'));
    expect(await keysIn(folder.path, ['.'])).toEqual(['caf%E9.jpg', 'good.jpg', 'd%FF/in.jpg']);
    const problems = await problemsIn(folder.path, ['.']);
    expect(Object.keys(problems).sort()).toEqual(['caf%E9.jpg', 'd%FF/in.jpg']);
    expect(problems['caf%E9.jpg']).toMatchObject({ code: 'NAME_NOT_UTF8' });
  });

  it('do not include hidden files and folders, unless such a folder is the input itself', async () => {
    await using folder = await temporaryFolder();
    folder.write('a.jpg', '.b.jpg', '.visionbatch/c.jpg', '.d/e.jpg');
    expect(await keysIn(folder.path, ['.'])).toEqual(['a.jpg']);
    expect(await keysIn(folder.path, ['.d'])).toEqual(['e.jpg']);
    expect(await keysIn(folder.path, ['.b.jpg', '.', '.d'])).toEqual(['.b.jpg', 'a.jpg', '.d/e.jpg']);
  });

  it('are chosen by --include and --exclude, relative to the root', async () => {
    await using folder = await temporaryFolder();
    folder.write('a.jpg', 'a.png', 'drafts/b.jpg', 'deep/drafts/c.jpg', 'deep/d.JPG', 'deep/e.tmp.jpg', 'n.txt');
    expect(await keysIn(folder.path, ['.'], { include: ['*.jpg'], exclude: ['drafts', '*.tmp.*'] })).toEqual([
      'a.jpg',
      'deep/d.JPG',
    ]);
    expect(await keysIn(folder.path, ['.'], { include: ['./deep/**'], exclude: ['deep/drafts/**'] })).toEqual([
      'deep/d.JPG',
      'deep/e.tmp.jpg',
    ]);
    expect((await foundIn(folder.path, ['.'], { include: ['*.jpg'] })).some((one) => one.kind === 'other')).toBe(false);
  });
});

describe('what cannot be read', () => {
  it('is one failed item each: a dangling link, a pipe, a folder, a file in a folder that may not be entered', async () => {
    await using folder = await temporaryFolder();
    folder.write('ok.jpg', 'locked/a.jpg', 'listed/b.jpg');
    symlinkSync('nowhere.jpg', path.join(folder.path, 'gone.jpg'));
    symlinkSync('nowhere', path.join(folder.path, 'gone'));
    execFileSync('mkfifo', [path.join(folder.path, 'pipe.jpg')]);
    for (const [name, mode] of [
      ['.', 0o755],
      ['locked', 0o000],
      ['listed', 0o744],
    ] as const)
      chmodSync(path.join(folder.path, name), mode);
    const problems = await asNobody(() => problemsIn(folder.path, ['.']));
    for (const name of ['locked', 'listed']) chmodSync(path.join(folder.path, name), 0o755);
    expect(Object.fromEntries(Object.entries(problems).map(([key, { code }]) => [key, code]))).toEqual({
      'gone.jpg': 'IMAGE_MISSING',
      'pipe.jpg': 'IMAGE_UNREADABLE',
      'listed/b.jpg': 'IMAGE_FORBIDDEN',
      locked: 'FOLDER_UNREADABLE',
    });
  });

  it('is one failed item named . where it is the root itself', async () => {
    await using folder = await temporaryFolder();
    folder.write('locked/a.jpg');
    chmodSync(folder.path, 0o755);
    chmodSync(path.join(folder.path, 'locked'), 0o000);
    const problems = await asNobody(() => problemsIn(folder.path, ['locked']));
    expect(problems).toMatchObject({
      '.': { code: 'FOLDER_UNREADABLE', message: expect.stringMatching(/right to read/) },
    });
  });
});

describe('links', () => {
  it('to files are items; loops end, and a folder is walked once, by its own path where it has one', async () => {
    await using folder = await temporaryFolder();
    folder.write('r/a/1.jpg', 'r/b/2.jpg');
    const link = (target: string, at: string) => symlinkSync(target, path.join(folder.path, at));
    link('..', 'r/a/up');
    link('.', 'r/a/self');
    link('../b', 'r/a/other');
    link('a/1.jpg', 'r/again.jpg');
    expect(await keysIn(folder.path, ['r'])).toEqual(['again.jpg', 'a/1.jpg', 'b/2.jpg']);
    expect(await keysIn(folder.path, ['r/a', 'r/b'])).toEqual(['a/1.jpg', 'a/up/again.jpg', 'b/2.jpg']);
  });

  it('to a folder that is in the root but no input, or hidden, are followed once', async () => {
    await using folder = await temporaryFolder();
    folder.write('r/a/1.jpg', 'r/b/1.jpg', 'r/c/3.jpg', 'r/c/d/4.jpg', 'r/a/.store/5.jpg');
    const link = (target: string, at: string) => symlinkSync(target, path.join(folder.path, at));
    link('../c', 'r/a/one');
    link('../c', 'r/a/two');
    link('../c', 'r/b/three');
    link('../../a', 'r/c/d/back');
    link('.store', 'r/a/shown');
    expect(await keysIn(folder.path, ['r/a', 'r/b'])).toEqual([
      'a/1.jpg',
      'a/one/3.jpg',
      'a/one/d/4.jpg',
      'a/shown/5.jpg',
      'b/1.jpg',
    ]);
  });

  it('to a folder above do not bring the inputs in a second time', async () => {
    await using folder = await temporaryFolder();
    folder.write('r/a/1.jpg', 'r/b/2.jpg', 'r/c/3.jpg');
    symlinkSync('..', path.join(folder.path, 'r/a/up'));
    expect(await keysIn(folder.path, ['r/a', 'r/b'])).toEqual(['a/1.jpg', 'a/up/c/3.jpg', 'b/2.jpg']);
  });

  it('to a folder outside of all roots fail as one item with the fix; the fix works', async () => {
    await using folder = await temporaryFolder();
    folder.write('scans/a.jpg', 'elsewhere/b.jpg');
    symlinkSync('../elsewhere', path.join(folder.path, 'scans/out'));
    const problems = await problemsIn(folder.path, ['scans']);
    expect(problems).toMatchObject({
      out: { code: 'IMAGE_FORBIDDEN', message: expect.stringContaining(`${folder.path}/elsewhere`) },
    });
    const root = path.join(folder.path, 'scans');
    expect(await keysIn(folder.path, ['scans', 'elsewhere'], { root })).toEqual(['a.jpg', '../elsewhere/b.jpg']);
  });
});

describe('several inputs', () => {
  it('that overlap give each file once', async () => {
    await using folder = await temporaryFolder();
    folder.write('s/a.jpg', 's/sub/b.jpg', 's/n.txt');
    const all = ['a.jpg', 'sub/b.jpg'];
    expect(await keysIn(folder.path, ['s', 's/sub', 's', 's/a.jpg', 's/*.jpg'])).toEqual(all);
    expect(await keysIn(folder.path, ['s/sub', 's'])).toEqual(['sub/b.jpg', 'a.jpg']);
    expect(await keysIn(folder.path, ['s/*.jpg', 's/a.jpg', 's/**/*.jpg'])).toEqual(['a.jpg', 'sub/b.jpg']);
    expect(await keysIn(folder.path, ['s/a.jpg', 's/a.jpg', 's/n.txt', 's'])).toEqual(['n.txt', 'a.jpg', 'sub/b.jpg']);
  });

  it('name a file explicitly whatever it is, and --exclude does not bind it', async () => {
    await using folder = await temporaryFolder();
    folder.write('s/n.txt', 's/drafts/a.jpg', 's/b.jpg');
    expect(await keysIn(folder.path, ['s', 's/n.txt', 's/drafts/a.jpg'], { exclude: ['drafts'] })).toEqual([
      'b.jpg',
      'n.txt',
      'drafts/a.jpg',
    ]);
  });

  it('open a table or an archive that lies in a folder among them: it is not counted as what is no image', async () => {
    await using folder = await temporaryFolder();
    folder.write('in/a.png', 'in/other.zip');
    folder.writeAs('in/l.csv', 'image\na.png\n');
    folder.writeAs('in/b.zip', zipOf([]));
    const found = await foundIn(folder.path, ['in', 'in/l.csv', 'in/b.zip']);
    expect(found.filter(({ kind }) => kind === 'other')).toEqual([{ kind: 'other', extension: 'zip' }]);
  });

  it('tell of a missing image as a failed item', async () => {
    await using folder = await temporaryFolder();
    expect(await problemsIn(folder.path, ['gone.jpg'])).toMatchObject({ 'gone.jpg': { code: 'IMAGE_MISSING' } });
  });
});

describe('globs', () => {
  it('match in any case, with braces, at any depth, images only', async () => {
    await using folder = await temporaryFolder();
    folder.write('s/a.JPG', 's/b.png', 's/x/c.jpg', 's/x/y/d.jpg', 's/n.txt', 't/e.jpg', 's/.h/f.jpg');
    expect(await keysIn(folder.path, ['s/*.jpg'])).toEqual(['a.JPG']);
    expect(await keysIn(folder.path, ['s/*'])).toEqual(['a.JPG', 'b.png']);
    expect(await keysIn(folder.path, ['s/**'])).toEqual(['a.JPG', 'b.png', 'x/c.jpg', 'x/y/d.jpg']);
    expect(await keysIn(folder.path, ['s/**/*.{jpg,png}'])).toEqual(['a.JPG', 'b.png', 'x/c.jpg', 'x/y/d.jpg']);
    expect(await keysIn(folder.path, ['s/*/*.jpg'])).toEqual(['x/c.jpg']);
    expect(await keysIn(folder.path, ['*/?.jpg'])).toEqual(['s/a.JPG', 't/e.jpg']);
    expect(await keysIn(folder.path, ['{s/x,t}/*.jpg'])).toEqual(['s/x/c.jpg', 't/e.jpg']);
    expect(await keysIn(folder.path, ['s/X/**/d.jpg', 'S*/x/**/*.jpg'])).toEqual(['s/x/c.jpg', 's/x/y/d.jpg']);
    expect(await keysIn(folder.path, ['nowhere/*.jpg', 's/nowhere/*/*.jpg'])).toEqual([]);
  });

  it('find the rest where one folder may not be read, which is one failed item', async () => {
    await using folder = await temporaryFolder();
    folder.write('a/x/1.jpg', 'b/x/2.jpg');
    chmodSync(folder.path, 0o755);
    chmodSync(path.join(folder.path, 'a'), 0o000);
    const keys = await asNobody(() => keysIn(folder.path, ['*/*/*.jpg']));
    chmodSync(path.join(folder.path, 'a'), 0o755);
    expect(keys).toEqual(['a', 'b/x/2.jpg']);
  });

  it('see through linked folders without looping', async () => {
    await using folder = await temporaryFolder();
    folder.write('s/a/1.jpg', 'other/2.jpg');
    symlinkSync('..', path.join(folder.path, 's/a/up'));
    symlinkSync('../other', path.join(folder.path, 's/linked'));
    const root = folder.path;
    expect(await keysIn(folder.path, ['s/*/*.jpg'], { root })).toEqual(['s/a/1.jpg', 's/linked/2.jpg']);
    expect(await keysIn(folder.path, ['s/**/*.jpg'], { root })).toEqual(['s/a/1.jpg', 's/linked/2.jpg']);
  });
});
