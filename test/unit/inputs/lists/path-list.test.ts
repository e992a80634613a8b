import { Buffer } from 'node:buffer';
import { mkdir, writeFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { discover } from '../../../../src/inputs/discover.js';
import { nameRoots } from '../../../../src/inputs/input-folders.js';
import { openPathList } from '../../../../src/inputs/lists/path-list.js';
import { type TestFolder, testFolder } from '../../../support/images.js';

/** What a list of these bytes names, in the folder: each item's key and why it failed. */
async function listed(folder: TestFolder, list: string | Buffer, separator: '\n' | '\0' = '\n') {
  await writeFile(folder.at('list'), list);
  const input = await openPathList({ given: 'list', file: folder.at('list'), separator, cwd: folder.path });
  const items: (readonly [key: string, code?: string])[] = [];
  const roots = nameRoots([input], input.path);
  for await (const found of discover([input], { roots, include: [], exclude: [] })) {
    if (found.kind !== 'item') continue;
    const { key, problem } = found.item;
    items.push(problem === undefined ? [key] : [key, problem.code]);
  }
  return { input, items };
}

async function filled(...files: readonly string[]): Promise<TestFolder> {
  const folder = await testFolder();
  for (const file of files) {
    await mkdir(folder.at(file, '..'), { recursive: true });
    await writeFile(folder.at(file), 'x');
  }
  return folder;
}

describe('a list of files', () => {
  it('names its files in its own order, by their place under the folder that holds them all', async () => {
    await using folder = await filled('in/b.jpg', 'in/sub/a.jpg', 'in/odd.txt');
    const { input, items } = await listed(folder, `in/sub/a.jpg\r\n\n${folder.at('in/b.jpg')}\nin/odd.txt`);
    expect(input.path).toBe(folder.at('in'));
    expect(items).toEqual([['sub/a.jpg'], ['b.jpg'], ['odd.txt']]);
  });

  it('goes on behind what is not there or has no name that can be written', async () => {
    await using folder = await filled('a.jpg', 'c.jpg');
    const bad = Buffer.concat([Buffer.from('a.jpg\ngone.jpg\n'), Buffer.from([0x62, 0xff]), Buffer.from('\nc.jpg\n')]);
    const { items } = await listed(folder, bad);
    expect(items).toEqual([['a.jpg'], ['gone.jpg', 'IMAGE_MISSING'], ['b%FF', 'NAME_NOT_UTF8'], ['c.jpg']]);
  });

  it('may hold names with line ends where NUL separates them', async () => {
    await using folder = await filled('a\nb.jpg', 'c.jpg');
    const { items } = await listed(folder, 'a\nb.jpg\0c.jpg\0', '\0');
    expect(items).toEqual([['a\nb.jpg'], ['c.jpg']]);
  });

  it('names all of a folder, once', async () => {
    await using folder = await filled('in/1.jpg', 'in/2.jpg', 'out/3.jpg');
    const { items } = await listed(folder, 'in\nout/3.jpg\nin\n');
    expect(items.map(([key]) => key).toSorted()).toEqual(['in/1.jpg', 'in/2.jpg', 'out/3.jpg']);
  });

  it('may begin with a byte order mark', async () => {
    await using folder = await filled('a.jpg', 'c.jpg');
    const { items } = await listed(folder, '\ufeffa.jpg\nc.jpg\n');
    expect(items).toEqual([['a.jpg'], ['c.jpg']]);
  });

  it('is refused where it is UTF-16, or a table by its name', async () => {
    await using folder = await filled('a.jpg');
    const open = (file: string) => openPathList({ given: file, file: folder.at(file), separator: '\n', cwd: '/' });
    await writeFile(folder.at('list.txt'), Buffer.from('\ufeffa.jpg\r\n', 'utf16le'));
    await expect(open('list.txt')).rejects.toMatchObject({ exitCode: 2, fix: expect.stringMatching(/^iconv /) });
    await writeFile(folder.at('list.csv.gz'), 'a.jpg\n');
    await expect(open('list.csv.gz')).rejects.toMatchObject({ exitCode: 2, fix: expect.stringMatching(/as an input/) });
  });

  it('is refused where it cannot be read or is none', async () => {
    await using folder = await filled('a.jpg');
    const open = (file: string) => openPathList({ given: file, file: folder.at(file), separator: '\0', cwd: '/' });
    await expect(open('gone')).rejects.toMatchObject({ exitCode: 2, message: expect.stringContaining('gone') });
    await writeFile(folder.at('text'), 'x'.repeat(200_000));
    await expect(open('text')).rejects.toMatchObject({
      exitCode: 2,
      message: expect.stringContaining('list of paths'),
    });
  });
});
