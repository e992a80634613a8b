import { afterEach, describe, expect, it } from 'vitest';
import type { ChatTurn, ModelAnswer, ModelRequest } from '../../src/core/ask.js';
import { SILENT } from '../../src/core/telling.js';
import type { Engine } from '../../src/engines/engine.js';
import { createOllamaEngine } from '../../src/engines/ollama/client.js';
import { profileOf } from '../../src/engines/profiles/profile.js';
import type { ModelInput } from '../support/ollama/options.js';
import { type FakeOllama, startOllama } from '../support/ollama/server.js';
import { imageOfBytes } from './ollama-images.js';
import { chat } from './ollama-wire.js';

const SIGNAL = new AbortController().signal;
const PATHS = ['rendered', 'native'] as const;
const engines: Engine[] = [];

afterEach(async () => {
  await Promise.all(engines.splice(0).map((engine) => engine.close()));
});

const anImage = (bytes: number): ModelRequest['images'][number] => ({
  bytes: imageOfBytes('png', bytes),
  width: 64,
  height: 64,
});

/** A server of one model, and a way to ask it as its own description says. */
async function aHost(input: Partial<ModelInput> = {}, answer?: string) {
  const models = [{ name: 'tiny', ...input }];
  const server = await startOllama({ models, ...(answer === undefined ? {} : { answer: () => answer }) });
  const engine = createOllamaEngine({ url: server.url, connections: 2, connectTimeoutMs: 5_000, logger: SILENT });
  engines.push(engine);
  const { request: profile } = profileOf('tiny', await engine.describeModel('tiny', SIGNAL), []);
  const ask = (changes: Partial<ModelRequest>) => answerTo(engine, aRequest({ profile, ...changes }));
  return { server, ask, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
}

function aRequest(changes: Partial<ModelRequest> & Pick<ModelRequest, 'profile'>): ModelRequest {
  return {
    model: 'tiny',
    system: null,
    messages: [{ role: 'user', text: 'What is it?' }],
    images: [anImage(400)],
    lang: 'eng',
    schema: null,
    options: { temperature: 0, maxTokens: 100, seed: null, repeatPenalty: null, stop: [], extra: {} },
    numCtx: 8192,
    wantsConfidence: false,
    ...changes,
  };
}

async function answerTo(engine: Engine, request: ModelRequest): Promise<ModelAnswer> {
  for await (const delta of engine.ask(request, SIGNAL)) if ('answer' in delta) return delta.answer;
  throw new Error('Expected an answer');
}

/** Messages of each request, with the number of images in each. */
function sent({ asks }: FakeOllama) {
  return asks.map(({ body }) => {
    const { messages } = body as { messages: { role: string; content: string; images?: unknown[] }[] };
    return messages.map(({ role, content, images = [] }) => [role, content, images.length]);
  });
}

/** Two images as nobody should send them, by the bytes of each. */
function besideEachOther(server: FakeOllama, ...sizes: readonly number[]) {
  const images = sizes.map((bytes) => imageOfBytes('png', bytes).toString('base64'));
  const options = { num_ctx: 8192 };
  return chat(server.url, { model: 'tiny', messages: [{ role: 'user', content: 'What?', images }], options });
}

describe.each(PATHS)('a conversation on the %s path', (path) => {
  it('has exactly one image in each of its requests, in its first user message', async () => {
    await using host = await aHost({ path });
    const turns: ChatTurn[] = [];
    for (const question of ['What is it?', 'Which colour?', 'Sure?']) {
      turns.push({ role: 'user', text: question });
      const { text } = await host.ask({ messages: [...turns] });
      turns.push({ role: 'assistant', text });
    }
    const requests = sent(host.server);
    expect(requests.map((messages) => messages.map(([role, , images]) => `${role} ${images}`))).toEqual([
      ['user 1'],
      ['user 1', 'assistant 0', 'user 0'],
      ['user 1', 'assistant 0', 'user 0', 'assistant 0', 'user 0'],
    ]);
    expect(requests[2]?.map(([, content]) => content)).toEqual(turns.slice(0, -1).map(({ text }) => text));
  });

  it('is refused where it is too long, never cut without a word', async () => {
    await using host = await aHost({ path });
    const messages = [{ role: 'user', text: 'word '.repeat(1_000) }] as const;
    await expect(host.ask({ images: [], messages, numCtx: 512 })).rejects.toMatchObject({ code: 'CONTEXT_EXCEEDED' });
  });
});

describe.each(PATHS)('several images on the %s path', (path) => {
  it('leave the prompt cache whole for later requests with the same first image', async () => {
    await using host = await aHost({ path, adjacentImagesBreak: true });
    const [a, b, c] = [anImage(400), anImage(401), anImage(402)];
    expect(await host.ask({ images: [a, b] })).toMatchObject({ end: 'complete' });
    expect(await host.ask({ images: [a, c] })).toMatchObject({ end: 'complete' });
    expect(await host.ask({ images: [a] })).toMatchObject({ end: 'complete' });
    expect(sent(host.server)[0]).toEqual(
      path === 'rendered'
        ? [['user', 'Image 1:\n[img]\nImage 2:\n[img]\nWhat is it?', 2]]
        : [
            ['user', 'Image 1:', 1],
            ['user', 'Image 2:', 1],
            ['user', 'What is it?', 0],
          ],
    );
  });

  it('would break it side by side', async () => {
    await using host = await aHost({ path, adjacentImagesBreak: true });
    expect((await besideEachOther(host.server, 400, 401)).status).toBe(200);
    expect((await besideEachOther(host.server, 400, 402)).status).toBe(500);
  });

  it('cost one request where somebody else has broken it: the model is unloaded', async () => {
    await using host = await aHost({ path, adjacentImagesBreak: true });
    await besideEachOther(host.server, 400, 401);
    const images = [anImage(400), anImage(402)];
    await expect(host.ask({ images })).rejects.toMatchObject({ code: 'HOST_CRASHED' });
    expect(await host.ask({ images })).toMatchObject({ end: 'complete' });
  });
});

describe('options on the wire', () => {
  it('are those of the question, and nothing that wedges or reloads a host', async () => {
    await using host = await aHost();
    const options = {
      temperature: 0.2,
      maxTokens: 50,
      seed: 3,
      repeatPenalty: 1.15,
      stop: ['###'],
      extra: { top_k: 5 },
    };
    await host.ask({ options, wantsConfidence: true });
    expect(host.server.asks[0]?.body).toEqual({
      model: 'tiny',
      messages: [expect.objectContaining({ role: 'user' })],
      stream: true,
      truncate: false,
      logprobs: true,
      options: {
        temperature: 0.2,
        num_predict: 50,
        num_ctx: 8192,
        seed: 3,
        repeat_penalty: 1.15,
        stop: ['###'],
        top_k: 5,
      },
    });
  });

  it('hold a schema only as far as the server takes it', async () => {
    await using host = await aHost();
    const schema = { $schema: 'https://json-schema.org/draft/2020-12/schema', type: 'object', title: 'A cat' };
    await host.ask({ schema: { ...schema, properties: { age: { type: 'number', minimum: 1 } }, required: ['age'] } });
    const body = host.server.asks[0]?.body;
    expect(body).toMatchObject({ format: { type: 'object', properties: { age: { type: 'number' } } } });
    expect(JSON.stringify(body)).not.toContain('$schema');
  });

  it('end the answer of an OCR model at its stop text', async () => {
    await using host = await aHost({}, 'Total 7 ``` and again Total 7');
    const options = { ...aRequest({ profile: profileOf('glm-ocr', null, []).request }).options, stop: ['```'] };
    expect(await host.ask({ options })).toMatchObject({ text: 'Total 7 ', end: 'complete' });
  });
});

describe('confidence', () => {
  it('comes with the answer where it is wanted, and names the words that are least sure', async () => {
    const words = Array.from({ length: 30 }, (_, at) => (at >= 12 && at < 20 ? `w${at}?` : `w${at}`));
    await using host = await aHost({}, words.join(' '));
    const { confidence } = await host.ask({ wantsConfidence: true });
    expect(confidence?.mean).toBeCloseTo((22 + 8 * 0.2) / 30);
    expect(confidence?.weakest.text).toBe('w12? w13? w14? w15? w16? w17? w18? w19?');
    expect(confidence?.weakest.probability).toBeCloseTo(0.2);
  });

  it('is absent where it is not', async () => {
    await using host = await aHost();
    expect(await host.ask({})).toMatchObject({ confidence: null });
  });
});
