import { Buffer } from 'node:buffer';
import { describe, expect, it } from 'vitest';
import { VisionError } from '../../../src/core/errors.js';
import type { FoundItem, SourceRef } from '../../../src/core/item.js';
import { sourceMark } from '../../../src/core/source-mark.js';
import type { Found } from '../../../src/inputs/found.js';
import { expandPages, type PagesOptions } from '../../../src/inputs/pages.js';

const FOLDER: Found = { kind: 'folder', input: 0 };

function file(path: string, more: Partial<FoundItem> = {}): Found {
  const sources = [{ ref: { root: 'scans', path }, size: 10, mtimeMs: 20 }];
  return { kind: 'item', input: 0, name: Buffer.from(path), item: { key: path, sources, page: 1, ...more } };
}

function behindUrl(key: string): Found {
  const sources = [{ ref: { url: `http://h/${key}.pdf` }, size: null, mtimeMs: null }];
  return { kind: 'item', input: 0, name: Buffer.from(key), item: { key, sources, page: 1 } };
}

const markOf = (key: string) => sourceMark(key.replace(/#.*/, ''));
const markAt = (key: string) => sourceMark(`http://h/${key.replace(/#.*/, '')}.pdf`);

/** Files whose bytes say how many pages they have: `%PDF-3` is a PDF of three, `II*\0` and a byte a TIFF. */
const pdf = (pages: number) => Buffer.from(`%PDF-${pages}`);
const tiff = (pages: number) => Buffer.from([0x49, 0x49, 0x2a, 0, pages]);

interface Opened {
  readonly keys: readonly string[];
  readonly items: readonly FoundItem[];
  readonly opened: readonly string[];
  readonly none: readonly string[];
}

async function expand(
  found: readonly Found[],
  bytes: Readonly<Record<string, Uint8Array>>,
  options: Partial<PagesOptions> = {},
): Promise<Opened> {
  const opened: string[] = [];
  const none: string[] = [];
  const items: FoundItem[] = [];
  const all = expandPages(given(found), {
    ranges: null,
    frames: 'first',
    open: async (ref: SourceRef) => {
      const path = 'path' in ref ? ref.path : 'url' in ref ? ref.url : '';
      opened.push(path);
      const read = bytes[path];
      if (read === undefined) throw new VisionError('IMAGE_MISSING', 'There is no such file.');
      return { bytes: read, size: read.length, mtimeMs: 20 };
    },
    count: async (read) => {
      const last = read.at(-1) ?? 0;
      if (last === 0) throw new VisionError('PDF_UNREADABLE', 'It has no end.');
      return last >= 0x30 ? Number(Buffer.from(read).toString('latin1').slice(5)) : last;
    },
    known: () => undefined,
    isUnchanged: async () => true,
    onNone: ({ item }) => none.push(item.key),
    ...options,
  });
  for await (const one of all) if (one.kind === 'item') items.push(one.item);
  return { keys: items.map(({ key }) => key), items, opened, none };
}

async function* given(found: readonly Found[]): AsyncGenerator<Found> {
  yield* found;
}

describe('pages of files', () => {
  it('of a PDF are items with their number, one page or many; other files stay as they are', async () => {
    const found = [FOLDER, file('a.jpg'), file('b.pdf'), file('c.PDF'), file('d.png')];
    const { keys, items, opened } = await expand(found, { 'b.pdf': pdf(3), 'c.PDF': pdf(1) });
    expect(keys).toEqual(['a.jpg', 'b.pdf#1', 'b.pdf#2', 'b.pdf#3', 'c.PDF#1', 'd.png']);
    expect(items[2]).toMatchObject({ page: 2, pages: 3, sources: [{ ref: { path: 'b.pdf' }, size: 10 }] });
    expect(opened.toSorted()).toEqual(['b.pdf', 'c.PDF']);
  });

  it('of a TIFF are numbered only where there are several', async () => {
    const { items } = await expand([file('a.tif'), file('b.tiff')], { 'a.tif': tiff(1), 'b.tiff': tiff(2) });
    expect(items.map(({ key, page, pages }) => [key, page, pages])).toEqual([
      ['a.tif', 1, 1],
      ['b.tiff#1', 1, 2],
      ['b.tiff#2', 2, 2],
    ]);
  });

  it('are those that are wanted, in their own order; a file without any is told of', async () => {
    const ranges = [
      { first: 4, last: null },
      { first: 2, last: 2 },
    ];
    const bytes = { 'a.pdf': pdf(5), 'b.pdf': pdf(2), 'c.pdf': pdf(1), 'd.tif': tiff(1) };
    const { keys, none } = await expand(
      Object.keys(bytes).map((path) => file(path)),
      bytes,
      { ranges },
    );
    expect(keys).toEqual(['a.pdf#2', 'a.pdf#4', 'a.pdf#5', 'b.pdf#2']);
    expect(none).toEqual(['c.pdf', 'd.tif']);
  });

  it('of animations are items where all frames are wanted', async () => {
    const found = [file('a.gif')];
    expect((await expand(found, { 'a.gif': tiff(2) })).keys).toEqual(['a.gif']);
    expect((await expand(found, { 'a.gif': tiff(2) }, { frames: 'all' })).keys).toEqual(['a.gif#1', 'a.gif#2']);
  });

  it('that cannot be counted are one failed item under the file, and the others go on', async () => {
    const { items } = await expand([file('a.pdf'), file('gone.pdf'), file('c.pdf')], {
      'a.pdf': Buffer.from('%PDF-\0'),
      'c.pdf': pdf(1),
    });
    expect(items).toMatchObject([
      { key: 'a.pdf', page: 0, problem: { code: 'PDF_UNREADABLE' } },
      { key: 'gone.pdf', page: 0, problem: { code: 'IMAGE_MISSING' } },
      { key: 'c.pdf#1', page: 1 },
    ]);
  });

  it('are believed without a look at a file that is unchanged since its first wanted page was asked', async () => {
    const pages: Readonly<Record<string, number>> = { 'a.pdf#2': 3, 'b.tif': 1, 'old.pdf#2': 9 };
    const { keys, opened } = await expand(
      [file('a.pdf'), file('b.tif'), file('old.pdf')],
      { 'old.pdf': pdf(2) },
      {
        ranges: [{ first: 2, last: null }],
        known: (key) => {
          const known = pages[key];
          return known === undefined
            ? undefined
            : { pages: known, size: key === 'old.pdf#2' ? 9 : 10, mtimeMs: 20, mark: markOf(key) };
        },
      },
    );
    expect(keys).toEqual(['a.pdf#2', 'a.pdf#3', 'old.pdf#2']);
    expect(opened).toEqual(['old.pdf']);
  });

  it('of URLs are believed without a look, too, where the URL is the one that was read', async () => {
    const { keys, opened } = await expand(
      [...['a', 'b'].map(behindUrl)],
      { 'http://h/b.pdf': pdf(2) },
      {
        known: (key) =>
          key.endsWith('#1') ? { pages: 3, size: 7, mtimeMs: 0, mark: sourceMark('http://h/a.pdf') } : undefined,
      },
    );
    expect(keys).toEqual(['a#1', 'a#2', 'a#3', 'b#1', 'b#2']);
    expect(opened).toEqual(['http://h/b.pdf']);
  });

  it('of URLs that have changed are counted, and stay those that were read where that fails', async () => {
    const bytes = { 'http://h/a.pdf': pdf(2) };
    const { items } = await expand([...['a', 'b', 'c'].map(behindUrl)], bytes, {
      known: (key) => (/^[ab]#1$/.test(key) ? { pages: 3, size: 7, mtimeMs: 0, mark: markAt(key) } : undefined),
      isUnchanged: async () => false,
    });
    const said = items.map(({ key, problem }) => problem?.code ?? key);
    expect(said).toEqual(['a#1', 'a#2', 'b#1', 'b#2', 'b#3', 'IMAGE_MISSING']);
  });

  it('of files with another time stay those that were read where a disk or site has a bad night', async () => {
    for (const [code, keys] of [
      ['URL_FETCH', ['a.pdf#1', 'a.pdf#2']],
      ['IMAGE_MISSING', ['a.pdf']],
    ] as const) {
      const expanded = await expand(
        [file('a.pdf')],
        {},
        {
          known: (key) => (key === 'a.pdf#1' ? { pages: 2, size: 10, mtimeMs: 19, mark: markOf(key) } : undefined),
          open: () => Promise.reject(new VisionError(code, 'It cannot be had.')),
        },
      );
      expect(expanded.keys).toEqual(keys);
    }
  });

  it('end the run where the storage takes the credentials no longer', async () => {
    const open = () => Promise.reject(new VisionError('STORAGE_FORBIDDEN', 'Log in.'));
    await expect(expand([behindUrl('a')], {}, { open })).rejects.toMatchObject({ exitCode: 3 });
  });

  it('leave alone what has a problem, several sources, or pages already', async () => {
    const found = [
      file('a.pdf', { problem: { code: 'IMAGE_FORBIDDEN', message: 'It may not be read.' } }),
      file('b.pdf', { sources: [...Array(2)].map(() => ({ ref: { root: 'r', path: 'x.pdf' }, size: 1, mtimeMs: 1 })) }),
      file('c.pdf', { page: 0 }),
    ];
    const { keys, opened } = await expand(found, {});
    expect(keys).toEqual(['a.pdf', 'b.pdf', 'c.pdf']);
    expect(opened).toEqual([]);
  });

  it('keep the order although a later file is counted first, and count two files at once', async () => {
    let open = 0;
    let most = 0;
    const found = Array.from({ length: 40 }, (_, at) => file(`${at}.pdf`));
    const { keys } = await expand(
      found,
      {},
      {
        open: async (ref) => {
          open += 1;
          most = Math.max(most, open);
          if ('path' in ref && ref.path === '0.pdf') await new Promise((resolve) => setImmediate(resolve));
          open -= 1;
          return { bytes: pdf(1), size: 6, mtimeMs: 20 };
        },
      },
    );
    expect(keys).toEqual(found.map((_, at) => `${at}.pdf#1`));
    expect(most).toBe(2);
  });

  it('of bytes that a program holds are told by what they are', async () => {
    const sources = [{ ref: { url: 'bytes:stdin' }, size: 6, mtimeMs: 1 }];
    const { keys } = await expand([file('stdin', { sources })], { 'bytes:stdin': pdf(2) });
    expect(keys).toEqual(['stdin#1', 'stdin#2']);
  });
});
