import { chmodSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import type { FoundItem } from '../../../../src/core/item.js';
import type { Grouping } from '../../../../src/inputs/groups/grouping.js';
import type { ManifestOptions } from '../../../../src/inputs/tables/manifest.js';
import { asNobody, foundIn, itemsIn, keysIn, type TemporaryFolder, temporaryFolder } from '../folders.js';

interface How {
  readonly by?: Grouping;
  readonly maxImages?: number;
  readonly exclude?: readonly string[];
  readonly manifests?: Partial<ManifestOptions>;
}

function options({ by, maxImages, exclude = [], manifests = {} }: How) {
  const { signal } = new AbortController();
  return { groups: { by: by ?? null, maxImages: maxImages ?? null, signal }, exclude, manifests };
}

/** The groups of these inputs in their order: key → paths of the images. */
async function groupsOf(folder: TemporaryFolder, inputs: readonly string[], how: How = {}) {
  const items = await itemsIn(folder.path, inputs, options(how));
  expect(await keysIn(folder.path, inputs, options(how))).toEqual(items.map(({ key }) => key));
  return items.map((item) => [item.key, ...pathsOf(item)]);
}

function pathsOf({ sources }: FoundItem): readonly string[] {
  return sources.map(({ ref }) => ('path' in ref ? ref.path : 'url' in ref ? ref.url : ''));
}

function refusal(folder: TemporaryFolder, inputs: readonly string[], how: How = {}): Promise<unknown> {
  return itemsIn(folder.path, inputs, options(how)).catch((error: unknown) => error);
}

describe('files that are named', () => {
  it('are one group in the order given', async () => {
    await using folder = await temporaryFolder();
    folder.write('after.png', 'old/before.jpg', 'third.jpg');
    expect(await groupsOf(folder, ['third.jpg', 'old/before.jpg', 'after.png'])).toEqual([
      ['third.jpg + old/before.jpg + after.png', 'third.jpg', 'old/before.jpg', 'after.png'],
    ]);
  });

  it('fail together where one of them is missing, which is named', async () => {
    await using folder = await temporaryFolder();
    folder.write('a.jpg');
    const [item] = await itemsIn(folder.path, ['a.jpg', 'gone.jpg'], options({}));
    expect(item).toMatchObject({
      key: 'a.jpg + gone.jpg',
      sources: [{ size: 1, mtimeMs: expect.any(Number) }, { size: null }],
      problem: { code: 'IMAGE_MISSING', message: expect.stringMatching(/^gone\.jpg: /) },
    });
  });
});

describe('images in folders', () => {
  it('are grouped by folder, sorted by the bytes of their names', async () => {
    await using folder = await temporaryFolder();
    folder.write('b/2.jpg', 'b/10.jpg', 'b/é.jpg', 'b/Z.jpg', 'a/x/1.jpg', 'a/x/0.jpg', 'q.jpg', 'p.jpg', 'b/n.txt');
    expect(await groupsOf(folder, ['.'])).toEqual([
      ['.', 'p.jpg', 'q.jpg'],
      ['a/x', 'a/x/0.jpg', 'a/x/1.jpg'],
      ['b', 'b/10.jpg', 'b/2.jpg', 'b/Z.jpg', 'b/é.jpg'],
    ]);
    const others = await foundIn(folder.path, ['.'], options({}));
    expect(others.filter(({ kind }) => kind === 'other')).toEqual([{ kind: 'other', extension: 'txt' }]);
  });

  it('are grouped by folder over several inputs and globs, too', async () => {
    await using folder = await temporaryFolder();
    folder.write('s/a/1.jpg', 's/a/2.jpg', 's/b/1.jpg', 's/b/2.jpg', 's/b/3.png', 't/1.jpg', 't/2.jpg');
    expect(await groupsOf(folder, ['t', 's/*/*.jpg'])).toEqual([
      ['t', 't/1.jpg', 't/2.jpg'],
      ['s/a', 's/a/1.jpg', 's/a/2.jpg'],
      ['s/b', 's/b/1.jpg', 's/b/2.jpg'],
    ]);
    const found = await foundIn(folder.path, ['t', 's/*/*.jpg'], options({}));
    expect(found.map((one) => [one.kind, 'input' in one ? one.input : null])).toEqual([
      ['folder', 0],
      ['item', 0],
      ['folder', 1],
      ['item', 1],
      ['item', 1],
    ]);
  });

  it('are grouped by stem below their inputs, in the order of the inputs', async () => {
    await using folder = await temporaryFolder();
    folder.write('before/x.jpg', 'before/d/y.v1.JPG', 'after/x.png', 'after/d/y.v1.tif', 'after/x.gif');
    const pairs = [
      ['x', 'after/x.gif', 'after/x.png', 'before/x.jpg'],
      ['d/y.v1', 'after/d/y.v1.tif', 'before/d/y.v1.JPG'],
    ];
    expect(await groupsOf(folder, ['after', 'before'], { by: 'stem' })).toEqual(pairs);
    expect(await groupsOf(folder, ['after/**', 'before/**/*'], { by: 'stem' })).toEqual(pairs);
    const [first] = await groupsOf(folder, ['before', 'after'], { by: 'stem', exclude: ['*.gif'] });
    expect(first).toEqual(['x', 'before/x.jpg', 'after/x.png']);
  });

  it('are one group where --group-by inputs says so', async () => {
    await using folder = await temporaryFolder();
    folder.write('a/1.jpg', 'b/2.jpg');
    expect(await groupsOf(folder, ['b', 'a'], { by: 'inputs' })).toEqual([['b/2.jpg + a/1.jpg', 'b/2.jpg', 'a/1.jpg']]);
  });

  it('fail as a group where the folder cannot be read, or one image has a name that is not UTF-8', async () => {
    await using folder = await temporaryFolder();
    folder.write('ok/1.jpg', 'ok/2.jpg', 'locked/1.jpg', 'bad/1.jpg', Buffer.from('bad/\xff.jpg', 'latin1'));
    chmodSync(folder.path, 0o755);
    chmodSync(path.join(folder.path, 'locked'), 0o000);
    const items = await asNobody(() => itemsIn(folder.path, ['.'], options({})));
    chmodSync(path.join(folder.path, 'locked'), 0o755);
    expect(items.map(({ key, problem }) => [key, problem?.code])).toEqual([
      ['bad', 'NAME_NOT_UTF8'],
      ['locked', 'FOLDER_UNREADABLE'],
      ['ok', undefined],
    ]);
  });
});

describe('rows of a manifest', () => {
  it('of one id are one group in their order, with the columns of the first', async () => {
    await using folder = await temporaryFolder();
    folder.write('1.jpg', '2.jpg', '3.jpg', '4.jpg');
    writeFileSync(path.join(folder.path, 'l.csv'), 'id,image,note\nB,4.jpg,x\nA,2.jpg,y\nB,1.jpg,z\nA,3.jpg,\n');
    expect(await groupsOf(folder, ['l.csv'])).toEqual([
      ['B', '4.jpg', '1.jpg'],
      ['A', '2.jpg', '3.jpg'],
    ]);
    const [first] = await itemsIn(folder.path, ['l.csv'], options({}));
    expect(first?.row).toEqual({ id: 'B', note: 'x' });
  });

  it('are groups of their own where they name several images', async () => {
    await using folder = await temporaryFolder();
    folder.write('1.jpg', '2.jpg', '3.jpg');
    const manifests = { imageColumns: ['then', 'now'], severalImages: true };
    writeFileSync(
      path.join(folder.path, 'l.csv'),
      'now,then\n1.jpg,2.jpg\nhttp://x.org/3.jpg,3.jpg\n1.jpg,\n2.jpg,no.jpg\n',
    );
    expect(await groupsOf(folder, ['l.csv'], { manifests })).toEqual([
      ['2.jpg + 1.jpg', '2.jpg', '1.jpg'],
      ['3.jpg + http://x.org/3.jpg', '3.jpg', 'http://x.org/3.jpg'],
      ['l.csv:4', '1.jpg'],
      ['no.jpg + 2.jpg', 'no.jpg', '2.jpg'],
    ]);
    const problems = (await itemsIn(folder.path, ['l.csv'], options({ manifests }))).map(({ problem }) => problem);
    expect(problems).toEqual([
      undefined,
      undefined,
      { code: 'IMAGE_MISSING', message: 'There is no image in line 4 of l.csv, column `then`.' },
      { code: 'IMAGE_MISSING', message: expect.stringMatching(/^no\.jpg: There is no such file/) },
    ]);
  });
});

describe('before the first question', () => {
  it('groups of one image are refused, five of them named, with the fix', async () => {
    await using folder = await temporaryFolder();
    folder.write(...[1, 2, 3, 4, 5, 6, 7].map((n) => `${n}/a.jpg`), '8/a.jpg', '8/b.jpg');
    expect(await refusal(folder, ['.'])).toMatchObject({
      exitCode: 2,
      message: 'Expected two images or more to compare, but 7 of 8 groups have only one: 1, 2, 3, 4, 5 and 2 more.',
      fix: expect.stringMatching(/--group-by inputs or stem/),
    });
    expect(await refusal(folder, ['1/a.jpg'])).toMatchObject({
      exitCode: 2,
      message: expect.stringMatching(/: a\.jpg\.$/),
    });
  });

  it('groups of more images than the model takes are refused, unless any number may be shown', async () => {
    await using folder = await temporaryFolder();
    folder.write('a/1.jpg', 'a/2.jpg', 'a/3.jpg', 'b/1.jpg', 'b/2.jpg');
    expect(await refusal(folder, ['.'], { maxImages: 2 })).toMatchObject({
      exitCode: 2,
      message: 'Expected at most 2 images for one question to this model, but a group has more: a.',
      fix: expect.stringMatching(/--stitch/),
    });
    expect(await groupsOf(folder, ['.'])).toHaveLength(2);
  });

  it.each([
    ['a manifest beside other inputs', ['l.csv', 'a'], {}, /every input to be a manifest as `l\.csv` is, got `a`/],
    ['a manifest by folder', ['l.csv'], { by: 'folder' }, /got `folder` where `l\.csv` is one/],
    ['a folder by manifest', ['a'], { by: 'manifest' }, /got `manifest` where no input is a manifest/],
  ] as const)('%s is refused', async (_, inputs, how, message) => {
    await using folder = await temporaryFolder();
    folder.write('a/1.jpg', 'a/2.jpg');
    writeFileSync(path.join(folder.path, 'l.csv'), 'image\na/1.jpg\n');
    expect(await refusal(folder, inputs, how)).toMatchObject({ exitCode: 2, message: expect.stringMatching(message) });
  });

  it('a link that leads out of the inputs fails its group', async () => {
    await using folder = await temporaryFolder();
    folder.write('in/1.jpg', 'in/2.jpg', 'out/3.jpg');
    symlinkSync('../out', path.join(folder.path, 'in/link'));
    const [item] = await itemsIn(folder.path, ['in'], options({}));
    expect(item?.problem).toMatchObject({ code: 'IMAGE_FORBIDDEN' });
  });

  it('a stop ends the search', async () => {
    await using folder = await temporaryFolder();
    folder.write('1.jpg', '2.jpg');
    const groups = { by: null, maxImages: null, signal: AbortSignal.abort() };
    expect(await foundIn(folder.path, ['.'], { groups })).toEqual([]);
  });
});
