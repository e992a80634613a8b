import { describe, expect, it } from 'vitest';
import type { SourceBytes, SourceRef } from '../../../src/core/item.js';
import { recentSources } from '../../../src/inputs/recent-sources.js';

const file = (path: string): SourceRef => ({ root: 'r', path });

/** Files in memory, and what was read of them. */
function shelf(sizes: Readonly<Record<string, number>>) {
  const times = new Map<string, number>();
  const read: string[] = [];
  const options = {
    read: async (ref: SourceRef): Promise<SourceBytes> => {
      const name = 'path' in ref ? ref.path : 'url' in ref ? ref.url : '';
      read.push(name);
      const size = sizes[name];
      await new Promise((resolve) => setImmediate(resolve));
      if (size === undefined) throw new Error(`no ${name}`);
      return { bytes: new Uint8Array(size).fill(7), size, mtimeMs: times.get(name) ?? 1 };
    },
    look: async (ref: SourceRef) => {
      if (!('path' in ref)) return null;
      return { size: sizes[ref.path] ?? -1, mtimeMs: times.get(ref.path) ?? 1 };
    },
    maxSources: 2,
    maxBytes: 100,
  };
  return { open: recentSources(options), read, touch: (name: string) => times.set(name, 2) };
}

describe('recent sources', () => {
  it('are read once for pages that are asked for together and one after the other, into shared memory', async () => {
    const { open, read } = shelf({ a: 3 });
    const all = await Promise.all([open(file('a')), open(file('a')), open(file('a'))]);
    all.push(await open(file('a')));
    expect(read).toEqual(['a']);
    expect(new Set(all.map(({ bytes }) => bytes)).size).toBe(1);
    expect(all[0]?.bytes.buffer).toBeInstanceOf(SharedArrayBuffer);
    expect([...(all[0]?.bytes ?? [])]).toEqual([7, 7, 7]);
  });

  it('are read again when they have changed', async () => {
    const { open, read, touch } = shelf({ a: 3 });
    await open(file('a'));
    touch('a');
    const again = await Promise.all([open(file('a')), open(file('a'))]);
    expect(read).toEqual(['a', 'a']);
    expect(again.map(({ mtimeMs }) => mtimeMs)).toEqual([2, 2]);
  });

  it('are few: the one not asked for longest is let go', async () => {
    const { open, read } = shelf({ a: 1, b: 1, c: 1 });
    for (const name of ['a', 'b', 'a', 'c', 'a', 'b']) await open(file(name));
    expect(read).toEqual(['a', 'b', 'c', 'b']);
  });

  it('are small together, but one alone may be larger', async () => {
    const { open, read } = shelf({ small: 10, large: 200 });
    for (const name of ['small', 'large', 'large', 'small']) await open(file(name));
    expect(read).toEqual(['small', 'large', 'small']);
  });

  it('that cannot be read are tried again, and say why to everybody who asked', async () => {
    const { open, read } = shelf({});
    const both = await Promise.allSettled([open(file('x')), open(file('x'))]);
    expect(both.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    await expect(open(file('x'))).rejects.toThrow('no x');
    expect(read.length).toBeLessThanOrEqual(3);
  });

  it('behind a URL are fetched once', async () => {
    const { open, read } = shelf({ 'http://h/a.pdf': 3 });
    for (let page = 1; page <= 3; page += 1) await open({ url: 'http://h/a.pdf' });
    expect(read).toEqual(['http://h/a.pdf']);
  });

  it('are not waited for by an item that is stopped', async () => {
    const { open } = shelf({ a: 3 });
    const stopped = AbortSignal.abort(new Error('stopped'));
    await expect(open(file('a'), { signal: stopped })).rejects.toThrow('stopped');
    expect((await open(file('a'))).size).toBe(3);
  });
});
