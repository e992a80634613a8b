import { writeFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { type BatchOptions, type RecordOf, runBatch } from '../../src/index.js';
import { type TestFolder, testFolder, tinyPng } from '../support/images.js';
import { startOllama } from '../support/ollama/server.js';
import { threePages } from '../support/zoo/papers.js';
import { type UrlServer, urlServer } from '../unit/inputs/urls/url-server.js';

interface Served {
  readonly bytes: Uint8Array;
  readonly etag?: string;
  readonly modified?: string;
  /** Instead of 200. */
  readonly status?: number;
}

/** A site whose images a test may change, and what it answered to each of them since it was last looked at. */
interface Site {
  readonly images: Map<string, Served>;
  readonly server: UrlServer;
  answers(): readonly string[];
}

async function site(images: Readonly<Record<string, Served>>): Promise<Site & AsyncDisposable> {
  const served = new Map(Object.entries(images));
  let answers: string[] = [];
  const server = await urlServer(({ headers, url = '' }, response) => {
    const name = url.slice(1);
    const { bytes = new Uint8Array(), etag, modified, status } = served.get(name) ?? { status: 404 };
    const isKnown =
      (etag !== undefined && headers['if-none-match'] === etag) ||
      (modified !== undefined && headers['if-modified-since'] === modified);
    const code = status ?? (isKnown ? 304 : 200);
    answers.push(`${name} ${code}`);
    if (etag !== undefined) response.setHeader('ETag', etag);
    if (modified !== undefined) response.setHeader('Last-Modified', modified);
    response.writeHead(code).end(code === 200 ? bytes : undefined);
  });
  return {
    images: served,
    server,
    answers() {
      const sorted = answers.toSorted();
      answers = [];
      return sorted;
    },
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

async function records(options: BatchOptions<null>): Promise<readonly RecordOf<null>[]> {
  const all: RecordOf<null>[] = [];
  for await (const record of runBatch(options)) all.push(record);
  return all.toSorted((a, b) => (a.id < b.id ? -1 : 1));
}

async function listOf(folder: TestFolder, { images, server }: Site): Promise<string> {
  const rows = [...images.keys()].map((name) => `${name},${server.url}/${name}\n`);
  await writeFile(folder.at('list.csv'), `id,url\n${rows.join('')}`);
  return folder.at('list.csv');
}

const EARLY = 'Wed, 21 Oct 2015 07:28:00 GMT';
const LATE = 'Thu, 22 Oct 2015 07:28:00 GMT';

describe('a finished run of URLs started again', () => {
  it('asks its sites nothing, and with --recheck-urls the model only about what has changed', async () => {
    const [one, two, three, four, other] = await Promise.all([1, 2, 3, 4, 5].map((side) => tinyPng(side)));
    if (!one || !two || !three || !four || !other) throw new Error('Expected five images');
    await using folder = await testFolder();
    await using ollama = await startOllama();
    await using web = await site({
      etag: { bytes: one, etag: '"1"' },
      time: { bytes: two, modified: EARLY },
      bare: { bytes: three },
      touched: { bytes: four, etag: '"a"', modified: EARLY },
      changes: { bytes: one, etag: '"old"' },
    });
    const inputs = await listOf(folder, web);
    const options: BatchOptions<null> = {
      ...{ task: 'caption', inputs, host: ollama.url, state: folder.at('state'), allowPrivateUrls: true },
    };
    const first = await records(options);
    expect(first.map(({ id, status }) => [id, status])).toEqual(
      ['bare', 'changes', 'etag', 'time', 'touched'].map((id) => [id, 'ok']),
    );
    expect(web.answers()).toHaveLength(5);
    expect(await records(options)).toEqual(first);
    expect(web.answers()).toEqual([]);

    web.images.set('touched', { bytes: four, etag: '"b"', modified: LATE });
    web.images.set('changes', { bytes: other, etag: '"new"' });
    const again = await records({ ...options, recheckUrls: true });
    expect(web.answers()).toEqual(
      ['bare 200', 'changes 200', 'changes 200', 'etag 304', 'time 304', 'touched 200'], // what has changed is fetched to be asked
    );
    expect(ollama.asks).toHaveLength(6);
    expect(again[1]).toMatchObject({ id: 'changes', source_etag: '"new"' });
    expect(again.filter(({ id }) => id !== 'changes' && id !== 'touched')).toEqual(
      first.filter(({ id }) => id !== 'changes' && id !== 'touched'),
    );
    expect(again[4]).toEqual({
      ...first[4],
      source_etag: '"b"',
      source_mtime: new Date(LATE).toISOString(),
    });
    await records({ ...options, recheckUrls: true });
    expect(web.answers()).toEqual(['bare 200', 'changes 304', 'etag 304', 'time 304', 'touched 304']);
    expect(ollama.asks).toHaveLength(6);
  });

  it('keeps the rows of a site that has a bad night, and fails those whose images are gone', async () => {
    const [one, two] = await Promise.all([1, 2].map((side) => tinyPng(side)));
    if (!one || !two) throw new Error('Expected two images');
    await using folder = await testFolder();
    await using ollama = await startOllama();
    await using web = await site({ a: { bytes: one, etag: '"1"' }, b: { bytes: two, etag: '"2"' } });
    const inputs = await listOf(folder, web);
    const warned: string[] = [];
    const logger = { debug() {}, info() {}, error() {}, warn: (line: string) => void warned.push(line) };
    const options: BatchOptions<null> = {
      ...{ task: 'caption', inputs, host: ollama.url, state: folder.at('state'), allowPrivateUrls: true, logger },
    };
    const first = await records(options);
    for (const bad of [
      { bytes: one, status: 403 },
      { bytes: one, status: 400 },
      { bytes: Buffer.from('<!doctype html><html>Please log in</html>') },
      { bytes: Buffer.from('{"error":"over quota"}') },
    ]) {
      web.images.set('a', bad);
      expect(await records({ ...options, recheckUrls: true })).toEqual(first);
    }
    warned.length = 0;
    web.images.set('a', { bytes: one, status: 500 });
    web.images.set('b', { bytes: two, status: 404 });
    const [a, b] = await records({ ...options, recheckUrls: true });
    expect(a).toEqual(first[0]);
    expect(b).toMatchObject({ id: 'b', status: 'failed', error: { code: 'IMAGE_MISSING' } });
    expect(warned).toContainEqual(expect.stringContaining('1 URL could not be asked'));
    expect(ollama.asks).toHaveLength(2);
  });

  it('asks about a document once, not once a page, and keeps its pages while its site is down', async () => {
    const pdf = threePages();
    await using folder = await testFolder();
    await using ollama = await startOllama();
    await using web = await site({ 'a.pdf': { bytes: pdf, etag: '"1"' } });
    const inputs = await listOf(folder, web);
    const options: BatchOptions<null> = {
      ...{ task: 'caption', inputs, host: ollama.url, state: folder.at('state'), allowPrivateUrls: true },
    };
    const first = await records(options);
    expect(first.map(({ id, status }) => `${id} ${status}`)).toEqual(['a.pdf#1 ok', 'a.pdf#2 ok', 'a.pdf#3 ok']);
    web.answers();
    expect(await records({ ...options, recheckUrls: true })).toEqual(first);
    expect(web.answers()).toEqual(['a.pdf 304']);
    web.images.set('a.pdf', { bytes: pdf, status: 500 });
    for (const recheckUrls of [false, true]) expect(await records({ ...options, recheckUrls })).toEqual(first);
    expect(web.answers()).toEqual(['a.pdf 500']);
    expect(ollama.asks).toHaveLength(3);
  });

  it('asks for what a row names now; a URL that failed is looked at again with --recheck-urls', async () => {
    await using folder = await testFolder();
    await using ollama = await startOllama();
    await using web = await site({ a: { bytes: new TextEncoder().encode('<html>Soon</html>') } });
    const inputs = await listOf(folder, web);
    const options: BatchOptions<null> = {
      ...{ task: 'caption', inputs, host: ollama.url, state: folder.at('state'), allowPrivateUrls: true },
    };
    expect(await records(options)).toMatchObject([{ status: 'failed', error: { code: 'IMAGE_UNREADABLE' } }]);
    web.images.set('a', { bytes: await tinyPng(1) });
    expect(await records(options)).toMatchObject([{ status: 'failed' }]);
    expect(await records({ ...options, recheckUrls: true })).toMatchObject([{ status: 'ok' }]);

    web.images.set('b', { bytes: await tinyPng(2) });
    await writeFile(inputs, `id,url\na,${web.server.url}/b\n`);
    expect(await records(options)).toMatchObject([{ id: 'a', status: 'ok', source: `${web.server.url}/b` }]);
    expect(ollama.asks).toHaveLength(2);
  });
});
