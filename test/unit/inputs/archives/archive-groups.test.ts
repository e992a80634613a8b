import { expect, it } from 'vitest';
import { zipOf } from '../../../support/archives.js';
import { itemsIn, temporaryFolder } from '../folders.js';

it('images of archives are compared as those of folders are: by stem across them, else within each folder', async () => {
  await using folder = await temporaryFolder();
  for (const name of ['after.zip', 'before.zip']) {
    folder.writeAs(name, zipOf([{ name: 'in/x.png' }, { name: 'in/y.png' }]));
  }
  const keysBy = async (by: 'stem' | null) => {
    const groups = { by, maxImages: null, signal: new AbortController().signal, rowsTogether: false };
    const items = await itemsIn(folder.path, ['before.zip', 'after.zip'], { groups });
    return items.map(({ key, sources }) => [key, sources.length]);
  };
  expect(await keysBy('stem')).toEqual([
    ['in/x', 2],
    ['in/y', 2],
  ]);
  expect(await keysBy(null)).toEqual([
    ['before.zip/in', 2],
    ['after.zip/in', 2],
  ]);
});
