import { realpathSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import { RealPlaces } from '../../../src/inputs/folders/real-places.js';
import { temporaryFolder } from './folders.js';

it('a file is told by where it lies without links, whether it or a folder above it is one', async () => {
  await using folder = await temporaryFolder();
  folder.write('r/a.png', 'out/b.png');
  symlinkSync('../out/b.png', path.join(folder.path, 'r/linked.png'));
  symlinkSync('../out', path.join(folder.path, 'r/linked'));
  symlinkSync('nowhere', path.join(folder.path, 'r/dangling.png'));
  const places = new RealPlaces();
  const top = realpathSync(folder.path);
  const at = async (file: string) => {
    const { look, real } = await places.of(path.join(folder.path, file));
    return [look === 'folder' ? look : look.size, real === null ? null : path.relative(top, real)];
  };
  expect(await Promise.all(['r/a.png', 'r/linked.png', 'r/linked/b.png', 'r', 'r/linked'].map(at))).toEqual([
    [1, 'r/a.png'],
    [1, 'out/b.png'],
    [1, 'out/b.png'],
    ['folder', 'r'],
    ['folder', 'out'],
  ]);
  expect(await Promise.all(['r/dangling.png', 'r/gone.png', 'gone/a.png'].map(at))).toEqual([
    [null, null],
    [null, null],
    [null, null],
  ]);
});
