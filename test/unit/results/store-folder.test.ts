import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { readStore } from '../../../src/results/store-reader.js';
import { aRecord } from '../../support/builders.js';
import { discoverAll, keysOf, openTestStore, rememberingLogger, TestFolder } from './stores.js';

const put = (ids: readonly string[]) => ids.map((id) => ({ record: aRecord({ id }), attempts: [] }));

it("a store is its user's alone: it holds URLs with their passwords; the folders above it are as others", async () => {
  using folder = new TestFolder();
  const store = await openTestStore(folder.at('out', 'run'));
  mkdirSync(folder.at('other'));
  const modeOf = (...names: readonly string[]) => statSync(folder.at(...names)).mode & 0o777;
  expect(modeOf('out', 'run')).toBe(0o700);
  expect(modeOf('out')).toBe(modeOf('other'));
  await store.close();
});

describe('a store whose folder is removed while it is written', () => {
  it('is made again with everything, and says so', async () => {
    using folder = new TestFolder();
    const { logger, warnings } = rememberingLogger();
    const store = await openTestStore(folder.at('out', 'run'), { logger, folderCheckMs: 20 });
    await discoverAll(store, ['a.png', 'b.png']);
    await store.put(put(['a.png']));
    rmSync(folder.at('out'), { recursive: true });
    await store.put(put(['b.png']));
    await expect.poll(() => warnings, { timeout: 10_000 }).toHaveLength(1);
    await store.put(put(['c.png']));
    await store.close();

    const reader = readStore(folder.at('out', 'run'));
    expect(keysOf(reader)).toEqual(['a.png', 'b.png']);
    expect(['a.png', 'b.png', 'c.png'].map((id) => reader.record(id)?.id)).toEqual(['a.png', 'b.png', 'c.png']);
    await reader.close();
    expect(warnings[0]).toContain(folder.at('out', 'run'));
  });

  it('loses no record that is put while it is made again', async () => {
    using folder = new TestFolder();
    const { logger, warnings } = rememberingLogger();
    const store = await openTestStore(folder.at('run'), { logger, folderCheckMs: 5 });
    rmSync(folder.at('run'), { recursive: true });
    let records = 0;
    while (warnings.length === 0 || records < 200) {
      await store.put(put([String(records)]));
      records += 1;
    }
    await store.close();
    const reader = readStore(folder.at('run'));
    for (let index = 0; index < records; index += 1) expect(reader.outcome(String(index))?.status).toBe('ok');
    await reader.close();
  });

  it('is lost where the folder cannot be made again', async () => {
    using folder = new TestFolder();
    const lost: Error[] = [];
    const store = await openTestStore(folder.at('out', 'run'), {
      folderCheckMs: 20,
      onLost: (error) => lost.push(error),
    });
    rmSync(folder.at('out'), { recursive: true });
    writeFileSync(folder.at('out'), 'a file');
    await expect.poll(() => lost, { timeout: 10_000 }).toHaveLength(1);
    expect(lost[0]?.message).toMatch(/^STORE_FAILED: /);
    await store.close();
  });

  it('is lost, not overwritten, where another store has taken its place', async () => {
    using folder = new TestFolder();
    const lost: Error[] = [];
    const store = await openTestStore(folder.at('run'), { folderCheckMs: 20, onLost: (error) => lost.push(error) });
    const other = await openTestStore(folder.at('other'));
    await other.put(put(['other.png']));
    await other.close();
    mkdirSync(folder.at('aside'));
    renameSync(folder.at('run'), folder.at('aside', 'run'));
    renameSync(folder.at('other'), folder.at('run'));
    await expect.poll(() => lost, { timeout: 10_000 }).toHaveLength(1);
    await store.close();
    const reader = readStore(folder.at('run'));
    expect(reader.record('other.png')?.id).toBe('other.png');
    await reader.close();
  });
});

describe('a folder that holds files of others', () => {
  it('is refused with exit 2, and left as it was', async () => {
    using folder = new TestFolder();
    writeFileSync(folder.at('page.png'), 'mine');
    await expect(openTestStore(folder.at('.'))).rejects.toMatchObject({ exitCode: 2 });
    expect(readdirSync(folder.at('.'))).toEqual(['page.png']);
  });

  it('keeps them when the store in it is removed', async () => {
    using folder = new TestFolder();
    const store = await openTestStore(folder.at('run'));
    expect(store.isNew).toBe(true);
    writeFileSync(folder.at('run', 'page.png'), 'mine');
    await store.remove();
    expect(readdirSync(folder.at('run'))).toEqual(['page.png']);
  });
});

describe('a store that is removed', () => {
  it('leaves nothing, and another can begin there', async () => {
    using folder = new TestFolder();
    await (await openTestStore(folder.at('run'))).remove();
    expect(existsSync(folder.at('run'))).toBe(false);
    const again = await openTestStore(folder.at('run'));
    expect(again.isNew).toBe(true);
    await again.put(put(['a.png']));
    await again.close();
  });
});
