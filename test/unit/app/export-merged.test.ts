import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { VisionRecord } from '../../../src/core/record.js';
import { isOfShard, type Shard } from '../../../src/core/shard.js';
import type { RunMeta } from '../../../src/results/run-meta.js';
import { readStore } from '../../../src/results/store-reader.js';
import { anAsk, aRecord, aRunMeta } from '../../support/builders.js';
import { readRows } from '../../support/rows.js';
import { discovered, openTestStore, TestFolder } from '../results/stores.js';
import { cliIn } from './stored-run.js';

interface ARun {
  /** Keys by folder, in the order of the inputs. */
  readonly folders: readonly (readonly string[])[];
  readonly records: readonly VisionRecord[];
  readonly meta?: Partial<RunMeta>;
}

/** Keeps a run as the store `name` of the folder. */
async function keep(folder: TestFolder, name: string, { folders, meta = {}, records }: ARun): Promise<void> {
  const store = await openTestStore(folder.at(name));
  await store.writeMeta(aRunMeta({ name, discovered: true, ...meta }));
  const discovery = await store.discovery();
  for (const keys of folders) {
    const ordinal = discovery.folder(0);
    await discovery.add(keys.map((key) => discovered(key, ordinal)));
  }
  await discovery.finish();
  await store.put(records.map((record) => ({ record, attempts: [] })));
  await store.close();
}

const records = (...ids: readonly string[]) => ids.map((id) => aRecord({ id, text: `text of ${id}` }));
const failed = (id: string, finished_at: string) =>
  aRecord({ id, status: 'failed', error: { code: 'HOST_TIMEOUT', message: 'late' }, finished_at });
const shardMeta = (shard: Shard): Partial<RunMeta> => ({ shard: { ...shard, own: 0, all: 0 } });
const idsIn = async (file: string) => (await readRows(file)).map(({ id }) => id);

const trees = fc.record({
  folders: fc.array(fc.uniqueArray(fc.nat({ max: 50 }), { maxLength: 8 }), { minLength: 1, maxLength: 5 }),
  unanswered: fc.nat({ max: 50 }),
  of: fc.integer({ min: 1, max: 4 }),
});

describe('an export of several runs', () => {
  it('is, of all shards, that of the run without shards, row for row', async () => {
    await fc.assert(
      fc.asyncProperty(trees, async ({ folders: numbers, of, unanswered }) => {
        using folder = new TestFolder();
        const folders = numbers.map((names, at) => names.map((name) => `${at}/${name}.png`));
        const rows = records(...folders.flat().filter((key) => !key.endsWith(`/${unanswered}.png`)));
        await keep(folder, 'whole', { folders, records: rows });
        const names = Array.from({ length: of }, (_, at) => `shard-${at + 1}`);
        for (const [at, name] of names.entries()) {
          const mine = (key: string) => isOfShard(key, { index: at + 1, of });
          const own = { folders: folders.map((keys) => keys.filter(mine)), records: rows.filter(({ id }) => mine(id)) };
          await keep(folder, name, { ...own, meta: shardMeta({ index: at + 1, of }) });
        }
        await cliIn(folder, 'export', 'whole', '-o', 'whole.jsonl');
        const { code } = await cliIn(folder, 'export', ...names.toReversed(), '-o', 'all.jsonl', '-o', 'all.csv');
        expect(code).toBe(0);
        expect(await readRows(folder.at('all.jsonl'))).toEqual(await readRows(folder.at('whole.jsonl')));
      }),
      { numRuns: 4 },
    );
  });

  it('has one row an item, the better one: ok before the rest, then the newer', async () => {
    using folder = new TestFolder();
    const at = (hour: number) => `2026-01-02T0${hour}:00:00.000Z`;
    const ids = ['a', 'b', 'c', 'd'];
    const first = [aRecord({ id: 'a', finished_at: at(1) }), failed('b', at(2)), failed('c', at(1))];
    const second = [failed('a', at(2)), failed('b', at(1)), aRecord({ id: 'd', finished_at: at(1) })];
    const third = [aRecord({ id: 'a', finished_at: at(3), text: 'newer' }), failed('c', at(4))];
    await keep(folder, 'one', { folders: [ids], records: first });
    await keep(folder, 'two', { folders: [ids], records: second });
    await keep(folder, 'three', { folders: [ids], records: third });
    const { stderr } = await cliIn(folder, 'export', 'one', 'two', 'three', '-o', 'all.jsonl');
    expect((await readRows(folder.at('all.jsonl'))).map(({ id, finished_at }) => [id, finished_at])).toEqual([
      ['a', at(3)],
      ['b', at(2)],
      ['c', at(4)],
      ['d', at(1)],
    ]);
    expect(stderr).toContain('all.jsonl: 4 rows of 4\n');
  });

  it('puts what only a later run has behind the first, each item where it comes first', async () => {
    using folder = new TestFolder();
    await keep(folder, 'one', { folders: [['b', 'd']], records: records('b', 'd') });
    const meta = { inputs: ['/data/scans', '/data/scans/more.csv'] };
    await keep(folder, 'two', { folders: [['a', 'b', 'c', 'd', 'e']], records: records('a', 'b', 'c'), meta });
    await cliIn(folder, 'export', 'one', 'two', '-o', 'all.jsonl');
    expect(await idsIn(folder.at('all.jsonl'))).toEqual(['b', 'd', 'a', 'c']);
  });

  it('interleaves shards whose inputs are mounted elsewhere', async () => {
    using folder = new TestFolder();
    const elsewhere = { root: { name: 'scans', path: '/mnt/b/scans' }, inputs: ['/mnt/b/scans'] };
    await keep(folder, 'two', { folders: [['b']], records: records('b'), meta: shardMeta({ index: 2, of: 2 }) });
    const meta = { ...elsewhere, ...shardMeta({ index: 1, of: 2 }) };
    await keep(folder, 'one', { folders: [['a', 'c']], records: records('a', 'c'), meta });
    await cliIn(folder, 'export', 'two', 'one', '-o', 'all.jsonl');
    expect(await idsIn(folder.at('all.jsonl'))).toEqual(['a', 'b', 'c']);
  });

  it('names runs that lack rows, and shards that are not there', async () => {
    using folder = new TestFolder();
    const found = { folders: [['a', 'b']], records: records('a') };
    await keep(folder, 'two', { ...found, meta: { ...shardMeta({ index: 2, of: 3 }), discovered: false } });
    await keep(folder, 'three', { folders: [['c']], records: records('c'), meta: shardMeta({ index: 3, of: 3 }) });
    const { code, stderr, stdout } = await cliIn(folder, 'export', 'two', 'three', '-o', 'all.jsonl', '--json');
    expect(code).toBe(0);
    expect(stderr).toContain('two: 1 of 2 rows are missing, and not all of its items are found yet');
    expect(stderr).toContain('Shards that are not among these runs: 1/3');
    expect(stderr).not.toContain('three:');
    expect(JSON.parse(stdout)).toMatchObject({
      outputs: [{ path: folder.at('all.jsonl'), rows: 2, items: 3 }],
      runs: [
        { run: 'two', shard: '2/3', items: 2, rows: 1, missing: 1, running: false },
        { run: 'three', shard: '3/3', missing: 0 },
      ],
    });
  });

  it('refuses runs of different questions, unless they may be mixed; then a table has the columns of all', async () => {
    using folder = new TestFolder();
    await keep(folder, 'one', { folders: [['a']], records: records('a') });
    const ask = anAsk({
      task: 'classify',
      taskName: 'classify',
      form: { kind: 'labels', labels: ['x', 'y'], multi: false },
    });
    const meta = { ask, carried: ['shop'], inputs: ['/data/others'] };
    await keep(folder, 'two', { folders: [['b']], records: [aRecord({ id: 'b', label: 'x' })], meta });
    const refused = await cliIn(folder, 'export', 'one', 'two', '-o', 'all.csv');
    expect(refused.code).toBe(2);
    expect(refused.stderr).toMatch(/got one and two, which differ:\nerror: {3}task: "ocr", and "classify"/);
    expect((await cliIn(folder, 'export', 'one', 'two', '-o', 'all.csv', '-o', 'all.jsonl', '--mixed')).code).toBe(0);
    expect(await idsIn(folder.at('all.jsonl'))).toEqual(['a', 'b']);
    expect(readFileSync(folder.at('all.csv'), 'utf8').split('\n').slice(0, 3)).toEqual([
      'id,source,page,status,text,error.code,error.message,warnings,shop,label',
      'a,a,1,ok,text of a,,,,,',
      'b,b,1,ok,Hello,,,,,x',
    ]);
  });

  it('refuses two versions of one model, and takes a run that has met none for either', async () => {
    using folder = new TestFolder();
    const digests = { one: 'a'.repeat(64), two: 'b'.repeat(64), none: null };
    for (const [name, digest] of Object.entries(digests))
      await keep(folder, name, { folders: [[name]], records: records(name), meta: { digest } });
    const refused = await cliIn(folder, 'export', 'one', 'two', '-o', 'all.jsonl');
    expect(refused.code).toBe(2);
    expect(refused.stderr).toContain(`the model's digest: ${digests.one}, and ${digests.two}`);
    expect((await cliIn(folder, 'export', 'one', 'none', '-o', 'all.jsonl')).code).toBe(0);
    expect((await cliIn(folder, 'export', 'one', 'two', '-o', 'all.jsonl', '--mixed', '--overwrite')).code).toBe(0);
    expect(await idsIn(folder.at('all.jsonl'))).toEqual(['one', 'two']);
  });

  it('loses no value of a CSV where two tasks name one alike, and tells its column', async () => {
    using folder = new TestFolder();
    const schema = { type: 'object', properties: { text: { type: 'string' }, total: { type: 'number' } } };
    const ask = anAsk({ task: 'extract', form: { kind: 'data', schema, columns: null } });
    const data = aRecord({ id: 'b', text: null, data: { text: 'twelve', total: 12 } });
    await keep(folder, 'one', { folders: [['a']], records: records('a') });
    await keep(folder, 'two', { folders: [['b']], records: [data], meta: { ask } });
    const { stderr } = await cliIn(folder, 'export', 'one', 'two', '-o', 'all.csv', '--mixed');
    expect(readFileSync(folder.at('all.csv'), 'utf8')).toBe(
      [
        'id,source,page,status,text,error.code,error.message,warnings,data.text,total',
        'a,a,1,ok,text of a,,,,,',
        'b,b,1,ok,,,,,twelve,12',
        '',
      ].join('\n'),
    );
    expect(stderr).toContain('CSV columns that could not have their own name: text is data.text\n');
  });

  it('takes a run that is named twice once, by its first name', async () => {
    using folder = new TestFolder();
    await keep(folder, 'one', { folders: [['a', 'b']], records: records('a', 'b') });
    const { stdout } = await cliIn(folder, 'export', 'one', folder.at('one'), '-o', 'all.jsonl', '--json');
    expect(await idsIn(folder.at('all.jsonl'))).toEqual(['a', 'b']);
    expect(JSON.parse(stdout)).toMatchObject({ runs: [{ run: 'one', items: 2, rows: 2 }] });
  });

  it('puts runs over two folders one behind the other, as they are named', async () => {
    using folder = new TestFolder();
    await keep(folder, 'one', { folders: [['b', 'd']], records: records('b', 'd') });
    const meta = { root: { name: 'letters', path: '/data/letters' }, inputs: ['/data/letters'] };
    await keep(folder, 'two', { folders: [['a', 'c']], records: records('a', 'c'), meta });
    for (const [names, ids] of [
      [['one', 'two'], 'bdac'],
      [['two', 'one'], 'acbd'],
    ] as const) {
      await cliIn(folder, 'export', ...names, '-o', 'all.jsonl');
      expect((await idsIn(folder.at('all.jsonl'))).join('')).toBe(ids);
    }
  });

  it.each([
    { discovered: true, finished: true },
    { discovered: false, finished: false },
  ])(
    'counts as finished only where every item of every run is known ($discovered)',
    async ({ discovered, finished }) => {
      using folder = new TestFolder();
      await keep(folder, 'one', { folders: [['a']], records: records('a') });
      await keep(folder, 'two', { folders: [['b']], records: records('b'), meta: { discovered } });
      await cliIn(folder, 'export', 'one', 'two', '-o', 'all.jsonl');
      const reader = readStore(folder.at('two'));
      expect(reader.mergedOutputs()).toMatchObject([{ path: folder.at('all.jsonl'), rows: 2, finished }]);
      await reader.close();
    },
  );

  it('refuses two images of one id in different folders: one of them would be lost', async () => {
    using folder = new TestFolder();
    const sized = (bytes: number) => [aRecord({ id: 'a', source_bytes: bytes })];
    await keep(folder, 'one', { folders: [['a']], records: sized(100) });
    const meta = { root: { name: 'letters', path: '/data/letters' }, inputs: ['/data/letters'] };
    await keep(folder, 'two', { folders: [['a']], records: sized(200), meta });
    const { code, stderr } = await cliIn(folder, 'export', 'one', 'two', '-o', 'all.jsonl');
    expect(code).toBe(2);
    expect(stderr).toContain('one below /data/scans (one) and another below /data/letters (two)');
  });

  it('knows its own file the next time, and leaves those of single runs alone', async () => {
    using folder = new TestFolder();
    await keep(folder, 'one', { folders: [['a', 'b']], records: records('a') });
    await keep(folder, 'two', { folders: [['a', 'b']], records: records('b') });
    const all = () => cliIn(folder, 'export', 'two', 'one', '-o', 'all.jsonl');
    expect([(await all()).code, (await all()).code]).toEqual([0, 0]);
    expect((await cliIn(folder, 'export', 'one', '-o', 'all.jsonl')).code).toBe(5);
    expect((await cliIn(folder, 'export', 'one')).stderr).toContain('no output file yet');
    await cliIn(folder, 'export', 'one', '-o', 'one.jsonl');
    expect((await cliIn(folder, 'export', 'one', 'two', '-o', 'one.jsonl')).code).toBe(5);
    expect((await cliIn(folder, 'export', 'one', 'two')).stderr).toContain('Name one: -o out.csv');
  });
});
