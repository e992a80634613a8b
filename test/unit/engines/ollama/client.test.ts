import { afterEach, describe, expect, it } from 'vitest';
import { SILENT } from '../../../../src/core/telling.js';
import type { Engine, ModelDescription, PreloadOptions } from '../../../../src/engines/engine.js';
import { createOllamaEngine } from '../../../../src/engines/ollama/client.js';
import { isSameModel } from '../../../../src/engines/ollama/replies.js';
import { aRequest } from './a-request.js';
import { aServer, chatLine, NDJSON, STOP } from './a-server.js';

const SIGNAL = new AbortController().signal;
const engines: Engine[] = [];

afterEach(async () => {
  await Promise.all(engines.splice(0).map((engine) => engine.close()));
});

function engineFor(url: string, more: { readonly lookMs?: number } = {}): Engine {
  const engine = createOllamaEngine({ url, connections: 2, connectTimeoutMs: 5_000, logger: SILENT, ...more });
  engines.push(engine);
  return engine;
}

interface HostState {
  readonly models?: readonly Readonly<Record<string, unknown>>[];
  /** What `show` says of every model. */
  readonly shown?: Readonly<Record<string, unknown>>;
  readonly loaded?: readonly Readonly<Record<string, unknown>>[];
}

/** A host that answers what preflight and preload ask, and remembers the questions. */
async function aHost({ models = [], shown = { capabilities: ['vision'] }, loaded = [] }: HostState) {
  const chats: unknown[] = [];
  const server = await aServer((request, response, body) => {
    if (request.url === '/api/chat') chats.push(JSON.parse(body));
    const answers: Readonly<Record<string, unknown>> = {
      '/api/version': { version: '0.33.0' },
      '/api/tags': { models },
      '/api/show': shown,
      '/api/ps': { models: loaded },
      '/api/chat': { message: { role: 'assistant', content: '' }, done: true, done_reason: 'load' },
    };
    response.writeHead(200, { 'Content-Type': 'application/json' }).end(JSON.stringify(answers[request.url ?? '']));
  });
  return { ...server, chats };
}

const aModel = (name: string, more = {}) => ({ name, digest: `digest of ${name}`, ...more });
const VISION = { capabilities: ['completion', 'vision'] };

/** What a host says that shows nothing but its capabilities. */
const SEES: ModelDescription = {
  architecture: null,
  families: [],
  parameterSize: null,
  contextLength: null,
  thinks: false,
  sees: true,
  hasTemplate: false,
};

describe('before the first item', () => {
  it.each(['tiny', 'TINY', 'tiny:latest'])('finds the model under the name %s', async (name) => {
    await using host = await aHost({ models: [aModel('tiny:7b'), aModel('tiny:latest', VISION)] });
    expect(await engineFor(host.url).preflight(name, SIGNAL)).toEqual({
      version: '0.33.0',
      digest: 'digest of tiny:latest',
      model: SEES,
      singleParallel: false,
      remote: null,
      warnings: [],
    });
  });

  it('gives up a host that takes the connection and says nothing', async () => {
    await using silent = await aServer(() => {});
    const engine = engineFor(silent.url, { lookMs: 50 });
    await expect(engine.preflight('tiny', SIGNAL)).rejects.toMatchObject({ code: 'HOST_TIMEOUT' });
    await expect(engine.visionModels(SIGNAL)).rejects.toMatchObject({ code: 'HOST_TIMEOUT' });
  });

  it('says what to pull where the model is not there', async () => {
    await using host = await aHost({ models: [aModel('other:1b')] });
    await expect(engineFor(host.url).preflight('tiny', SIGNAL)).rejects.toMatchObject({
      code: 'MODEL_MISSING',
      sentence: expect.stringMatching(/It has other:1b\. Run `ollama pull tiny` there/),
    });
  });

  it('names the models that see where this one does not', async () => {
    const models = [aModel('tiny:latest'), aModel('eye:latest', VISION)];
    await using host = await aHost({ models, shown: { capabilities: ['completion'] } });
    await expect(engineFor(host.url).preflight('tiny', SIGNAL)).rejects.toMatchObject({
      code: 'MODEL_NOT_VISION',
      sentence: expect.stringContaining('These can: eye:latest.'),
    });
  });

  it.each([
    ['by its name', 'big:671b-cloud', {}],
    ['by where it runs', 'big:latest', { remote_host: 'https://ollama.com' }],
  ])('never sends images to a cloud, known %s', async (_, name, more) => {
    await using host = await aHost({ models: [aModel(name, { ...VISION, ...more })] });
    await expect(engineFor(host.url).preflight(name, SIGNAL)).rejects.toMatchObject({
      code: 'MODEL_MISSING',
      sentence: expect.stringContaining('in a cloud'),
    });
    expect(await engineFor(host.url).visionModels(SIGNAL)).toEqual([]);
  });

  it('takes a server that lists no capabilities at its word, with a warning', async () => {
    const models = [aModel('llava:latest', { details: { families: ['llama', 'clip'] } }), aModel('text:latest')];
    await using host = await aHost({ models, shown: {} });
    const engine = engineFor(host.url);
    expect((await engine.preflight('llava', SIGNAL)).warnings).toEqual([
      expect.stringContaining('does not say whether llava sees images'),
    ]);
    expect(await engine.visionModels(SIGNAL)).toEqual(['llava:latest']);
  });

  it('is not fooled by another server that speaks JSON', async () => {
    await using server = await aServer((_, response) =>
      response.writeHead(200, { 'Content-Type': 'application/json' }).end('{"hello":"world"}'),
    );
    await expect(engineFor(server.url).preflight('tiny', SIGNAL)).rejects.toMatchObject({ code: 'HOST_REFUSED' });
  });

  it('says what the host shows of a model', async () => {
    const shown = {
      capabilities: ['vision', 'thinking'],
      details: { families: ['qwen3vl'], parameter_size: '8.8B' },
      model_info: {
        'general.architecture': 'qwen3vl',
        'qwen3vl.context_length': 262_144,
        'tokenizer.ggml.scores': null,
      },
      template: '{{ .Prompt }}',
      modelfile: 'FROM /models/x\nTEMPLATE {{ .Prompt }}\nRENDERER qwen3-vl-thinking\n',
    };
    await using host = await aHost({ shown });
    expect(await engineFor(host.url).describeModel('tiny', SIGNAL)).toEqual({
      architecture: 'qwen3vl',
      families: ['qwen3vl'],
      parameterSize: '8.8B',
      contextLength: 262_144,
      thinks: true,
      sees: true,
      hasTemplate: true,
    });
  });

  it.each([
    ['a Go template', '{{ if .System }}{{ .System }} {{ end }}{{ .Prompt }}', true],
    ['Go messages', '{{- range .Messages }}<|{{ .Role }}|>{{ .Content }}{{ end }}', true],
    ["the Jinja template of the model's file", '{% for m in messages %}{{ m.content }}{% endfor %}', false],
    ['nothing but the prompt', '{{ .Prompt }}', false],
    ['none', '', false],
  ])('knows by %s whether the server fills in the prompt', async (_, template, hasTemplate) => {
    await using host = await aHost({ shown: { capabilities: ['vision'], template } });
    expect(await engineFor(host.url).describeModel('tiny', SIGNAL)).toMatchObject({ hasTemplate });
  });

  it('does not describe a model that the host does not have', async () => {
    await using server = await aServer((_, response) =>
      response.writeHead(404, { 'Content-Type': 'application/json' }).end(`{"error":"model 'tiny' not found"}`),
    );
    await expect(engineFor(server.url).describeModel('tiny', SIGNAL)).rejects.toMatchObject({ code: 'MODEL_MISSING' });
  });

  it('needs a model', async () => {
    await using host = await aHost({});
    const engine = engineFor(host.url);
    const noModel = { model: null, numCtx: 8192, loadTimeoutMs: 5_000, signal: SIGNAL };
    await expect(engine.preflight(null, SIGNAL)).rejects.toMatchObject({ code: 'MODEL_MISSING' });
    await expect(engine.describeModel(null, SIGNAL)).rejects.toMatchObject({ code: 'MODEL_MISSING' });
    await expect(engine.preload(noModel)).rejects.toMatchObject({ code: 'MODEL_MISSING' });
  });

  it('tells tags and namespaces apart', () => {
    expect(isSameModel('host:5000/me/tiny', 'host:5000/me/tiny:latest')).toBe(true);
    expect(isSameModel('tiny:7b', 'tiny')).toBe(false);
    expect(isSameModel('me/tiny', 'tiny')).toBe(false);
  });
});

describe('loading the model', () => {
  const models = [aModel('tiny:latest', VISION)];
  const preload = (url: string, more: Partial<PreloadOptions> = {}) =>
    engineFor(url).preload({ model: 'tiny', numCtx: 8192, loadTimeoutMs: 5_000, signal: SIGNAL, ...more });

  it('asks for the context of the run and a keep-alive, and for nothing else', async () => {
    const loaded = [{ name: 'tiny:latest', size: 100, size_vram: 100, context_length: 8192 }];
    await using host = await aHost({ models, loaded });
    const facts = {
      version: '0.33.0',
      digest: 'digest of tiny:latest',
      model: SEES,
      singleParallel: false,
      remote: null,
      warnings: [],
    };
    expect(await preload(host.url)).toEqual(facts);
    expect(host.chats).toEqual([
      { model: 'tiny', messages: [], stream: false, keep_alive: '30m', options: { num_ctx: 8192 } },
    ]);
  });

  it('warns where the host loaded less than it was asked', async () => {
    const loaded = [{ name: 'tiny:latest', size: 100, size_vram: 61, context_length: 4096 }];
    await using host = await aHost({ models, loaded });
    expect((await preload(host.url)).warnings).toEqual([
      expect.stringContaining('a context of 4096 tokens, not 8192'),
      expect.stringContaining('only 61 % of tiny is in GPU memory'),
    ]);
  });

  it('says what fits where the host allocates a smaller context', async () => {
    await using host = await aHost({ models, loaded: [{ name: 'tiny:latest', context_length: 4096 }] });
    const advice = (contextTokens: number) => `In ${contextTokens} fits half.`;
    expect((await preload(host.url, { advice })).warnings).toEqual([
      `${host.url} loaded tiny with a context of 4096 tokens, not 8192: say --num-ctx 4096. In 4096 fits half.`,
    ]);
  });

  it('says what fits where the memory of the host is too small', async () => {
    const error = 'llama-server reported out-of-memory during startup: cudaMalloc failed';
    await using server = await aServer((request, response) => {
      const isChat = request.url === '/api/chat';
      const answers: Readonly<Record<string, unknown>> = {
        '/api/version': { version: '0.33.0' },
        '/api/tags': { models },
        '/api/show': VISION,
        '/api/chat': { error },
      };
      const json = { 'Content-Type': 'application/json' };
      response.writeHead(isChat ? 500 : 200, json).end(JSON.stringify(answers[request.url ?? '']));
    });
    const advice = (contextTokens: number) => `In ${contextTokens} fits half.`;
    await expect(preload(server.url, { numCtx: 9216, advice })).rejects.toMatchObject({
      code: 'MODEL_LOAD_FAILED',
      sentence: expect.stringMatching(/cudaMalloc.* Half the context is --num-ctx 4096\. In 4096 fits half\.$/),
    });
    await expect(preload(server.url)).rejects.toMatchObject({
      sentence: expect.stringMatching(/Half the context is --num-ctx 4096\.$/),
    });
  });

  it('warns where the model does not stay', async () => {
    await using host = await aHost({ models });
    expect((await preload(host.url)).warnings).toEqual([expect.stringContaining('does not list tiny as loaded')]);
  });

  it('ends after its time, and the load is given up', async () => {
    await using server = await aServer(() => {});
    await expect(preload(server.url, { loadTimeoutMs: 50 })).rejects.toMatchObject({ code: 'HOST_TIMEOUT' });
    await server.closed;
  });

  it("ends with the caller's reason", async () => {
    await using server = await aServer(() => {});
    const reason = new Error('Ctrl-C');
    await expect(preload(server.url, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  });
});

describe('asking', () => {
  it('forbids thinking to a model that preflight found to think, and never sends keep_alive', async () => {
    const shown = { capabilities: ['vision', 'thinking'] };
    await using host = await aHost({ models: [aModel('tiny:latest')], shown });
    const engine = engineFor(host.url);
    for await (const _ of engine.ask(aRequest(), SIGNAL));
    await engine.preflight('tiny', SIGNAL);
    for await (const _ of engine.ask(aRequest(), SIGNAL));
    expect(host.chats).toMatchObject([{ model: 'tiny' }, { think: false }]);
    expect(host.chats[0]).not.toHaveProperty('think');
    for (const chat of host.chats) expect(chat).not.toHaveProperty('keep_alive');
  });

  it('sends images as standard base64', async () => {
    await using host = await aHost({});
    const bytes = new Uint8Array([0xfb, 0xff, 0xfe, 0x00]);
    for await (const _ of engineFor(host.url).ask(aRequest({ images: [{ bytes, width: 1, height: 1 }] }), SIGNAL));
    expect(host.chats).toMatchObject([{ messages: [{ images: ['+//+AA=='] }] }]);
    expect([...bytes]).toEqual([0xfb, 0xff, 0xfe, 0x00]);
  });

  it('passes text on as it comes, and counts a thought as an empty piece', async () => {
    const thought = { message: { role: 'assistant', content: '', thinking: 'hm' }, done: false };
    await using server = await aServer((_, response) =>
      response.writeHead(200, NDJSON).end(`${JSON.stringify(thought)}\n${chatLine('Hel')}${chatLine('lo', STOP)}`),
    );
    const deltas = [];
    for await (const delta of engineFor(server.url).ask(aRequest(), SIGNAL)) deltas.push(delta);
    expect(deltas).toMatchObject([{ text: '' }, { text: 'Hel' }, { text: 'lo' }, { answer: { text: 'Hello' } }]);
  });
});

describe('a stream with log-probabilities', () => {
  it('ends with the confidence of its answer', async () => {
    const piece = (content: string, logprob: number) =>
      chatLine(content, { done: false, logprobs: [{ token: content, logprob, bytes: [...Buffer.from(content)] }] });
    await using server = await aServer((_, response) =>
      response.writeHead(200, NDJSON).end(piece('Hel', 0) + piece('lo?', Math.log(0.5)) + chatLine('', STOP)),
    );
    const deltas = [];
    for await (const delta of engineFor(server.url).ask(aRequest({ wantsConfidence: true }), SIGNAL))
      deltas.push(delta);
    const weakest = { text: 'Hello?', probability: expect.closeTo(0.75) };
    expect(deltas.at(-1)).toMatchObject({ answer: { confidence: { mean: expect.closeTo(0.75), weakest } } });
  });
});

describe('a look whether the host answers', () => {
  it.each([
    ['an answer', 200, true],
    ['a refusal, which is an answer too', 403, true],
    ['a server that is broken but there', 500, true],
    ['a proxy without a server behind it', 502, false],
  ])('counts %s', async (_, status, alive) => {
    await using server = await aServer((_request, response) =>
      response.writeHead(status, { 'Content-Type': 'application/json' }).end('{"version":"0"}'),
    );
    expect(await engineFor(server.url).probe(SIGNAL)).toBe(alive);
  });

  it('does not count silence', async () => {
    await using server = await aServer(() => {});
    expect(await engineFor(server.url).probe(AbortSignal.timeout(50))).toBe(false);
    await server.closed;
  });

  it('does not count a host that is gone', async () => {
    const server = await aServer(() => {});
    await server[Symbol.asyncDispose]();
    expect(await engineFor(server.url).probe(SIGNAL)).toBe(false);
  });
});
