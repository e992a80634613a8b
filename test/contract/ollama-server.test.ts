import { describe, expect, it } from 'vitest';
import type { ModelInput, OllamaInput } from '../support/ollama/options.js';
import { type FakeOllama, startOllama } from '../support/ollama/server.js';
import { type ImageKind, imageOfBytes } from './ollama-images.js';
import { loadRecordings, type Recording } from './ollama-recordings.js';
import { describeResponse } from './ollama-shape.js';
import { exchangeWith, until, type WireRequest, type WireResponse } from './ollama-wire.js';

/** The models of the recordings: every token is a character, every image 16 tokens. */
const tiny = (name: string, changes: Partial<ModelInput> = {}): ModelInput => ({
  name,
  path: name.endsWith('-n') ? 'native' : 'rendered',
  charactersPerToken: 1,
  imageTokens: { fixed: 16 },
  contextLength: 8192,
  sizeVramBytes: 0,
  steered: true,
  ...changes,
});

const MODELS: readonly ModelInput[] = [
  tiny('tiny-r', { adjacentImagesBreak: true }),
  tiny('tiny-n'),
  tiny('tiny-text-r', { capabilities: ['completion'] }),
  tiny('tiny-text-n', { capabilities: ['completion'] }),
  tiny('tiny-think-r', { capabilities: ['completion', 'vision', 'thinking'] }),
  tiny('tiny-think-n', { capabilities: ['thinking', 'completion', 'vision'] }),
  tiny('tiny-crash-n', { crashesOnImage: true }),
  tiny('tiny-rend-qwen3-vl-instruct', { renderer: true }),
  tiny('tiny-embed', { capabilities: ['embedding'] }),
  tiny('tiny-badarch', {
    loadError: "unknown model architecture: 'mllama'\nerror loading model: unknown model architecture: 'mllama'",
  }),
  tiny('tiny-slow-r', { extraTokenMs: 10 }),
  tiny('tiny-b-r'),
];

const OPTIONS: OllamaInput = { models: MODELS, version: '0.0.0', maxLoadedModels: 1, frozenPingMs: 100 };

/** What has to happen before or while the recorded request is answered. Everything else is the request's own doing. */
const SCENES: Readonly<Record<string, (server: FakeOllama, request: WireRequest) => Promise<WireResponse>>> = {
  'adjacent-images-2-500': async (server, request) => {
    await send(server, requestOf(recording('adjacent-images-1-ok')));
    return send(server, request);
  },
  'adjacent-images-3-retry-500': async (server, request) => {
    await send(server, requestOf(recording('adjacent-images-1-ok')));
    await send(server, request);
    return send(server, request);
  },
  'after-crash': async (server, request) => {
    await send(server, requestOf(recording('crash-nostream')));
    return send(server, request);
  },
  'host-header-foreign': (server, request) => send(server, { ...request, headers: { Host: 'gpubox' } }),
  'ps-loaded': async (server, request) => {
    await send(server, requestOf(recording('preload-cold')));
    return send(server, request);
  },
  'queued-behind-one': async (server, request) => {
    const first = send(server, slowAsk({ num_predict: 20 }));
    await until(() => server.busyHighWater === 1);
    const [second] = await Promise.all([send(server, request), first]);
    return second;
  },
  'queue-full-503-nostream': queueFull,
  'queue-full-503-stream': queueFull,
  'runner-hung-idle-new-request': async (server, request) => {
    await send(server, request);
    server.freezeRunner();
    return send(server, request);
  },
  'runner-killed-midstream': (server, request) => afterTwoLines(server, request, () => server.crashRunner()),
  'runner-killed-nostream': async (server, request) => {
    const answer = send(server, request);
    await until(() => server.busyHighWater === 1);
    server.crashRunner();
    return answer;
  },
  'runner-killed-queued-behind': async (server, request) => {
    const first = send(server, slowAsk({ num_predict: 400 }));
    await until(() => server.busyHighWater === 1);
    const second = send(server, request);
    await until(() => server.highWater === 2);
    await send(server, { method: 'GET', path: '/api/version', body: null }); // the second has reached the runner by now
    server.crashRunner();
    await first;
    return second;
  },
  'ollama-sigterm-stream': (server, request) => afterTwoLines(server, request, () => server.terminate()),
  'ollama-sigterm-nostream': async (server, request) => {
    const answer = send(server, request);
    await until(() => server.busyHighWater === 1);
    await server.terminate();
    return answer;
  },
};

describe('the protocol server answers as the recorded server did', () => {
  const recordings = loadRecordings();
  let compared = 0;

  for (const recorded of recordings) {
    it(recorded.case, async () => {
      await using server = await startOllama({ ...OPTIONS, ...changesFor(recorded.case) });
      const request = requestOf(recorded);
      const scene = SCENES[recorded.case] ?? send;
      const answer = await scene(server, request);
      const depth = depthFor(recorded);
      expect(describeResponse(answer, depth)).toEqual(describeResponse(wireOf(recorded), depth));
      compared += 1;
    });
  }

  it('in every one of the 109 cases', () => {
    expect(compared).toBe(109);
  });
});

/** The one recording of over 100 MiB is held against a cap a hundred times lower, with an image that much smaller. */
const SCALE = 100;

function changesFor(name: string): OllamaInput {
  if (name === 'body-over-100MiB') return { bodyCapBytes: (100 * 1024 * 1024) / SCALE };
  return name.startsWith('queue-full') ? { maxQueue: 1 } : {};
}

function recording(name: string): Recording {
  const found = loadRecordings().find((candidate) => candidate.case === name);
  if (found === undefined) throw new Error(`Expected a recording named ${name}`);
  return found;
}

/** Names of headers are compared as they arrive, in lower case. */
function wireOf({ response }: Recording): WireResponse {
  const headers = Object.entries(response.headers).map(([name, value]) => [name.toLowerCase(), value]);
  const { status, end, chunks } = response;
  return { status, end, headers: Object.fromEntries(headers), body: chunks.join('') };
}

/** Words are held against the recorded ones where the prompt's last character decides them all. */
function depthFor({ case: name, request, response }: Recording): {
  readonly words: boolean;
  readonly promptTokens: boolean;
} {
  const prompt = JSON.stringify(request.body);
  const isSteered = /(?:[A-Z!~@$]|5001 characters>)"/.test(prompt) && !prompt.includes('"format"');
  return { words: isSteered && response.status === 200, promptTokens: !name.startsWith('think-format') };
}

function requestOf(recorded: Recording): WireRequest {
  const { method, path, headers, body } = recorded.request;
  return { method, path, headers, body: rebuild(body, recorded) };
}

/** Puts images and cut texts back in the place of what stands for them. */
function rebuild(value: unknown, recorded: Recording): unknown {
  if (typeof value === 'string') return rebuildText(value, recorded);
  if (Array.isArray(value)) return value.map((inner) => rebuild(inner, recorded));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, rebuild(inner, recorded)]));
}

function rebuildText(text: string, recorded: Recording): string {
  const image = /^<base64 of (\d+) bytes, (png|jpeg|webp)>$/.exec(text);
  if (image !== null) return rebuildImage(Number(image[1]), image[2] as ImageKind, recorded).toString('base64');
  const cut = /^(.*)<… (\d+) characters>$/.exec(text);
  if (cut === null) return text;
  const steer = recorded.case.startsWith('context-wall') ? '1' : 'W'; // its last character was cut off too
  return (cut[1] ?? '').repeat(1000).slice(0, Number(cut[2]) - 1) + steer;
}

function rebuildImage(bytes: number, kind: ImageKind, { case: name }: Recording): Buffer {
  if (name === 'body-over-100MiB') return imageOfBytes(kind, Math.round(bytes / SCALE));
  if (name.startsWith('image-jpeg-truncated')) return imageOfBytes(kind, 2 * bytes).subarray(0, bytes);
  return imageOfBytes(kind, bytes);
}

function send(server: FakeOllama, request: WireRequest): Promise<WireResponse> {
  return exchangeWith(server.url, request);
}

function slowAsk(options: object): WireRequest {
  const body = { model: 'tiny-slow-r', messages: [{ role: 'user', content: 'count 1' }], options, stream: false };
  return { method: 'POST', path: '/api/chat', body };
}

/** Another model is busy, one request waits for the swap, one more is queued. */
async function queueFull(server: FakeOllama, request: WireRequest): Promise<WireResponse> {
  const before = [slowAsk({ num_predict: 30 }), request, request];
  const answers: Promise<WireResponse>[] = [];
  for (const [index, next] of before.entries()) {
    answers.push(send(server, next));
    await until(() => server.requests.filter(({ body }) => body !== null).length > index);
    if (index === 0) await until(() => server.busyHighWater === 1);
  }
  const refused = await send(server, request);
  await Promise.all(answers);
  return refused;
}

async function afterTwoLines(server: FakeOllama, request: WireRequest, act: () => unknown): Promise<WireResponse> {
  let acted = false;
  const onBody = (soFar: string) => {
    if (acted || soFar.split('\n').length < 3) return;
    acted = true;
    act();
  };
  return send(server, { ...request, onBody });
}
