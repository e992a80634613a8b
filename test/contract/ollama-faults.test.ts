import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { Outcome } from '../support/ollama/faults.js';
import { type FakeOllama, startOllama } from '../support/ollama/server.js';
import { imageOfBytes } from './ollama-images.js';
import { chat, linesOf, until, type WireResponse } from './ollama-wire.js';

const ask = (changes: object = {}) => ({
  model: 'tiny',
  messages: [{ role: 'user', content: 'read' }],
  options: { num_predict: 100 },
  ...changes,
});
const lastOf = (response: WireResponse) => linesOf(response).at(-1);
const reasonOf = (response: WireResponse) => lastOf(response)?.done_reason;
const contentOf = (response: WireResponse) =>
  linesOf(response)
    .map(({ message }) => (message as { content: string } | undefined)?.content ?? '')
    .join('');

/** What a streaming client sees of an outcome: status, last line's reason or error, end of the connection. */
const STREAMED: readonly (readonly [Outcome, object])[] = [
  [
    { kind: 'stop', text: 'as told' },
    { status: 200, reason: 'stop', content: 'as told' },
  ],
  [
    { kind: 'length', afterTokens: 3 },
    { status: 200, reason: 'length' },
  ],
  [
    { kind: 'loop', text: 'again and' },
    { status: 200, reason: 'length' },
  ],
  [
    { kind: 'loop', text: 'again' },
    { status: 200, done: false, end: 'end' },
  ],
  [{ kind: 'whitespace' }, { status: 200, done: false, content: ' '.repeat(30) }],
  [{ kind: 'thinking-only' }, { status: 200, reason: 'stop', content: '' }],
  [{ kind: 'empty' }, { status: 200, reason: 'stop', content: '' }],
  [
    { kind: 'silent-end', afterTokens: 2 },
    { status: 200, done: false, end: 'end' },
  ],
  [
    { kind: 'error', afterTokens: 2 },
    { status: 200, error: /^an error was encountered .*CUDA error/, end: 'end' },
  ],
  [
    { kind: 'error', afterTokens: 0 },
    { status: 500, error: /CUDA error/ },
  ],
  [
    { kind: 'crash', afterTokens: 2 },
    { status: 200, error: /unexpected EOF$/ },
  ],
  [
    { kind: 'crash', afterTokens: 0 },
    { status: 500, error: /unexpected EOF$/ },
  ],
  [
    { kind: 'reset', afterTokens: 2 },
    { status: 200, end: 'eof' },
  ],
  [
    { kind: 'reset', afterTokens: 0 },
    { status: null, end: 'closed-before-headers' },
  ],
  [{ kind: 'image' }, { status: 400, error: /"message":"Failed to load image or audio file"/ }],
  [{ kind: 'context' }, { status: 400, error: /"n_ctx":4096/ }],
  [{ kind: 'chunk-not-found' }, { status: 500, error: /Chunk not found/ }],
  [{ kind: 'busy' }, { status: 503, error: /^server busy/ }],
  [{ kind: 'forbidden' }, { status: 403, body: '' }],
  [{ kind: 'model-missing' }, { status: 404, error: /^model 'tiny' not found$/ }],
  [{ kind: 'too-large' }, { status: 413, error: /^$/ }],
  [
    { kind: 'html', status: 502 },
    { status: 502, body: expect.stringContaining('<html>') },
  ],
];

describe('a fault strikes as a real server would show it', () => {
  for (const [outcome, expected] of STREAMED) {
    it(JSON.stringify(outcome), async () => {
      await using server = await startOllama();
      server.faults.add({ nth: [1], outcome });
      const struck = await chat(server.url, ask());
      expect(seen(struck)).toMatchObject(matching(expected));
      const next = await chat(server.url, ask({ messages: [{ role: 'user', content: 'next' }] }));
      const stays = outcome.kind === 'chunk-not-found'; // sticky for this image, here: for no image
      expect(next.status).toBe(stays ? 500 : 200);
    });
  }

  it('a hang in the middle of a stream ends with the client only', async () => {
    await using server = await startOllama();
    server.faults.add({ outcome: { kind: 'hang', afterTokens: 2 } });
    const leaving = new AbortController();
    let body = '';
    const hung = chat(server.url, ask(), {
      signal: leaving.signal,
      onBody: (soFar) => {
        body = soFar;
      },
    });
    await until(() => body.split('\n').length === 3);
    expect(server.asks[0]?.endedAt).toBeNull();
    leaving.abort();
    await expect(hung).rejects.toThrow();
    await until(() => server.asks[0]?.aborted === true);
  });
});

describe('a fault strikes', () => {
  const statuses = async (server: FakeOllama, count: number) => {
    const answers: (number | null)[] = [];
    for (let nth = 0; nth < count; nth++) answers.push((await chat(server.url, ask())).status);
    return answers;
  };

  it('the image that it names, and no other', async () => {
    await using server = await startOllama();
    const [bad, good] = [imageOfBytes('png', 400), imageOfBytes('png', 401)];
    const imageSha256 = createHash('sha256').update(bad).digest('hex');
    server.faults.add({ imageSha256, outcome: { kind: 'image' } });
    const withImage = (bytes: Buffer) =>
      ask({ messages: [{ role: 'user', content: 'read', images: [bytes.toString('base64')] }] });
    expect((await chat(server.url, withImage(bad))).status).toBe(400);
    expect((await chat(server.url, withImage(good))).status).toBe(200);
    expect((await chat(server.url, withImage(bad))).status).toBe(400);
  });

  it('so many times', async () => {
    await using server = await startOllama();
    server.faults.add({ times: 2, outcome: { kind: 'busy' } });
    expect(await statuses(server, 4)).toEqual([503, 503, 200, 200]);
  });

  it('for a while', async () => {
    await using server = await startOllama();
    server.faults.add({ nth: [2], forMs: 50, outcome: { kind: 'busy' } });
    expect(await statuses(server, 3)).toEqual([200, 503, 503]);
    const fromMs = performance.now();
    while ((await chat(server.url, ask())).status === 503) expect(performance.now() - fromMs).toBeLessThan(1000);
  });

  it('a share of requests, the same ones for the same seed', async () => {
    const pattern = async (seed: number) => {
      await using server = await startOllama();
      server.faults.add({ probability: 0.5, seed, outcome: { kind: 'busy' } });
      return await statuses(server, 20);
    };
    const first = await pattern(1);
    expect(await pattern(1)).toEqual(first);
    expect(await pattern(2)).not.toEqual(first);
    expect(new Set(first)).toEqual(new Set([200, 503]));
  });

  it('never a preload', async () => {
    await using server = await startOllama();
    server.faults.add({ outcome: { kind: 'busy' } });
    expect((await chat(server.url, { model: 'tiny', messages: [] })).status).toBe(200);
  });

  it('a broken prompt cache until the model was unloaded', async () => {
    await using server = await startOllama();
    server.faults.add({ nth: [1], outcome: { kind: 'chunk-not-found' } });
    expect(await statuses(server, 2)).toEqual([500, 500]);
    await chat(server.url, { model: 'tiny', messages: [], keep_alive: 0 });
    expect(await statuses(server, 1)).toEqual([200]);
  });
});

function seen(response: WireResponse): object {
  const { status, end, body } = response;
  const isJson = response.headers['content-type']?.startsWith('application/') === true;
  if (!isJson) return { status, end, body };
  const { done, error } = lastOf(end === 'eof' ? { ...response, body: body.replace(/[^\n]*$/, '') } : response) ?? {};
  return { status, end, body, done, error, reason: reasonOf(response), content: contentOf(response) };
}

/** Regular expressions stand for the strings that they match. */
function matching(expected: object): object {
  const entries = Object.entries(expected);
  return Object.fromEntries(
    entries.map(([name, value]) => [name, value instanceof RegExp ? expect.stringMatching(value) : value]),
  );
}
