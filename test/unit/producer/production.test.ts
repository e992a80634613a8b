import { describe, expect, it } from 'vitest';
import { createMemoryQueue } from '../../../jobs/memory-queue.js';
import type { Queue } from '../../../jobs/queue.js';
import type { VisionJob } from '../../../jobs/vision-job.js';
import { fingerprint } from '../../../src/core/fingerprint.js';
import type { FoundItem } from '../../../src/core/item.js';
import { sourceMark } from '../../../src/core/source-mark.js';
import { Tally } from '../../../src/core/tally.js';
import { type ItemFailure, type ProduceOptions, produce } from '../../../src/producer/produce.js';
import { reconcile } from '../../../src/producer/reconcile.js';
import { Window } from '../../../src/producer/window.js';
import type { StoredOutcome } from '../../../src/results/layout.js';
import { anAsk, aRecord } from '../../support/builders.js';

const ASK = fingerprint(anAsk());

const OUTCOME: StoredOutcome = {
  status: 'ok',
  code: null,
  fingerprint: ASK,
  digest: null,
  sourceBytes: 1,
  sourceMtime: null,
  sourceEtag: null,
  start: 1,
  duplicateOf: null,
  source: '',
  message: null,
};

const found = (key: string): FoundItem => ({
  key,
  sources: [{ ref: { root: 'r', path: key }, size: 1, mtimeMs: 0 }],
  page: 1,
});

/** A production over a memory queue whose "lane" is the test: what is taken ends at once, or is lost. */
function aProduction(keys: readonly string[], changes: Partial<ProduceOptions> = {}) {
  const queue = createMemoryQueue();
  const tally = new Tally();
  const pending = new Set<string>();
  const ended = new Map<string, number>();
  const failed: ItemFailure[] = [];
  const stop = new AbortController();
  const options: ProduceOptions = {
    batches: async function* () {
      yield keys.map(found);
    },
    runId: 'run',
    fingerprint: ASK,
    policy: { accepted: [], redo: false, retry: 'none', start: 1 },
    limit: null,
    queue,
    window: new Window({ queue, size: () => 2_000, signal: stop.signal }),
    tally,
    pending,
    outcome: (key) => (ended.has(key) ? OUTCOME : undefined),
    uncleanEnds: () => 0,
    carryOver: async () => null,
    write: async () => {},
    onKept: async () => {},
    derive: () => null,
    settle: async () => {},
    fail: async (items) => {
      for (const item of items) {
        failed.push(item);
        ended.set(item.item.key, 1);
        tally.add({ status: 'failed', code: item.failure.code });
      }
    },
    signal: stop.signal,
    ...changes,
  };
  const finish = (job: VisionJob) => {
    ended.set(job.key, (ended.get(job.key) ?? 0) + 1);
    if (pending.delete(job.key)) tally.add({ status: 'ok', code: null });
  };
  return { options, queue, tally, failed, ended, finish };
}

/** Serves a queue as lane and collector do, with what happens to each job in between. */
function serving(queue: Queue, slots: number, take: (job: VisionJob) => Promise<void>) {
  const lane = queue.serve({
    name: 'lane',
    slots,
    handle: async (job) => {
      await take(job);
      return { record: aRecord({ id: job.key, ask_fingerprint: ASK }), attempts: [] };
    },
    refused: () => {},
  });
  const stop = new AbortController();
  const collecting = (async () => {
    for await (const { ack } of queue.records(stop.signal)) await ack();
  })();
  return {
    async close() {
      stop.abort();
      await collecting;
      await lane.close();
      await queue.close();
    },
  };
}

/** A queue that loses whatever is added. */
function losing(queue: Queue): Queue {
  return {
    add: async () => {},
    serve: (handler) => queue.serve(handler),
    records: (signal) => queue.records(signal),
    counts: () => queue.counts(),
    withdraw: () => queue.withdraw(),
    purge: () => queue.purge(),
    close: () => queue.close(),
  };
}

it('records that are carried over are written a batch at a time, before their rows are given out', async () => {
  const keys = ['a', 'b', 'c'];
  const done: string[] = [];
  const { options, queue, tally } = aProduction(keys, {
    outcome: (key) => ({ ...OUTCOME, source: sourceMark(key), sourceMtime: '2026-01-01T00:00:00.000Z', start: 0 }),
    policy: { accepted: [{ fingerprint: ASK, digest: null }], redo: false, retry: 'none', start: 1 },
    carryOver: async ({ key }) => [{ record: aRecord({ id: key }), attempts: [] }],
    write: async (batch) => void done.push(`write ${batch.map(({ record }) => record.id).join(' ')}`),
    onKept: async (key) => void done.push(key),
  });
  await produce(options);
  expect(done).toEqual(['write a b c', ...keys]);
  expect(tally.counts()).toMatchObject({ items: 3, ok: 3, left: 0 });
  await queue.close();
});

it('items that lie elsewhere are looked at together', async () => {
  const keys = Array.from({ length: 16 }, (_, at) => `s3://b/${at}`);
  let resolve = (): void => {};
  const all = new Promise<void>((done) => {
    resolve = done;
  });
  let looking = 0;
  const { options, queue, tally } = aProduction(keys, {
    batches: async function* () {
      yield keys.map((key) => ({ key, sources: [{ ref: { url: key }, size: 1, mtimeMs: 0 }], page: 1 }));
    },
    outcome: (key) => ({ ...OUTCOME, source: sourceMark(key), sourceMtime: '2026-01-01T00:00:00.000Z', start: 0 }),
    policy: { accepted: [{ fingerprint: ASK, digest: null }], redo: false, retry: 'none', start: 1 },
    carryOver: async () => {
      looking += 1;
      if (looking === keys.length) resolve();
      await all;
      return [];
    },
  });
  await produce(options);
  expect(tally.counts()).toMatchObject({ items: 16, ok: 16, left: 0 });
  await queue.close();
});

describe('the reconcile', () => {
  it('adds again what a flushed queue has lost', async () => {
    const keys = ['a', 'b', 'c', 'd'];
    const { options, queue, tally, finish } = aProduction(keys);
    await produce(options);
    expect((await queue.counts()).waiting).toBe(4);
    await queue.purge(); // as FLUSHALL does
    const lane = serving(queue, 4, async (job) => finish(job));
    await reconcile(options);
    expect(tally.counts()).toMatchObject({ items: 4, ok: 4, left: 0 });
    await lane.close();
  });

  it('counts a record that came between the look that found none and the adding of its job', async () => {
    const { options, queue, tally, ended } = aProduction(['a', 'b']);
    await produce(options);
    await queue.purge(); // collected and acknowledged …
    ended.set('a', 1).set('b', 1); // … before the collector knew that this start waits for them
    await reconcile(options);
    expect(tally.counts()).toMatchObject({ items: 2, ok: 2, left: 0 });
    await queue.close();
  });

  it('ends a run whose queue loses an item again and again', async () => {
    const { options, queue, tally, failed } = aProduction(['a']);
    await produce(options);
    await queue.purge();
    const window = new Window({ queue: losing(queue), size: () => 2_000, signal: options.signal });
    await reconcile({ ...options, window });
    expect(failed).toMatchObject([{ item: { key: 'a' }, failure: { code: 'UNEXPECTED' } }]);
    expect(tally.left).toBe(0);
    await queue.close();
  });
});

describe('an item that kills the process', () => {
  it('runs alone after three such ends, and is to blame after the fourth', async () => {
    const ends: Record<string, number> = { b: 3, c: 4 };
    const { options, queue, failed, finish } = aProduction(['a', 'b', 'c', 'd'], {
      uncleanEnds: (key) => ends[key] ?? 0,
    });
    let inHand = 0;
    const besides: Record<string, number> = {};
    const lane = serving(queue, 4, async (job) => {
      inHand += 1;
      await new Promise(setImmediate);
      besides[job.key] = inHand - 1;
      inHand -= 1;
      finish(job);
    });
    await produce(options);
    await reconcile(options);
    expect(failed).toMatchObject([{ item: { key: 'c' }, failure: { code: 'ITEM_CRASHES_WORKER' } }]);
    expect(besides.b).toBe(0);
    expect(Object.keys(besides).sort()).toEqual(['a', 'b', 'd']);
    await lane.close();
  });
});

describe('--limit', () => {
  it('asks the first items of the input and counts the others as skipped', async () => {
    const { options, queue, tally } = aProduction(['a', 'b', 'c'], { limit: 2 });
    await produce(options);
    expect((await queue.counts()).waiting).toBe(2);
    expect(tally.counts()).toMatchObject({ items: 3, skipped: 1, left: 2 });
    await queue.close();
  });

  it('counts an item beyond it that is done as done', async () => {
    const { options, queue, tally, ended } = aProduction(['a', 'b', 'c'], { limit: 1 });
    ended.set('c', 1);
    await produce(options);
    expect(tally.counts()).toMatchObject({ items: 3, ok: 1, skipped: 1, left: 1 });
    await queue.close();
  });
});
