import { readdir, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import {
  type BatchOptions,
  defineTask,
  type RecordOf,
  runBatch,
  type Snapshot,
  type VisionBatchError,
} from '../../../../src/index.js';
import { testFolder, tinyPng, writeImages } from '../../../support/images.js';
import { startOllama } from '../../../support/ollama/server.js';
import { urlServer } from '../../inputs/url-server.js';

const GEMMA = [{ name: 'gemma3', family: 'gemma3' }];

/** All records of a batch, by id. */
async function recordsOf<T>(options: BatchOptions<T>): Promise<readonly RecordOf<T>[]> {
  const records: RecordOf<T>[] = [];
  for await (const record of runBatch(options)) records.push(record);
  return records.toSorted((a, b) => (a.id < b.id ? -1 : 1));
}

/** Temporary folders of runs that keep nothing. */
async function leftovers(): Promise<readonly string[]> {
  return (await readdir(tmpdir())).filter((name) => name.startsWith('visionbatch-run-'));
}

describe('a batch', () => {
  it('is its records as they are done, then a summary, and nothing stays behind', async () => {
    await using folder = await testFolder();
    await using ollama = await startOllama({ slots: 2 });
    const keys = await writeImages(folder.at('scans'), 5);
    const before = { listeners: process.listenerCount('SIGINT'), folders: await leftovers() };
    const batch = runBatch({ task: 'ocr', inputs: folder.at('scans'), host: `${ollama.url},slots=2` });
    const ids: string[] = [];
    for await (const { id, status } of batch) {
      expect(process.listenerCount('SIGINT')).toBe(before.listeners);
      expect(status).toBe('ok');
      ids.push(id);
    }
    expect(ids.toSorted()).toEqual(keys);
    expect(await batch.summary).toMatchObject({ end: 'finished', exitCode: 0, made: 5, counts: { items: 5, ok: 5 } });
    expect(await leftovers()).toEqual(before.folders);
  });

  it('writes its outputs without an iteration, and tells its progress', async () => {
    await using folder = await testFolder();
    await using ollama = await startOllama({ serviceMs: 400 });
    await writeImages(folder.at('scans'), 3);
    const seen: Snapshot[] = [];
    const output = [folder.at('out.jsonl'), folder.at('out.csv')];
    const progress = (snapshot: Snapshot) => seen.push(snapshot);
    const batch = runBatch({ task: 'ocr', inputs: folder.at('scans'), host: ollama.url, output, progress });
    const { outputs, counts } = await batch.summary;
    expect(outputs.map(({ rows, finished }) => [rows, finished])).toEqual([
      [3, true],
      [3, true],
    ]);
    expect((await readFile(folder.at('out.jsonl'), 'utf8')).trim().split('\n')).toHaveLength(3);
    expect(counts.ok).toBe(3);
    expect(seen.map((snapshot) => snapshot.counts.items)).toContain(3);
    await expect(batch[Symbol.asyncIterator]().next()).rejects.toThrow('to begin before the first record');
  });

  it('asks of a continued run only what is new, and has the records of before all the same', async () => {
    await using folder = await testFolder();
    await using ollama = await startOllama();
    await writeImages(folder.at('scans'), 2);
    const options = { task: 'ocr', inputs: folder.at('scans'), host: ollama.url, state: folder.at('state') } as const;
    expect(await recordsOf({ ...options, limit: 1 })).toHaveLength(1);
    expect(await recordsOf(options)).toHaveLength(2);
    expect(ollama.asks).toHaveLength(2);
  });

  it('has data of the type that its task’s schema says', async () => {
    await using folder = await testFolder();
    await using ollama = await startOllama({ answer: () => '{"side":72}' });
    await writeImages(folder.at('scans'), 1);
    const task = defineTask({ name: 'size', prompt: 'How large?', schema: z.object({ side: z.number() }) });
    const [record] = await recordsOf({ task, inputs: folder.at('scans'), host: ollama.url });
    expect(record?.status === 'ok' && record.data.side).toBe(72);
  });
});

describe('items of a program', () => {
  const task = defineTask({ name: 'what', prompt: 'kind {{kind}}' });

  it('are bytes, paths and URLs, several images and columns, each with its id', async () => {
    await using folder = await testFolder();
    const answer = ({ images, prompt }: { images: readonly string[]; prompt: string }) => `${images.length}: ${prompt}`;
    await using ollama = await startOllama({ answer, models: GEMMA });
    await writeImages(folder.at('scans'), 1);
    const base64 = (await tinyPng(2)).toString('base64');
    const served = await tinyPng(3);
    await using web = await urlServer((_, response) => response.end(served));
    const records = await recordsOf({
      task,
      host: ollama.url,
      allowPrivateUrls: true,
      inputs: [
        { id: 'a', images: await tinyPng(1), row: { kind: 'x' } },
        { id: 'b', images: [folder.at('scans/d00/0000.png'), base64], row: { kind: 'y' } },
        { id: 'c', images: 'data:image/png;base64,%%', row: { kind: 'z' } },
        { id: 'd', images: folder.at('scans/none.png'), row: { kind: 'z' } },
        { id: 'e', images: new URL(`${web.url}/e.png`), row: { kind: 'u' } },
      ],
    });
    expect(records.map(({ id, source, text, error, row }) => [id, source, text, error?.code, row])).toEqual([
      ['a', 'bytes:a', '1: kind x', undefined, { kind: 'x' }],
      ['b', ['d00/0000.png', 'bytes:b#2'], expect.stringMatching(/^2: .*kind y$/s), undefined, { kind: 'y' }],
      ['c', 'bytes:c', null, 'IMAGE_UNREADABLE', { kind: 'z' }],
      ['d', 'none.png', null, 'IMAGE_MISSING', { kind: 'z' }],
      ['e', `${web.url}/e.png`, '1: kind u', undefined, { kind: 'u' }],
    ]);
  });

  it('are asked again where their bytes are others, and only there', async () => {
    await using folder = await testFolder();
    await using ollama = await startOllama({ models: GEMMA });
    const [one, two, other] = await Promise.all([tinyPng(1), tinyPng(2), tinyPng(3)]);
    expect(other.length).toBe(two.length);
    const start = (second: Uint8Array) =>
      recordsOf({
        task: 'caption',
        host: ollama.url,
        state: folder.at('state'),
        inputs: [
          { id: 'a', images: one },
          { id: 'b', images: second },
        ],
      });
    const before = await start(two);
    expect(await start(two)).toMatchObject(before.map(({ text }) => ({ text })));
    expect(ollama.asks).toHaveLength(2);
    const after = await start(other);
    expect(after.map(({ text }, at) => text === before[at]?.text)).toEqual([true, false]);
    expect(ollama.asks).toHaveLength(3);
  });

  it('are compared by their own groups', async () => {
    await using ollama = await startOllama({ models: GEMMA });
    const images = [await tinyPng(1), await tinyPng(2)];
    const [record] = await recordsOf({ task: 'compare', host: ollama.url, inputs: [{ id: 'pair', images }] });
    expect(record).toMatchObject({ id: 'pair', status: 'ok', source: ['bytes:pair', 'bytes:pair#2'] });
  });
});

describe('a stop', () => {
  it('by leaving the loop ends what is in hand, and the next call goes on', async () => {
    await using folder = await testFolder();
    await using ollama = await startOllama({ serviceMs: 20 });
    await writeImages(folder.at('scans'), 40);
    const options = { task: 'ocr', inputs: folder.at('scans'), host: ollama.url, state: folder.at('state') } as const;
    const batch = runBatch(options);
    for await (const _ of batch) break;
    const { counts, end, exitCode } = await batch.summary;
    expect({ end, exitCode }).toEqual({ end: 'stopped', exitCode: 130 });
    expect(counts.ok).toBeGreaterThan(0);
    expect(counts.ok).toBeLessThan(40);
    expect(ollama.asks.some(({ aborted }) => aborted)).toBe(false);
    expect(await recordsOf(options)).toHaveLength(40);
    expect(ollama.asks).toHaveLength(40);
  });

  it('by a signal ends the iteration without an error', async () => {
    await using folder = await testFolder();
    await using ollama = await startOllama({ serviceMs: 20 });
    await writeImages(folder.at('scans'), 40);
    const stop = new AbortController();
    const batch = runBatch({ task: 'ocr', inputs: folder.at('scans'), host: ollama.url, signal: stop.signal });
    const ids: string[] = [];
    for await (const { id } of batch) {
      ids.push(id);
      stop.abort();
    }
    const { counts, end } = await batch.summary;
    expect(end).toBe('stopped');
    expect(ids).toHaveLength(counts.ok);
    expect(counts.left).toBe(40 - counts.ok);
  });

  it('before the beginning asks nobody', async () => {
    await using folder = await testFolder();
    await using ollama = await startOllama();
    await writeImages(folder.at('scans'), 1);
    const options = { task: 'ocr', inputs: folder.at('scans'), host: ollama.url, signal: AbortSignal.abort() } as const;
    expect(await recordsOf(options)).toEqual([]);
    expect(await runBatch(options).summary).toMatchObject({ end: 'stopped', made: 0 });
    expect(ollama.asks).toEqual([]);
  });
});

describe('a batch that cannot be', () => {
  const images = 'a.png';
  it.each<[BatchOptions<unknown>, number, string]>([
    [{ task: 'ocr', inputs: [] }, 2, 'Expected `inputs` to name images, got none'],
    [{ task: 'ocr', inputs: 'nowhere' }, 2, 'Expected an input to be a folder, a file or a glob, got `nowhere`'],
    [
      { task: 'ocr', inputs: 'a.png', limit: 0, attempts: 0 },
      2,
      'limit: Expected a whole number, 1 or more, got 0\natt',
    ],
    [{ task: 'ocr', inputs: 'a.png', output: '-' }, 2, 'output: Expected a path that ends in .jsonl or .csv, got -'],
    [{ task: 'ask', inputs: 'a.png' }, 2, 'question: Expected at least one question'],
    [{ task: 'extract', inputs: 'a.png' }, 2, 'Expected `schema` to be a zod type, got none'],
    [{ task: 'compare', inputs: ['a.png', { id: 'a', images: ['a.png', 'b.png'] }] }, 2, 'paths or items, got both'],
    [{ task: 'compare', inputs: [{ id: 'a', images }] }, 2, 'to be two or more, got one'],
    [{ task: 'ocr', inputs: [{ id: 'a', images: [images, images] }] }, 2, 'to be one page, got 2'],
    [
      {
        task: 'caption',
        inputs: [
          { id: 'a', images },
          { id: 'a', images },
        ],
      },
      2,
      'every id once, got "a" twice',
    ],
    [{ task: 'caption', inputs: [{ id: ' ', images }] }, 2, 'Expected `inputs[0].id` to be text'],
    [{ task: 'ocr', inputs: [{ id: 'a', images: new Uint8Array(1) }], redis: 'redis://h', model: 'm' }, 2, 'got bytes'],
  ])('rejects both its loop and its summary: %#', async (options, exitCode, message) => {
    const errors: VisionBatchError[] = [];
    const batch = runBatch(options);
    await batch[Symbol.asyncIterator]()
      .next()
      .catch((error: VisionBatchError) => errors.push(error));
    await batch.summary.catch((error: VisionBatchError) => errors.push(error));
    expect(errors).toHaveLength(2);
    expect(errors[0]).toBe(errors[1]);
    expect(errors[0]).toMatchObject({ name: 'VisionBatchError', exitCode });
    expect(errors[0]?.message).toContain(message);
  });

  it('says which host is not there', async () => {
    await using folder = await testFolder();
    await writeImages(folder.at('scans'), 1);
    const batch = runBatch({ task: 'ocr', inputs: folder.at('scans'), model: 'm', host: 'http://127.0.0.1:1' });
    await expect(batch.summary).rejects.toMatchObject({ exitCode: 3, message: expect.stringContaining('127.0.0.1:1') });
  });

  it('is iterated over once', async () => {
    await using folder = await testFolder();
    await using ollama = await startOllama();
    await writeImages(folder.at('scans'), 1);
    const batch = runBatch({ task: 'ocr', inputs: folder.at('scans'), host: ollama.url });
    for await (const _ of batch) await expect(batch[Symbol.asyncIterator]().next()).rejects.toThrow('second iteration');
  });
});
