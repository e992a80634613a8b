import path from 'node:path';
import { expect, it } from 'vitest';
import { bytePathOf, textOf } from '../../../src/inputs/byte-path.js';
import { commonRoot, nameRoots } from '../../../src/inputs/input-folders.js';
import { resolveInputs } from '../../../src/inputs/resolve.js';
import { placeOf, sourceOfKey } from '../../../src/inputs/roots.js';
import { keysIn, PLAIN, temporaryFolder } from './folders.js';

it('tells folders, files and globs apart', async () => {
  await using folder = await temporaryFolder();
  folder.write('s/a.jpg', 'n.txt');
  const kinds = (await resolveInputs(['s', 's/', 'n.txt', 's/*.jpg', 'gone.JPG'], { cwd: folder.path, ...PLAIN })).map(
    ({ kind }) => kind,
  );
  expect(kinds).toEqual(['folder', 'folder', 'file', 'glob', 'file']);
});

it('takes what exists under a name with glob characters as just that', async () => {
  await using folder = await temporaryFolder();
  folder.write('[a] (b)/1.jpg', 'x*.jpg', 'xy.jpg');
  expect(await keysIn(folder.path, ['[a] (b)'])).toEqual(['1.jpg']);
  expect(await keysIn(folder.path, ['x*.jpg'])).toEqual(['x*.jpg']);
});

it('ends with exit 2 for a path that does not exist, naming it', async () => {
  await using folder = await temporaryFolder();
  for (const given of ['scnas', 'a/b', '']) {
    await expect(resolveInputs([given], { cwd: folder.path, ...PLAIN })).rejects.toMatchObject({
      exitCode: 2,
      message: expect.stringContaining(`\`${given}\``),
    });
  }
});

it('has as common root the deepest folder of all inputs', async () => {
  await using folder = await temporaryFolder();
  folder.write('s/a/1.jpg', 's/ab/2.jpg', 't/3.jpg');
  const rootOf = async (...inputs: string[]) =>
    path.relative(folder.path, commonRoot(await resolveInputs(inputs, { cwd: folder.path, ...PLAIN }), folder.path));
  expect(await rootOf('s')).toBe('s');
  expect(await rootOf('s/a', 's/ab')).toBe('s');
  expect(await rootOf('s', 's/a')).toBe('s');
  expect(await rootOf('s/a/1.jpg')).toBe('s/a');
  expect(await rootOf('s/**/*.jpg')).toBe('s');
  expect(await rootOf('s/a', 't/3.jpg')).toBe('');
  folder.writeAs('t/list.csv', 'image\n');
  expect(await rootOf('t/list.csv')).toBe('t');
  expect(await rootOf('t/list.csv', 's/a')).toBe('');
  const based = await resolveInputs(['t/list.csv'], { cwd: folder.path, ...PLAIN, base: 's/a' });
  expect(path.relative(folder.path, commonRoot(based, folder.path))).toBe('s/a');
  expect(commonRoot(await resolveInputs(['/', folder.path], { cwd: '/', ...PLAIN }), '/')).toBe('/');
});

it('names a further root for what lies outside of the run, apart even where names are alike', async () => {
  await using folder = await temporaryFolder();
  folder.write('x/scans/a.jpg', 'y/scans/b.jpg', 'y/scans/sub/c.jpg', 'z=1/d.jpg');
  const at = (name: string) => path.join(folder.path, name);
  const inputs = await resolveInputs(['x/scans', 'y/scans', 'y/scans/sub', 'z=1'], { cwd: folder.path, ...PLAIN });
  const roots = nameRoots(inputs, at('x/scans'));
  expect(roots).toEqual([
    { name: 'scans', path: at('x/scans') },
    { name: 'scans-2', path: at('y/scans') },
    { name: 'z_1', path: at('z=1') },
  ]);
  expect(placeOf(at('y/scans/sub/c.jpg'), roots)).toEqual({
    key: '../../y/scans/sub/c.jpg',
    root: 'scans-2',
    path: 'sub/c.jpg',
  });
});

it('finds the source that a key names, in every root and with letters of any language', () => {
  const roots = [
    { name: 'Bücher', path: '/srv/Bücher' },
    { name: 'слайды', path: '/srv/слайды' },
  ] as const;
  for (const file of ['/srv/Bücher/a.png', '/srv/Bücher/ünter/50%#1.png', '/srv/слайды/б.png']) {
    const place = placeOf(bytePathOf(file), roots);
    expect(sourceOfKey(place.key, roots)).toEqual({ root: place.root, path: textOf(place.path) });
  }
  expect(sourceOfKey('a%FF.png', roots)).toBeNull();
});
