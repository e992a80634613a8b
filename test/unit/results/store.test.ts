import { statSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { sourceMark } from '../../../src/core/source-mark.js';
import { decodeOutcome, encodeOutcome } from '../../../src/results/layout.js';
import { readStore } from '../../../src/results/store-reader.js';
import { aRecord, aRunMeta } from '../../support/builders.js';
import { aFoundItem, discoverAll, discovered, keysOf, openTestStore, TestFolder } from './stores.js';

describe('a store', () => {
  it('gives back a record, its attempts and what the done-check needs', async () => {
    using folder = new TestFolder();
    const store = await openTestStore(folder.at('run'));
    const failed = aRecord({
      id: 'b.png',
      status: 'failed',
      text: 'Ünvollständig 🙂',
      model_digest: 'sha256:1',
      error: { code: 'IMAGE_TRUNCATED', message: 'It ends too early.' },
    });
    await store.writeMeta(aRunMeta({ starts: 3 }));
    const attempts = [{ host: 'http://gpu', code: 'ANSWER_STALLED' as const, message: 'Silent.', ms: 5, change: null }];
    await store.put([
      { record: aRecord({ id: 'a.png' }), attempts: [] },
      { record: failed, attempts },
    ]);
    expect(store.record('b.png')).toEqual(failed);
    expect(store.attempts('b.png')).toEqual(attempts);
    expect(store.attempts('a.png')).toEqual([]);
    expect(store.outcome('b.png')).toEqual({
      status: 'failed',
      code: 'IMAGE_TRUNCATED',
      fingerprint: failed.ask_fingerprint,
      digest: 'sha256:1',
      sourceBytes: 100,
      sourceMtime: '2026-01-02T03:04:05.678Z',
      sourceEtag: null,
      start: 3,
      duplicateOf: null,
      source: sourceMark('b.png'),
      message: 'It ends too early.',
    });
    expect(store.outcome('a.png')).toMatchObject({ status: 'ok', code: null });
    expect([store.record('c.png'), store.outcome('c.png'), store.attempts('c.png')]).toEqual([
      undefined,
      undefined,
      [],
    ]);
    await store.close();
  });

  it('takes what an earlier version did not write of a record from the record', () => {
    const record = aRecord({ status: 'failed', error: { code: 'IMAGE_TRUNCATED', message: 'It ends too early.' } });
    const written = encodeOutcome(record, 1);
    const earlier = Buffer.from(JSON.stringify(JSON.parse(written.toString()).slice(0, 7)));
    expect(decodeOutcome(earlier, () => record)).toEqual(decodeOutcome(written, () => undefined));
    const versioned = encodeOutcome({ ...record, source_etag: '"1"' }, 1);
    expect(decodeOutcome(versioned, () => undefined).sourceEtag).toBe('"1"');
  });

  it('keeps one record of an item that arrives twice, the later one', async () => {
    using folder = new TestFolder();
    const store = await openTestStore(folder.at('run'));
    await discoverAll(store, ['a.png']);
    await store.put([{ record: aRecord({ text: 'first' }), attempts: [] }]);
    await store.put([{ record: aRecord({ text: 'second' }), attempts: [] }]);
    expect([...store.lines()].map((line) => JSON.parse(Buffer.from(line ?? []).toString()).text)).toEqual(['second']);
    await store.close();
  });

  it('holds texts of several megabytes', async () => {
    using folder = new TestFolder();
    const store = await openTestStore(folder.at('run'));
    const text = 'ä'.repeat(3_000_000);
    const attempt = { host: 'h', code: null, message: null, ms: 1, change: null };
    await store.put([{ record: aRecord({ text }), attempts: [attempt] }]);
    expect(store.record('a.png')?.text).toBe(text);
    expect(store.attempts('a.png')).toHaveLength(1);
    await store.close();
  });

  it('sorts names by their bytes, where UTF-16 would sort them differently', async () => {
    using folder = new TestFolder();
    const store = await openTestStore(folder.at('run'));
    const emoji = '\u{1f600}.png';
    const replacement = '\ufffd.png';
    expect([emoji, replacement].sort()).toEqual([emoji, replacement]);
    await discoverAll(store, [emoji, 'b.png', replacement, 'B.png', 'b', 'b.png.png']);
    expect(keysOf(store)).toEqual(['B.png', 'b', 'b.png', 'b.png.png', replacement, emoji]);
    await store.close();
  });

  it('sorts pages as numbers and folders as they were met', async () => {
    using folder = new TestFolder();
    const store = await openTestStore(folder.at('run'));
    const discovery = await store.discovery();
    const [first, second] = [discovery.folder(0), discovery.folder(0)];
    const page = (number: number) => ({
      ...discovered('a/x.pdf', second),
      item: aFoundItem(`a/x.pdf#${number}`, { page: number }),
    });
    await discovery.add([page(10), page(2), discovered('z.png', first)]);
    await discovery.finish();
    expect(keysOf(store)).toEqual(['z.png', 'a/x.pdf#2', 'a/x.pdf#10']);
    await store.close();
  });

  it('holds paths far longer than a key of LMDB', async () => {
    using folder = new TestFolder();
    const store = await openTestStore(folder.at('run'));
    const long = `${'folder/'.repeat(2_000)}x.png`;
    const longNames = [`${'n'.repeat(5_000)}1.png`, `${'n'.repeat(5_000)}2.png`];
    await discoverAll(store, [long, ...longNames]);
    await store.put([{ record: aRecord({ id: long }), attempts: [] }]);
    expect([...keysOf(store)].sort()).toEqual([long, ...longNames].sort());
    expect(store.record(long)?.id).toBe(long);
    await store.close();
  });

  it('is read by others while a run writes, and they see what is new', async () => {
    using folder = new TestFolder();
    const store = await openTestStore(folder.at('run'));
    const reader = readStore(folder.at('run'));
    expect(reader.meta()).toBeNull();
    await store.writeMeta(aRunMeta({ name: 'mine' }));
    await discoverAll(store, ['a.png']);
    await store.put([{ record: aRecord(), attempts: [] }]);
    await expect.poll(() => reader.record('a.png')?.id).toBe('a.png');
    expect(reader.meta()).toMatchObject({ name: 'mine', generation: 1 });
    expect(reader.lock()?.pid).toBe(process.pid);
    await reader.close();
    await store.close();
  });

  it('names the items that were in hand when it was opened again', async () => {
    using folder = new TestFolder();
    const store = await openTestStore(folder.at('run'));
    await store.markRunning(['a.png', 'b.png']);
    await store.put([{ record: aRecord({ id: 'a.png' }), attempts: [] }]);
    await store.close();
    const again = await openTestStore(folder.at('run'));
    expect(again.running()).toEqual(['b.png']);
    await again.close();
  });

  it('forgets everything but its lock for a fresh start', async () => {
    using folder = new TestFolder();
    const store = await openTestStore(folder.at('run'));
    await store.writeMeta(aRunMeta());
    await discoverAll(store, ['a.png']);
    await store.put([{ record: aRecord(), attempts: [] }]);
    await store.noteOutput({ path: '/out.csv', size: 1, mtimeMs: 1, rows: 1, finished: true });
    await store.forget();
    expect([store.meta(), keysOf(store), store.itemCount(), store.record('a.png')]).toEqual([null, [], 0, undefined]);
    await store.writeMeta(aRunMeta());
    expect(store.meta()).toMatchObject({ generation: 0, outputs: [] });
    await expect(openTestStore(folder.at('run'))).rejects.toMatchObject({ exitCode: 6 });
    await store.close();
  });

  it('takes generation and outputs from itself, not from the meta that is written', async () => {
    using folder = new TestFolder();
    const store = await openTestStore(folder.at('run'));
    await store.writeMeta(aRunMeta());
    const stale = store.meta() ?? aRunMeta();
    await discoverAll(store, ['a.png']);
    const output = { path: '/out.csv', size: 1, mtimeMs: 1, rows: 1, finished: true };
    for (const size of [1, 2, 3]) await store.noteOutput({ ...output, size });
    await store.writeMeta(stale);
    expect(store.meta()).toMatchObject({ generation: 1 });
    expect(store.meta()?.outputs.map(({ size }) => size)).toEqual([2, 3]);
    await store.close();
  });

  it('stays out of the way of a folder whose name looks like a file', async () => {
    using folder = new TestFolder();
    const store = await openTestStore(folder.at('.visionbatch', 'out.csv'));
    expect(statSync(folder.at('.visionbatch', 'out.csv')).isDirectory()).toBe(true);
    await store.close();
  });

  it('ends with exit 5 and a place to choose where it cannot be made', async () => {
    using folder = new TestFolder();
    writeFileSync(folder.at('file'), '');
    await expect(openTestStore(folder.at('file', 'run'))).rejects.toMatchObject({
      exitCode: 5,
      fix: expect.stringContaining('--state'),
    });
  });
});
