import { mkdirSync, renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { loadSettings } from '../../../../config/load.js';
import { createMemoryQueue } from '../../../../jobs/memory-queue.js';
import type { VisionJob } from '../../../../jobs/vision-job.js';
import { Production } from '../../../../src/app/run/production.js';
import { RunState } from '../../../../src/app/run/run-state.js';
import type { Urls } from '../../../../src/app/urls.js';
import type { Ask } from '../../../../src/core/ask.js';
import { VisionError } from '../../../../src/core/errors.js';
import { fingerprint, sha256Hex } from '../../../../src/core/fingerprint.js';
import { outcomeRecord } from '../../../../src/core/outcome-record.js';
import { NO_RESULT, type VisionRecord } from '../../../../src/core/record.js';
import { Tally } from '../../../../src/core/tally.js';
import { SILENT } from '../../../../src/core/telling.js';
import { commonRoot, nameRoots } from '../../../../src/inputs/input-folders.js';
import { sourceReader } from '../../../../src/inputs/open.js';
import { readingOrder } from '../../../../src/inputs/reading-order.js';
import { resolveInputs } from '../../../../src/inputs/resolve.js';
import { createS3 } from '../../../../src/inputs/s3/s3-client.js';
import { Collector } from '../../../../workers/collector.js';
import { zipOf } from '../../../support/archives.js';
import { anAsk, aProfile, aReader, aRunMeta } from '../../../support/builders.js';
import { openTestStore, TestFolder } from '../../results/stores.js';

/** No URL is asked for here. */
const NO_URLS: Urls = {
  s3: createS3({ maxBytes: 1, timeoutMs: 1, endpoint: null }),
  read: () => Promise.reject(new Error('unexpected')),
  readIfChanged: () => Promise.reject(new Error('unexpected')),
  close: async () => {},
};

interface StartOptions {
  readonly inputs: readonly string[];
  readonly ask?: Ask;
  readonly flags?: Readonly<Record<string, unknown>>;
  /** How many pages a file of these bytes has. */
  readonly countPages?: (bytes: Uint8Array) => Promise<number>;
}

const onePage = async (): Promise<number> => 1;

/** One start of a run whose only lane reads each file and answers `ok`: the keys it asked, and the rows of the run. */
async function start(folder: TestFolder, options: StartOptions) {
  const { ask = anAsk(), countPages = onePage, flags = {}, inputs: given } = options;
  const command = ask.task === 'compare' ? 'compare' : 'ocr';
  const { settings } = await loadSettings({
    command,
    task: command,
    flags: { output: ['rows.jsonl'], ...flags },
    env: {},
    file: null,
    cwd: folder.path,
  });
  const severalImages = ask.task === 'compare';
  const around = { cwd: folder.path, severalImages, wordColumns: [] };
  const inputs = readingOrder(await resolveInputs(given, { ...settings, ...around }));
  const roots = nameRoots(inputs, commonRoot(inputs, folder.path));
  const store = await openTestStore(folder.at('store'));
  const fresh = aRunMeta({ ask, fingerprint: fingerprint(ask), root: roots[0], starts: 0 });
  const before = store.meta() ?? { ...fresh, accepted: [{ fingerprint: fresh.fingerprint, digest: null }] };
  const state = new RunState(store, { ...before, starts: before.starts + 1 });
  await state.change({});
  const queue = createMemoryQueue();
  const open = sourceReader(roots, { maxBytes: 1_000, urls: null });
  const record = () => ({ ask, fingerprint: fingerprint(ask), digest: null });
  const tally = new Tally();
  const pending = new Set<string>();
  const collector = new Collector({
    queue,
    record,
    tally,
    pending,
    put: (batch) => store.put(batch),
    blind: { isThere: async () => false, expel: async () => {} },
    onRecords: async () => {},
    onAwaited: async () => {},
  });
  const asked: string[] = [];
  const lane = queue.serve({
    name: 'lane',
    slots: 2,
    handle: async (job) => {
      asked.push(job.key);
      return { record: await answered(job, { ask, open }), attempts: [] };
    },
    refused: () => {},
  });
  const over = new AbortController();
  const collecting = collector.run(over.signal);
  const production = new Production({
    inputs,
    roots,
    settings,
    store,
    state,
    queue,
    collector,
    record,
    tally,
    pending,
    readers: aReader(open),
    countPages,
    logger: SILENT,
    urls: NO_URLS,
    windowSize: () => 1_000,
    onKept: async () => {},
    onDiscovered: async () => {},
  });
  try {
    await production.run(over.signal);
    return { asked: asked.sort(), rows: [...store.items()].map(({ item }) => store.record(item.key)) };
  } finally {
    over.abort();
    await collecting;
    await lane.close();
    await queue.close();
    await store.close();
  }
}

/** What a worker would write that got an answer. */
async function answered(
  job: VisionJob,
  { ask, open }: { readonly ask: Ask; readonly open: ReturnType<typeof sourceReader> },
): Promise<VisionRecord> {
  const sources = await Promise.all(
    job.sources.map(async (ref) => {
      const { bytes, mtimeMs, size } = await open(ref);
      const sides = { width: 1, height: 1, sent_width: 1, sent_height: 1 };
      return { ref, size, mtimeMs, image: { sha256: sha256Hex(bytes), ...sides, sent_bytes: size } };
    }),
  );
  const facts = {
    key: job.key,
    sources,
    page: job.page,
    pages: null,
    ...(job.vars === undefined ? {} : { row: job.vars }),
    host: 'lane',
    attempts: 1,
    queuedMs: 0,
    totalMs: 1,
    finishedMs: 0,
    warnings: [],
    verify: null,
  };
  const context = { ask, fingerprint: fingerprint(ask), digest: null };
  return outcomeRecord(context, facts, { status: 'ok', result: { ...NO_RESULT, text: 'x' }, answer: null });
}

/** Files `0.jpg`, `1.jpg`, … of different sizes in a folder. */
function images(folder: TestFolder, name: string, count: number): void {
  mkdirSync(folder.at(name), { recursive: true });
  for (let n = 0; n < count; n += 1) writeFileSync(folder.at(name, `${n}.jpg`), 'x'.repeat(n + 1));
}

function manifest(folder: TestFolder, rows: readonly string[], header = 'id,image,note'): void {
  writeFileSync(folder.at('list.csv'), `${[header, ...rows].join('\n')}\n`);
}

const numbered = (count: number) =>
  Array.from({ length: count }, (_, n) => `${n},${n % 2 === 0 ? 'a' : 'b'}/${n}.jpg,-`);
const statuses = (rows: readonly (VisionRecord | undefined)[]) => rows.map((row) => row?.status);

describe('a run of a manifest', () => {
  it('has a row for each of its rows, in their order, and asks none a second time', async () => {
    using folder = new TestFolder();
    images(folder, 'a', 2);
    manifest(folder, ['x,a/1.jpg,first', 'y,gone.jpg,', 'w,a/0.jpg,"la\nst"']);
    const first = await start(folder, { inputs: ['list.csv'] });
    expect(first.asked).toEqual(['w', 'x']);
    expect(first.rows).toMatchObject([
      { id: 'x', source: 'a/1.jpg', source_bytes: 2, row: { id: 'x', note: 'first' }, status: 'ok' },
      { id: 'y', error: { code: 'IMAGE_MISSING' }, row: { id: 'y', note: '' } },
      { id: 'w', source: 'a/0.jpg', row: { note: 'la\nst' } },
    ]);
    expect((await start(folder, { inputs: ['list.csv'] })).asked).toEqual([]);
  });

  it('takes new words of a row over without asking, unless the question is made with them', async () => {
    using folder = new TestFolder();
    images(folder, 'a', 1);
    const ask = anAsk({ prompt: 'What is {{ title }}?' });
    const inputs = ['list.csv'];
    const row = (words: string) => manifest(folder, [`1,a/0.jpg,${words}`], 'id,image,title,note');
    row('cup,old');
    expect((await start(folder, { inputs, ask })).asked).toEqual(['1']);
    row('cup,new');
    expect(await start(folder, { inputs, ask })).toMatchObject({ asked: [], rows: [{ row: { note: 'new' } }] });
    utimesSync(folder.at('a', '0.jpg'), 1, 1);
    row('cup,newer');
    expect(await start(folder, { inputs, ask })).toMatchObject({
      asked: [],
      rows: [{ row: { note: 'newer' }, source_mtime: '1970-01-01T00:00:01.000Z' }],
    });
    row('mug,newer');
    expect((await start(folder, { inputs, ask })).asked).toEqual(['1']);
  });

  it('asks again what has another image now', async () => {
    using folder = new TestFolder();
    images(folder, 'a', 3);
    manifest(folder, ['1,a/0.jpg,', '2,a/1.jpg,']);
    await start(folder, { inputs: ['list.csv'] });
    manifest(folder, ['1,a/2.jpg,', '2,a/1.jpg,']);
    expect((await start(folder, { inputs: ['list.csv'] })).asked).toEqual(['1']);
  });

  it('asks for what a row names now, though it has the size and time of what it named; moved bytes keep theirs', async () => {
    using folder = new TestFolder();
    images(folder, 'a', 0);
    for (const [name, bytes] of Object.entries({ old: 'old', new: 'new', moved: 'old' })) {
      writeFileSync(folder.at('a', `${name}.jpg`), bytes);
      utimesSync(folder.at('a', `${name}.jpg`), 1, 1);
    }
    manifest(folder, ['1,a/old.jpg,', '2,a/old.jpg,', '3,ftp://h.example/a.jpg,']);
    const first = await start(folder, { inputs: ['list.csv'] });
    expect(first.rows[2]).toMatchObject({ status: 'failed', source: 'ftp://h.example/a.jpg' });
    manifest(folder, ['1,a/new.jpg,', '2,a/moved.jpg,', '3,a/old.jpg,']);
    const second = await start(folder, { inputs: ['list.csv'] });
    expect(second.asked).toEqual(['1', '3']);
    expect(second.rows).toMatchObject([
      { source: 'a/new.jpg' },
      { ...first.rows[1], source: 'a/moved.jpg', row: { id: '2' } },
      { source: 'a/old.jpg', status: 'ok' },
    ]);
  });

  it('asks again for bytes that were moved where the question names their place', async () => {
    using folder = new TestFolder();
    const ask = anAsk({ prompt: 'What is {{file.name}}?' });
    for (const name of ['old', 'moved']) {
      images(folder, name, 1);
      manifest(folder, [`1,${name}/0.jpg,`]);
      expect((await start(folder, { inputs: ['list.csv'], ask })).asked).toEqual(['1']);
    }
  });

  it('is refused before the first question where two rows have one id, in one file or in two', async () => {
    using folder = new TestFolder();
    images(folder, 'a', 2);
    manifest(folder, ['1,a/0.jpg,', '2,a/0.jpg,', '1,a/1.jpg,']);
    await expect(start(folder, { inputs: ['list.csv'] })).rejects.toMatchObject({
      exitCode: 2,
      message: 'list.csv:4: An earlier row is called "1", too.',
    });
    writeFileSync(folder.at('other.csv'), 'id,image\n2,a/1.jpg\n');
    manifest(folder, ['1,a/0.jpg,', '2,a/0.jpg,']);
    await expect(start(folder, { inputs: ['list.csv', 'other.csv'] })).rejects.toMatchObject({
      message: 'other.csv:2: An earlier row is called "2", too.',
    });
  });

  it('stops where rows are gone, or their files, and keeps the answers', async () => {
    using folder = new TestFolder();
    images(folder, 'a', 60);
    images(folder, 'b', 60);
    const inputs = ['list.csv'];
    manifest(folder, numbered(60));
    await start(folder, { inputs });
    renameSync(folder.at('b'), folder.at('unmounted'));
    const half = /^30 of 60 items that are done are gone, of 30 the file only\.$/;
    await expect(start(folder, { inputs })).rejects.toMatchObject({
      exitCode: 2,
      message: expect.stringMatching(half),
    });
    renameSync(folder.at('a'), folder.at('unmounted-too'));
    await expect(start(folder, { inputs })).rejects.toMatchObject({
      message: expect.stringMatching(/list\.csv held 60 items at the last start and holds none now\.$/),
    });
    renameSync(folder.at('unmounted'), folder.at('b'));
    renameSync(folder.at('unmounted-too'), folder.at('a'));
    const again = await start(folder, { inputs });
    expect(again.asked).toEqual([]);
    expect(statuses(again.rows)).toEqual(Array.from({ length: 60 }, () => 'ok'));
    manifest(folder, numbered(30));
    await expect(start(folder, { inputs })).rejects.toMatchObject({ message: expect.stringMatching(/^30 of 60 /) });
    expect((await start(folder, { inputs, flags: { allowShrink: true } })).rows).toHaveLength(30);
  });
});

describe('a table beside a folder', () => {
  it.each([[['a', 'list.csv']], [['list.csv', 'a']]])(
    'without ids gives its columns to the files that it names: %j',
    async (inputs) => {
      using folder = new TestFolder();
      images(folder, 'a', 3);
      manifest(folder, ['a/0.jpg,first', 'a/2.jpg,last'], 'image,title');
      const { asked, rows } = await start(folder, { inputs });
      expect(asked).toEqual(['a/0.jpg', 'a/1.jpg', 'a/2.jpg']);
      expect(rows).toMatchObject([
        { id: 'a/0.jpg', row: { title: 'first' } },
        { id: 'a/2.jpg', row: { title: 'last' } },
        { id: 'a/1.jpg' },
      ]);
    },
  );

  it('may call no image as another file is called, unless they are numbered', async () => {
    using folder = new TestFolder();
    images(folder, 'a', 2);
    manifest(folder, ['a/1.jpg,a/0.jpg,']);
    const inputs = ['a', 'list.csv'];
    await expect(start(folder, { inputs })).rejects.toMatchObject({
      exitCode: 2,
      message: 'Expected "a/1.jpg" to name one image, got a row or item that is called so, and a/1.jpg.',
      fix: expect.stringMatching(/--id-column COLUMN.*--on-repeat number/),
    });
    const { rows } = await start(folder, { inputs, flags: { onRepeat: 'number' } });
    expect(rows).toMatchObject([
      { id: 'a/1.jpg', source: 'a/0.jpg' },
      { id: 'a/0.jpg', source: 'a/0.jpg' },
      { id: 'a/1.jpg~2', source: 'a/1.jpg' },
    ]);
  });
});

describe('a file of many pages', () => {
  const inputs = ['s', 't/a.pdf'];
  const countPages = async (bytes: Uint8Array) => {
    if (bytes.length < 30) throw new VisionError('PDF_UNREADABLE', 'It is damaged.');
    return bytes.length;
  };

  async function ofThirty(folder: TestFolder): Promise<void> {
    mkdirSync(folder.at('s'));
    mkdirSync(folder.at('t'));
    writeFileSync(folder.at('t/a.pdf'), 'x'.repeat(30));
    writeFileSync(folder.at('s/b.jpg'), 'x');
    await start(folder, { inputs, countPages });
  }

  it('stops no run where it is damaged, or other pages are wanted of it', async () => {
    using folder = new TestFolder();
    await ofThirty(folder);
    const again = (flags = {}) => start(folder, { inputs, countPages, flags });
    expect((await again({ pages: '1-2' })).rows).toHaveLength(3);
    expect((await again()).rows).toHaveLength(31);
    expect((await again({ pages: '40-' })).rows).toHaveLength(1);
    expect((await again()).rows).toHaveLength(31);
    writeFileSync(folder.at('t/a.pdf'), 'x');
    expect((await again()).rows).toMatchObject([
      { id: 's/b.jpg' },
      { id: 't/a.pdf', error: { code: 'PDF_UNREADABLE' } },
    ]);
  });

  it('stops the run where it is gone', async () => {
    using folder = new TestFolder();
    await ofThirty(folder);
    rmSync(folder.at('t/a.pdf'));
    await expect(start(folder, { inputs, countPages })).rejects.toMatchObject({
      message: expect.stringMatching(/a\.pdf held 30 items at the last start and holds none now\.$/),
    });
  });
});

it('an archive that is damaged stops no run', async () => {
  using folder = new TestFolder();
  images(folder, 's', 1);
  const members = Array.from({ length: 30 }, (_, n) => ({ name: `m/${n}.jpg`, bytes: Buffer.from('x') }));
  writeFileSync(folder.at('a.zip'), zipOf(members));
  const inputs = ['s', 'a.zip'];
  expect((await start(folder, { inputs })).rows).toHaveLength(31);
  writeFileSync(folder.at('a.zip'), 'PK\x03\x04 and no more');
  expect((await start(folder, { inputs })).rows).toMatchObject([{ id: 's/0.jpg' }, { id: 'a.zip', status: 'failed' }]);
});

describe('a comparison', () => {
  const ask = anAsk({ task: 'compare', taskName: 'compare', profile: aProfile({ maxImages: 3 }) });

  it('has a row for each group, and asks one again where one of its images changed', async () => {
    using folder = new TestFolder();
    images(folder, 's/a', 2);
    images(folder, 's/b', 3);
    const first = await start(folder, { inputs: ['s'], ask });
    expect(first.rows).toMatchObject([
      { id: 'a', source: ['a/0.jpg', 'a/1.jpg'], source_bytes: [1, 2], image: [{}, {}] },
      { id: 'b', source: ['b/0.jpg', 'b/1.jpg', 'b/2.jpg'] },
    ]);
    utimesSync(folder.at('s/a/1.jpg'), 1, 1);
    expect((await start(folder, { inputs: ['s'], ask })).asked).toEqual([]);
    writeFileSync(folder.at('s/b/1.jpg'), 'another');
    expect((await start(folder, { inputs: ['s'], ask })).asked).toEqual(['b']);
    rmSync(folder.at('s/b/2.jpg'));
    expect((await start(folder, { inputs: ['s'], ask })).asked).toEqual(['b']);
  });

  it('is grouped as --group-by says', async () => {
    using folder = new TestFolder();
    images(folder, 's/a', 2);
    images(folder, 's/b', 2);
    const { asked } = await start(folder, { inputs: ['s/a', 's/b'], ask, flags: { groupBy: 'stem' } });
    expect(asked).toEqual(['0', '1']);
  });

  it('is refused where a group has too many images, unless they are stitched', async () => {
    using folder = new TestFolder();
    images(folder, 's/a', 4);
    await expect(start(folder, { inputs: ['s'], ask })).rejects.toMatchObject({
      exitCode: 2,
      message: expect.stringMatching(/at most 3 images/),
    });
    using another = new TestFolder();
    images(another, 's', 4);
    expect((await start(another, { inputs: ['s'], ask: { ...ask, stitch: true } })).asked).toEqual(['.']);
  });
});
