import { describe, expect, it } from 'vitest';
import type { FoundItem } from '../../../src/core/item.js';
import { markDuplicates } from '../../../src/producer/duplicates.js';
import type { RunStore } from '../../../src/results/store.js';
import { aFoundItem, openTestStore, TestFolder } from '../results/stores.js';

/** A file in the test's folder: its bytes are a text, its time what is given. */
interface AFile {
  readonly key: string;
  readonly bytes: string;
  readonly mtimeMs?: number;
  readonly changes?: Partial<FoundItem>;
}

const itemOf = ({ bytes, changes = {}, key, mtimeMs = 0 }: AFile): FoundItem =>
  aFoundItem(key, { sources: [{ ref: { root: 'r', path: key }, size: bytes.length, mtimeMs }], ...changes });

interface Look {
  readonly wordsOf?: (item: FoundItem) => string;
  readonly anew?: boolean;
}

/** Looks for duplicates among files: of each that is one its original, and the files that were read. */
async function look(store: RunStore, files: readonly AFile[], { wordsOf = () => '', anew = false }: Look = {}) {
  const discovery = await store.discovery();
  const folder = discovery.folder(0);
  await discovery.add(files.map((file) => ({ input: 0, folder, name: Buffer.from(file.key), item: itemOf(file) })));
  const read: string[] = [];
  await markDuplicates({
    items: () => store.items(),
    contents: store.contents,
    sha256: async ({ ref }) => {
      const path = 'path' in ref ? ref.path : '';
      read.push(path);
      const bytes = files.find(({ key }) => key === path)?.bytes ?? '';
      return bytes.startsWith('lost') ? null : `sha of ${bytes}`;
    },
    wordsOf,
    anew,
    replace: (items) => discovery.replace(items),
    signal: new AbortController().signal,
  });
  await discovery.finish();
  const items = [...store.items()].map(({ item }) => item);
  return {
    read,
    found: items.flatMap(({ duplicateOf, key }) => (duplicateOf === undefined ? [] : [[key, duplicateOf]])),
  };
}

async function withStore(use: (store: RunStore) => Promise<void>): Promise<void> {
  using folder = new TestFolder();
  const store = await openTestStore(folder.at('store'));
  try {
    await use(store);
  } finally {
    await store.close();
  }
}

const A = { key: 'a.png', bytes: 'same' };
const B = { key: 'b.png', bytes: 'same' };
const C = { key: 'c.png', bytes: 'same' };
const OTHER = { key: 'd.png', bytes: 'SAME' };
const LONGER = { key: 'e.png', bytes: 'alone in its size' };

describe('duplicates', () => {
  it('are items with the bytes of an earlier one, and what shares its size with none is never read', () =>
    withStore(async (store) => {
      const { found, read } = await look(store, [A, B, C, OTHER, LONGER]);
      expect(found).toEqual([
        ['b.png', 'a.png'],
        ['c.png', 'a.png'],
      ]);
      expect(read).toEqual(['a.png', 'b.png', 'c.png', 'd.png']);
    }));

  it('are read again only where a file is new or changed', () =>
    withStore(async (store) => {
      await look(store, [A, B]);
      const { found, read } = await look(store, [A, { ...B, bytes: 'diff', mtimeMs: 1 }, C]);
      expect(read).toEqual(['b.png', 'c.png']);
      expect(found).toEqual([['c.png', 'a.png']]);
    }));

  it('are all read again on request and after everything was forgotten, whatever size and time say', () =>
    withStore(async (store) => {
      const changed = [A, { ...B, bytes: 'diff' }];
      await look(store, [A, B]);
      expect((await look(store, changed)).found).toEqual([['b.png', 'a.png']]);
      expect((await look(store, changed, { anew: true })).found).toEqual([]);
      await store.forget();
      expect((await look(store, [A, B])).found).toEqual([['b.png', 'a.png']]);
      await store.forget();
      expect((await look(store, changed)).found).toEqual([]);
    }));

  it('follow the next one when their original is gone', () =>
    withStore(async (store) => {
      await look(store, [A, B, C]);
      expect((await look(store, [B, C])).found).toEqual([['c.png', 'b.png']]);
    }));

  it('are asked with the same words', () =>
    withStore(async (store) => {
      const [first, second, third] = ['red', 'red', 'blue'].map((word, at) => ({ changes: { row: { word } }, at }));
      const files = [
        { ...A, ...first },
        { ...B, ...second },
        { ...C, ...third },
      ];
      expect((await look(store, files, { wordsOf: ({ row }) => row?.word ?? '' })).found).toEqual([['b.png', 'a.png']]);
    }));

  it('are pages of one number, and the pages of a document are read once', () =>
    withStore(async (store) => {
      const pagesOf = (path: string) =>
        [1, 2].map((page) => ({
          key: `${path}#${page}`,
          bytes: 'document',
          changes: { page, pages: 2, sources: [{ ref: { root: 'r', path }, size: 8, mtimeMs: 0 }] },
        }));
      const { found, read } = await look(store, [...pagesOf('a.pdf'), ...pagesOf('b.pdf')]);
      expect(read).toEqual(['a.pdf', 'b.pdf']);
      expect(found).toEqual([
        ['b.pdf#1', 'a.pdf#1'],
        ['b.pdf#2', 'a.pdf#2'],
      ]);
    }));

  it('are none where a file cannot be read, lies beside others in its item, or is no more than a name', () =>
    withStore(async (store) => {
      const problem = { code: 'IMAGE_MISSING', message: 'gone' } as const;
      const two = [A, B].map(({ key }) => ({ ref: { root: 'r', path: key }, size: 4, mtimeMs: 0 }));
      const files: AFile[] = [
        { key: 'a.png', bytes: 'lost' },
        { key: 'b.png', bytes: 'lost' },
        { key: 'c.png', bytes: 'same', changes: { sources: two } },
        { key: 'd.png', bytes: 'same', changes: { sources: two } },
        { key: 'e.png', bytes: 'same', changes: { problem } },
        { key: 'f.png', bytes: 'same', changes: { problem } },
      ];
      const { found, read } = await look(store, files);
      expect(found).toEqual([]);
      expect(read).toEqual(['a.png', 'b.png']);
    }));

  it('are found across the batches that are looked at together', () =>
    withStore(async (store) => {
      const files = Array.from({ length: 1_100 }, (_, at) => ({
        key: `${String(at).padStart(4, '0')}.png`,
        bytes: String(10_000 + (at % 1_000)),
      }));
      const { found } = await look(store, files);
      expect(found).toHaveLength(100);
      expect(found[0]).toEqual(['1000.png', '0000.png']);
    }));

  it(
    'are looked for in linear time also where all sizes end in the same bits, as those of disk images do',
    {
      timeout: 10_000, // it takes some 0.5 s; in quadratic time some 13 s
    },
    () =>
      withStore(async ({ contents }) => {
        const position = { input: 0, folder: 0, name: new Uint8Array() };
        const itemAt = (at: number) => {
          const source = { ref: { root: 'r', path: `${at}` }, size: (at + 1) * 2 ** 32, mtimeMs: 0 };
          return { position, item: aFoundItem(`${at}`, { sources: [source] }) };
        };
        const items = Array.from({ length: 50_000 }, (_, at) => itemAt(at));
        const never = () => Promise.reject(new Error('Expected nothing to be read'));
        const { signal } = new AbortController();
        const replace = async (placed: readonly unknown[]) => expect(placed).toEqual([]);
        const all = { items: () => items, contents, sha256: never, wordsOf: () => '', anew: false };
        await markDuplicates({ ...all, replace, signal });
      }),
  );
});
