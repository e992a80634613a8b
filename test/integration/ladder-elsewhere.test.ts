import { once } from 'node:events';
import { createServer } from 'node:http';
import { describe, expect, it } from 'vitest';
import { aPage, aScene, type Scene } from './scene.js';

/** A host says nothing, or stops in the middle of an answer. */
const STALLS = [
  { kind: 'hang', afterTokens: 0 },
  { kind: 'hang', afterTokens: 2 },
] as const;
const LIMITS = ['--connect-timeout', '500ms', '--first-token-timeout', '1s', '--silence-timeout', '1s'];
/** An item that finds no host that may take it would go round for ever. */
const SOON = { timeout: 30_000 };

/** Two hosts, of which the first is ready before the other one, and so gets the item first. */
const twoHosts = (): Promise<Scene> => aScene({}, { loadMs: 300 });

const urlsOf = ({ hosts }: Scene) => hosts.map(({ url }) => url);
const asksOf = ({ hosts }: Scene) => hosts.map(({ asks }) => asks.length);

describe('after ANSWER_STALLED', () => {
  it.each(STALLS)('the item goes to the other host, and nothing is counted or warned of: %j', SOON, async (outcome) => {
    await using scene = await twoHosts();
    const [, other] = urlsOf(scene);
    await scene.write('scans/a.png', await aPage(1));
    scene.ollama.faults.add({ outcome });
    const [row] = await scene.rows(0, 'ocr', 'scans', ...LIMITS);
    expect(row).toMatchObject({ status: 'ok', warnings: [], attempts: 1, host: other });
    expect(asksOf(scene)).toEqual([1, 1]);
    expect(await scene.attempts('a.png')).toEqual([{ host: other, code: null, change: null }]);
  });

  it('the row is failed where every host stalls, and what the first one was asked is not counted', SOON, async () => {
    await using scene = await twoHosts();
    const [, other] = urlsOf(scene);
    await scene.write('scans/a.png', await aPage(1));
    for (const { faults } of scene.hosts) faults.add({ outcome: { kind: 'hang', afterTokens: 0 } });
    const [row] = await scene.rows(1, 'ocr', 'scans', ...LIMITS);
    expect(row).toMatchObject({ status: 'failed', text: '', error: { code: 'ANSWER_STALLED' }, attempts: 4 });
    expect(asksOf(scene)).toEqual([1, 4]);
    const stalled = { host: other, code: 'ANSWER_STALLED' };
    const again = { ...stalled, change: 'other-host' };
    expect(await scene.attempts('a.png')).toEqual([{ ...stalled, change: null }, again, again, again]);
  });

  it('the only host is asked again, and a row that it then answers is ok without a warning', SOON, async () => {
    await using scene = await aScene({});
    const [host] = urlsOf(scene);
    await scene.write('scans/a.png', await aPage(1));
    scene.ollama.faults.add({ outcome: { kind: 'hang', afterTokens: 2 }, times: 1 });
    const [row] = await scene.rows(0, 'ocr', 'scans', ...LIMITS);
    expect(row).toMatchObject({ status: 'ok', warnings: [], attempts: 2 });
    expect(await scene.attempts('a.png')).toEqual([
      { host, code: 'ANSWER_STALLED', change: null },
      { host, code: null, change: 'other-host' },
    ]);
  });
});

/** Serves a page; `/once.png` only from the second request on, `/never.png` never. */
async function startImageServer(page: Buffer) {
  const fetched: string[] = [];
  const server = createServer(({ url = '' }, response) => {
    const isFirst = !fetched.includes(url);
    fetched.push(url);
    const works = url !== '/never.png' && !(url === '/once.png' && isFirst);
    response.writeHead(works ? 200 : 503, works ? { 'Content-Type': 'image/png' } : {}).end(works ? page : '');
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('Expected a port');
  return {
    at: (name: string) => `http://127.0.0.1:${address.port}/${name}`,
    fetched,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await once(server.close(), 'close');
    },
  };
}

describe('after URL_FETCH', () => {
  it('the image is fetched again, up to the last attempt, before any model is asked', SOON, async () => {
    await using images = await startImageServer(await aPage(1));
    await using scene = await aScene({});
    await scene.write('pages.csv', `id,image\nonce,${images.at('once.png')}\nnever,${images.at('never.png')}\n`);
    const rows = await scene.rows(1, 'ocr', 'pages.csv', '--allow-private-urls');
    expect(rows).toMatchObject([
      { id: 'once', status: 'ok', warnings: [], attempts: 2 },
      { id: 'never', status: 'failed', error: { code: 'URL_FETCH' }, attempts: 4 },
    ]);
    expect(images.fetched.filter((url) => url === '/never.png')).toHaveLength(4);
    expect(asksOf(scene)).toEqual([1]);
    const tries = async (item: string) => (await scene.attempts(item)).map(({ change, code }) => [change, code]);
    expect(await tries('once')).toEqual([
      [null, 'URL_FETCH'],
      ['again', null],
    ]);
    const again = ['again', 'URL_FETCH'];
    expect(await tries('never')).toEqual([[null, 'URL_FETCH'], again, again, again]);
  });
});
