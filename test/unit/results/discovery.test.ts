import { describe, expect, it } from 'vitest';
import { readStore } from '../../../src/results/store-reader.js';
import { aRecord } from '../../support/builders.js';
import { discoverAll, discovered, keysOf, openTestStore, TestFolder } from './stores.js';

const names = (count: number) => Array.from({ length: count }, (_, index) => `${String(index).padStart(4, '0')}.png`);

describe('a discovery', () => {
  it('lets its items be read folder by folder, before it is finished', async () => {
    using folder = new TestFolder();
    const store = await openTestStore(folder.at('run'));
    const discovery = await store.discovery();
    const [first, second] = [discovery.folder(0), discovery.folder(0)];
    await discovery.add([discovered('a.png', first), discovered('b.png', first), discovered('s/c.png', second)]);
    const complete = [...store.items({ beforeFolder: second })];
    expect(complete.map(({ item }) => item.key)).toEqual(['a.png', 'b.png']);
    await discovery.add([discovered('s/b.png', second)]);
    const after = complete.at(-1)?.position;
    const rest = [...store.items(after === undefined ? {} : { after })];
    expect(rest.map(({ item }) => item.key)).toEqual(['s/b.png', 's/c.png']);
    await discovery.finish();
    await store.close();
  });

  it('takes an item once that two inputs contain', async () => {
    using folder = new TestFolder();
    const store = await openTestStore(folder.at('run'));
    const discovery = await store.discovery();
    const first = discovery.folder(0);
    await discovery.add([discovered('a.png', first), discovered('b.png', first), discovered('b.png', first)]);
    await discovery.add([{ ...discovered('a.png', discovery.folder(1)), input: 1 }]);
    expect(await discovery.finish()).toEqual({ items: 2 });
    expect(keysOf(store)).toEqual(['a.png', 'b.png']);
    expect(() => discovery.folder(0)).toThrow(RangeError);
    await store.close();
  });

  it('leaves the former generation standing until it is finished, and when it is abandoned', async () => {
    using folder = new TestFolder();
    const store = await openTestStore(folder.at('run'));
    await discoverAll(store, ['a.png', 'b.png']);
    const reader = readStore(folder.at('run'));
    const discovery = await store.discovery();
    await discovery.add([discovered('c.png', discovery.folder(0))]);
    expect([keysOf(reader), keysOf(store)]).toEqual([['a.png', 'b.png'], ['c.png']]);
    await discovery.abandon();
    expect([keysOf(store), store.itemCount()]).toEqual([['a.png', 'b.png'], 2]);
    await discoverAll(store, ['d.png']);
    expect(keysOf(store)).toEqual(['d.png']);
    await reader.close();
    await store.close();
  });

  it('does not cut a reader short that looks through the generation it replaces', async () => {
    using folder = new TestFolder();
    const store = await openTestStore(folder.at('run'));
    await discoverAll(store, names(2_000));
    const reading = store.items()[Symbol.iterator]();
    const read = [reading.next().value?.item.key];
    await discoverAll(store, ['other.png']);
    for (let step = reading.next(); step.done !== true; step = reading.next()) read.push(step.value.item.key);
    expect(read).toEqual(names(2_000));
    await store.close();
  });

  it('counts the done items that it no longer finds', async () => {
    using folder = new TestFolder();
    const store = await openTestStore(folder.at('run'));
    await discoverAll(store, ['a.png', 'b.png', 'c.png', 'undone.png']);
    await store.put(['a.png', 'b.png', 'c.png', 'older.png'].map((id) => ({ record: aRecord({ id }), attempts: [] })));
    const discovery = await store.discovery();
    const first = discovery.folder(0);
    // One that had been gone for longer comes back: it makes up for none of those that are gone now.
    await discovery.add(['a.png', 'older.png'].map((key) => discovered(key, first)));
    expect(await discovery.shrinkage()).toEqual({ done: 3, gone: 2 });
    await discovery.abandon();
    await store.close();
  });
});
