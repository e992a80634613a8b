import { expect, it } from 'vitest';
import type { Found, FoundRow } from '../../../src/inputs/found.js';
import { resolveInputs } from '../../../src/inputs/resolve.js';
import { discoverInto } from '../../../src/producer/discover-into.js';
import type { Discovery } from '../../../src/results/discovery.js';
import { PLAIN, temporaryFolder } from '../inputs/folders.js';

/** The keys that discovery writes for rows of these, all pages of a row next to each other, and for files after them. */
async function keysOf(
  rows: readonly (readonly string[])[],
  onRepeat: 'error' | 'number',
  files: readonly (readonly string[])[] = [],
): Promise<readonly string[]> {
  await using folder = await temporaryFolder();
  folder.writeAs('l.csv', 'id,image\n');
  const [input] = await resolveInputs(['l.csv'], { cwd: folder.path, ...PLAIN });
  if (input?.kind !== 'manifest') throw new Error('Expected a manifest');
  const { manifest } = input;
  const written: string[] = [];
  const discovery: Discovery = {
    folder: () => 0,
    add: async (entries) => void written.push(...entries.map(({ item }) => item.key)),
    replace: () => Promise.reject(new Error('Expected no item to be replaced')),
    shrinkage: async () => ({ done: 0, gone: 0 }),
    finish: async () => ({ items: written.length }),
    abandon: async () => {},
  };
  await discoverInto({
    found: all([
      ...rows.map((keys, at) => ({ keys, path: `${at}.pdf`, row: { manifest, line: at + 2 } })),
      ...files.map((keys, at) => ({ keys, path: `${at}.pdf` })),
    ]),
    ...{ discovery, onRepeat, isMixed: true, onFrontier: () => {}, signal: new AbortController().signal },
  });
  return written;
}

/** A row or, without one, a file. */
interface AFile {
  readonly keys: readonly string[];
  readonly path: string;
  readonly row?: FoundRow;
}

async function* all(files: readonly AFile[]): AsyncGenerator<Found> {
  for (const { keys, path, ...row } of files) {
    const sources = [{ ref: { root: 'r', path }, size: 1, mtimeMs: 1 }];
    for (const key of keys)
      yield { kind: 'item', input: 0, name: Buffer.from(key), item: { key, sources, page: 1 }, ...row };
  }
}

it('rows of one id are numbered in their order, past ids that look like it', async () => {
  expect(await keysOf([['a'], ['a'], ['a~2'], ['b'], ['a'], ['a~2'], ['b']], 'number')).toEqual([
    'a',
    'a~2',
    'a~2~2',
    'b',
    'a~3',
    'a~2~3',
    'b~2',
  ]);
});

it('all pages of a row have its number', async () => {
  expect(await keysOf([['a#1', 'a#2'], ['a'], ['a#1', 'a#2', 'a#3']], 'number')).toEqual([
    'a#1',
    'a#2',
    'a~2',
    'a~3#1',
    'a~3#2',
    'a~3#3',
  ]);
});

it("a row's own file is that row, and all pages of another one that is called as it is have its number", async () => {
  const rows = [['b#1', 'b#2'], ['a#1']];
  const files = [
    ['b#1', 'b#2'],
    ['b', 'c'],
    ['b#1', 'b#2'],
  ];
  expect(await keysOf(rows, 'number', files)).toEqual(['b#1', 'b#2', 'a#1', 'b~2', 'c', 'b~3#1', 'b~3#2']);
});

it('a second row of an id stops the run where they are not numbered, and its pages are no such row', async () => {
  expect(await keysOf([['a#1', 'a#2'], ['b']], 'error')).toEqual(['a#1', 'a#2', 'b']);
  await expect(keysOf([['a#1', 'a#2'], ['a#1']], 'error')).rejects.toMatchObject({
    exitCode: 2,
    message: 'l.csv:3: An earlier row is called "a", too.',
    fix: expect.stringMatching(/--id-column COLUMN, or number them with --on-repeat number/),
  });
});
