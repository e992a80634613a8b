import { readdir, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type BatchOptions, defineTask, type RecordOf, runBatch, type Snapshot } from '../../../../src/index.js';
import { testFolder, tinyPng, writeImages } from '../../../support/images.js';
import { startOllama } from '../../../support/ollama/server.js';
import { urlServer } from '../../inputs/urls/url-server.js';

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

  it('asks its prompt as the question of ask, filled for every item', async () => {
    await using folder = await testFolder();
    await using ollama = await startOllama({ answer: ({ prompt }) => `You asked: ${prompt}` });
    await writeImages(folder.at('scans'), 1);
    const inputs = folder.at('scans');
    const [record] = await recordsOf({ task: 'ask', prompt: 'Is {{file.name}} right?', inputs, host: ollama.url });
    expect(record).toMatchObject({ status: 'ok', text: expect.stringMatching(/Is \S+\.png right\?/) });
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
