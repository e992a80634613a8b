import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { startOllama } from '../support/ollama/server.js';
import { serviceFactor } from '../support/ollama/service-time.js';
import { chat, exchangeWith, linesOf, until, type WireResponse } from './ollama-wire.js';

const ask = (changes: object = {}) => ({ model: 'tiny', messages: [{ role: 'user', content: 'read' }], ...changes });
const whole = (response: WireResponse) => JSON.parse(response.body) as Record<string, unknown>;

describe('slots', () => {
  it('serve no more requests at once than there are, and the rest in order of arrival', async () => {
    await using server = await startOllama({ slots: 2, serviceMs: 40 });
    await chat(server.url, { model: 'tiny', messages: [] });
    const finished: number[] = [];
    const answers = [];
    for (const index of [0, 1, 2, 3]) {
      answers.push(chat(server.url, ask({ stream: false })).then(() => finished.push(index)));
      await until(() => server.asks.length === index + 1);
    }
    await Promise.all(answers);
    expect(server.busyHighWater).toBe(2);
    expect(server.highWater).toBe(4);
    expect([...finished.slice(0, 2)].sort()).toEqual([0, 1]);
    expect([...finished.slice(2)].sort()).toEqual([2, 3]);
  });

  it('have no limit of waiting requests once the model is loaded', async () => {
    await using server = await startOllama({ slots: 1, maxQueue: 1, serviceMs: 5 });
    await chat(server.url, { model: 'tiny', messages: [] });
    const answers = await Promise.all(Array.from({ length: 20 }, () => chat(server.url, ask({ stream: false }))));
    expect(answers.map(({ status }) => status)).toEqual(Array(20).fill(200));
  });

  it('count their busy time', async () => {
    await using server = await startOllama({ slots: 2, serviceMs: 50 });
    await Promise.all(Array.from({ length: 4 }, () => chat(server.url, ask())));
    expect(server.busySlotMs()).toBeGreaterThanOrEqual(4 * 49);
    const [first, last] = [server.firstRequestAt ?? 0, server.lastAnswerAt ?? 0];
    expect(last - first).toBeGreaterThanOrEqual(98);
    expect(server.busySlotMs()).toBeLessThanOrEqual(2 * (last - first + 1));
  });

  it('count no trial as work', async () => {
    await using server = await startOllama({ serviceMs: 50 });
    const trial = { messages: [{ role: 'user', content: 'Count from 1 to 100' }] };
    await chat(server.url, ask(trial));
    await until(() => server.requests.every(({ endedAt }) => endedAt !== null));
    expect(server.busyHighWater).toBe(1);
    expect(server.busySlotMs()).toBeLessThan(1);
  });

  it('are free again as soon as a client closes its connection', async () => {
    await using server = await startOllama({ slots: 1, tokenMs: 5 });
    server.faults.add({ nth: [1], outcome: { kind: 'hang', afterTokens: 2 } });
    const leaving = new AbortController();
    const left = chat(server.url, ask(), { signal: leaving.signal, onBody: () => leaving.abort() });
    await expect(left).rejects.toThrow();
    expect((await chat(server.url, ask({ stream: false }))).status).toBe(200);
    expect(server.asks.map(({ aborted }) => aborted)).toEqual([true, false]);
  });

  it('do not go to a client that left while it waited', async () => {
    await using server = await startOllama({ slots: 1, serviceMs: 60 });
    const first = chat(server.url, ask());
    await until(() => server.busyHighWater === 1);
    const leaving = new AbortController();
    const left = chat(server.url, ask(), { signal: leaving.signal });
    await until(() => server.asks.length === 2);
    leaving.abort();
    await expect(left).rejects.toThrow();
    await first;
    expect(server.busySlotMs()).toBeLessThan(100);
  });
});

describe('times that differ from image to image', () => {
  const images = Array.from({ length: 10_000 }, (_, n) => createHash('sha256').update(`${n}`).digest('hex'));

  it('are spread around the median as asked', () => {
    const times = images.map((image) => serviceFactor(image, Math.log(20) / 2.326)).sort((a, b) => a - b);
    expect(times[5_000]).toBeCloseTo(1, 1);
    expect(times[9_900]).toBeGreaterThan(17);
    expect(times[9_900]).toBeLessThan(23);
  });

  it('are the same for the same image, and the median where there is none', () => {
    expect(serviceFactor(images[0] ?? '', 1)).toBe(serviceFactor(images[0] ?? '', 1));
    expect(serviceFactor(null, 1)).toBe(1);
  });
});

describe('a stream', () => {
  it('sends no header before its first token', async () => {
    await using server = await startOllama({ prefillMs: 5 });
    server.faults.add({ nth: [1], outcome: { kind: 'hang', afterTokens: 0 } });
    const leaving = new AbortController();
    const answer = chat(server.url, ask(), { signal: leaving.signal });
    await until(() => server.busyHighWater === 1);
    await exchangeWith(server.url, { method: 'GET', path: '/api/version', body: null }); // it serves others meanwhile
    expect(server.asks[0]?.status).toBeNull();
    leaving.abort();
    await expect(answer).rejects.toThrow();
  });

  it('may be torn at any byte, inside a character too', async () => {
    await using server = await startOllama({ tearBytes: 3, answer: () => 'Größe: 😀' });
    const lines = linesOf(await chat(server.url, ask()));
    const text = lines.map(({ message }) => (message as { content: string }).content).join('');
    expect(text).toBe('Größe: 😀');
  });

  it('comes in as many pieces as asked', async () => {
    await using server = await startOllama({ chunks: 30 });
    expect(linesOf(await chat(server.url, ask()))).toHaveLength(31);
  });
});

describe('an answer', () => {
  const image = Buffer.from('ffd8ffc0000b080040004001011100ffd9', 'hex');
  const withImage = (bytes: Buffer, prompt: string) => ({
    model: 'tiny',
    stream: false,
    messages: [{ role: 'user', content: prompt, images: [bytes.toString('base64')] }],
  });
  const text = (response: WireResponse) => (whole(response).message as { content: string }).content;

  it('depends on the image and the prompt, and on nothing else', async () => {
    await using one = await startOllama();
    await using other = await startOllama({ serviceMs: 10, chunks: 3 });
    const read = text(await chat(one.url, withImage(image, 'read')));
    expect(text(await chat(other.url, withImage(image, 'read')))).toBe(read);
    expect(text(await chat(one.url, withImage(image, 'describe')))).not.toBe(read);
    const longer = Buffer.concat([image, Buffer.from('x')]);
    expect(text(await chat(one.url, withImage(longer, 'read')))).not.toBe(read);
    expect(read.split('\n')).toHaveLength(3);
  });

  it('is the same in kind where images are only hashed', async () => {
    await using server = await startOllama({ fast: true });
    const body = {
      ...withImage(image, 'compare'),
      messages: [{ role: 'user', content: 'compare', images: ['QUJD', 'REVG'] }],
    };
    expect(text(await chat(server.url, body)).split('\n')).toHaveLength(3);
    const hashes = ['QUJD', 'REVG'].map((base64) => createHash('sha256').update(base64).digest('hex'));
    expect(server.asks[0]?.body).toMatchObject({ messages: [{ images: hashes }] });
  });

  it('is of JSON that a schema allows, its keys in alphabetical order on the native path only', async () => {
    const models = [{ name: 'tiny' }, { name: 'native', path: 'native' as const }];
    await using server = await startOllama({ models });
    const format = {
      type: 'object',
      properties: { zeta: { type: 'integer' }, alpha: { type: 'array', items: { enum: ['x'] } } },
    };
    const rendered = JSON.parse(text(await chat(server.url, ask({ format, stream: false })))) as object;
    const native = JSON.parse(text(await chat(server.url, ask({ model: 'native', format, stream: false })))) as object;
    expect(Object.keys(rendered)).toEqual(['zeta', 'alpha']);
    expect(Object.keys(native)).toEqual(['alpha', 'zeta']);
    expect(rendered).toMatchObject({ zeta: expect.any(Number), alpha: ['x'] });
  });
});

describe('the model', () => {
  const ps = async (url: string) => {
    const { body } = await exchangeWith(url, { method: 'GET', path: '/api/ps', body: null });
    return (JSON.parse(body) as { models: Record<string, unknown>[] }).models;
  };

  it('is loaded by the first request, and the load is in its load_duration', async () => {
    await using server = await startOllama({ loadMs: 40 });
    expect(await ps(server.url)).toEqual([]);
    const cold = whole(await chat(server.url, ask({ stream: false })));
    const warm = whole(await chat(server.url, ask({ stream: false })));
    expect(cold.load_duration).toBeGreaterThanOrEqual(39e6);
    expect(warm.load_duration).toBeLessThan(39e6);
    expect(await ps(server.url)).toMatchObject([{ name: 'tiny:latest', context_length: 4096 }]);
  });

  it('is loaded anew for another num_ctx, and not for another temperature', async () => {
    await using server = await startOllama({ loadMs: 40 });
    const load = async (options: object) =>
      Number(whole(await chat(server.url, ask({ stream: false, options }))).load_duration) >= 39e6;
    expect(await load({ num_ctx: 8192 })).toBe(true);
    expect(await load({ num_ctx: 8192, temperature: 0.5 })).toBe(false);
    expect(await load({})).toBe(true);
    expect(await ps(server.url)).toMatchObject([{ context_length: 4096 }]);
  });

  it('is not loaded for a client that left, so that the next one starts the load over', async () => {
    await using server = await startOllama({ loadMs: 60 });
    const leaving = new AbortController();
    const left = chat(server.url, { model: 'tiny', messages: [] }, { signal: leaving.signal });
    await until(() => server.requests[0]?.body !== undefined && server.requests[0].body !== null);
    leaving.abort();
    await expect(left).rejects.toThrow();
    expect(await ps(server.url)).toEqual([]);
    expect(whole(await chat(server.url, ask({ stream: false }))).load_duration).toBeGreaterThanOrEqual(59e6);
  });

  it('leaves when its keep_alive is over, and at once for zero', async () => {
    await using server = await startOllama();
    await chat(server.url, { model: 'tiny', messages: [], keep_alive: '20ms' });
    expect(await ps(server.url)).toHaveLength(1);
    while ((await ps(server.url)).length > 0) await new Promise((resolve) => setTimeout(resolve, 5));
    await chat(server.url, { model: 'tiny', messages: [], keep_alive: -1 });
    const [forever] = await ps(server.url);
    expect(new Date(String(forever?.expires_at)).getFullYear()).toBeGreaterThan(2200);
    await chat(server.url, { model: 'tiny', messages: [], keep_alive: 0 });
    expect(await ps(server.url)).toEqual([]);
  });

  it('waits for its place until the other is idle', async () => {
    const models = [{ name: 'tiny' }, { name: 'other' }];
    await using server = await startOllama({ models, maxLoadedModels: 1, serviceMs: 50 });
    const first = chat(server.url, ask());
    await until(() => server.busyHighWater === 1);
    await chat(server.url, ask({ model: 'other' }));
    await first;
    expect(server.busyHighWater).toBe(1);
    expect(server.loads).toEqual(['tiny', 'other']);
    expect(await ps(server.url)).toMatchObject([{ name: 'other:latest' }]);
  });

  it('never gets that place while requests to the other carry a keep_alive, until an unload frees it', async () => {
    const models = [{ name: 'tiny' }, { name: 'other' }];
    await using server = await startOllama({ models, maxLoadedModels: 1, serviceMs: 30 });
    const first = chat(server.url, ask());
    await until(() => server.busyHighWater === 1);
    const waiting = chat(server.url, ask({ model: 'other', stream: false }));
    await until(() => server.asks.length === 2);
    await chat(server.url, ask({ keep_alive: '10m' }));
    await first;
    expect(await ps(server.url)).toMatchObject([{ name: 'tiny:latest' }]);
    await chat(server.url, { model: 'tiny', messages: [], keep_alive: 0 });
    expect((await waiting).status).toBe(200);
    expect(server.loads).toEqual(['tiny', 'other']);
    expect(await ps(server.url)).toMatchObject([{ name: 'other:latest' }]);
  });
});
