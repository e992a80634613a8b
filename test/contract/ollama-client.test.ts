import { afterEach, describe, expect, it, vi } from 'vitest';
import type { ModelAnswer, ModelRequest } from '../../src/core/ask.js';
import { type FailureCode, type Fate, VisionError } from '../../src/core/errors.js';
import { SILENT } from '../../src/core/telling.js';
import { createOllamaEngine } from '../../src/engines/ollama/client.js';
import { listVisionModels } from '../../src/engines/ollama/list.js';
import { loadWarnings } from '../../src/engines/ollama/loaded.js';
import { inspectModel } from '../../src/engines/ollama/preflight.js';
import type { ServerReader } from '../../src/engines/ollama/replies.js';
import { Transport } from '../../src/engines/ollama/transport.js';
import { loadRecordings, recordingOf, replayServer } from './ollama-recordings.js';

type Outcome =
  | { readonly end: ModelAnswer['end']; readonly text: string }
  | { readonly code: FailureCode; readonly fate: Fate };

const answers = (end: ModelAnswer['end'], text: string): Outcome => ({ end, text });
const fails = (code: FailureCode, fate: Fate): Outcome => ({ code, fate });

/** What our client makes of each recorded response to a question. Calls that it never makes are no chat answers. */
const ASKED: Readonly<Record<string, Outcome>> = {
  'adjacent-images-1-ok': answers('complete', 'XYZ'),
  'adjacent-images-2-500': fails('HOST_CRASHED', 'requeue'),
  'adjacent-images-3-retry-500': fails('HOST_CRASHED', 'requeue'),
  'after-crash': answers('complete', 'XYZ'),
  'body-over-100MiB': fails('IMAGE_TOO_LARGE', 'fail'),
  'chat-empty-answer-nostream-native': answers('complete', ''),
  'chat-empty-answer-nostream-rendered': answers('complete', ''),
  'chat-empty-answer-stream-native': answers('complete', ''),
  'chat-empty-answer-stream-rendered': answers('complete', ''),
  'chat-image-nostream-native': answers(
    'complete',
    't iyzarhe""bqvagexqtqyrfepxqnqlshpxtbqnqzaimmmziyzjzsnoep"hhcoagix gvaboarffmsrfhgthclgtqhgxqpx gzivzapbjtdheytq',
  ),
  'chat-image-nostream-rendered': answers(
    'complete',
    't iyzarhe""bqvagexqtqyrfepxqnqlshpxtbqnqzaimmmziyzjzsnoep"hhcoagix gvaboarffmsrfhgthclgtqhgxqpx gzivzapbjtdheytq',
  ),
  'chat-image-stream-native': answers('complete', 'TUVWXYZ'),
  'chat-image-stream-rendered': answers('complete', 'TUVWXYZ'),
  'chat-length-nostream-native': answers('length', '5727'),
  'chat-length-nostream-rendered': answers('length', '5727'),
  'chat-length-stream-native': answers('length', '5727'),
  'chat-length-stream-rendered': answers('length', '5727'),
  'context-text-too-long-native': fails('CONTEXT_EXCEEDED', 'retry'),
  'context-text-too-long-rendered': answers('complete', 'XYZ'),
  'context-wall-native': answers('length', '57277703117747657365670927'),
  'context-wall-rendered': answers('length', '5727770311774765736567092742158921'),
  'crash-nostream': fails('HOST_CRASHED', 'requeue'),
  'crash-stream': fails('HOST_CRASHED', 'requeue'),
  'debug-render-native': answers('cut', ''),
  'debug-render-rendered': answers('cut', ''),
  'emoji-stream-native': answers('length', '😀😀'),
  'emoji-stream-rendered': answers('length', '😀😀'),
  'err-base64-dataurl': fails('REQUEST_REFUSED', 'fail'),
  'err-base64-nopadding': fails('REQUEST_REFUSED', 'fail'),
  'err-base64-path': fails('REQUEST_REFUSED', 'fail'),
  'err-context-image-native': fails('CONTEXT_EXCEEDED', 'retry'),
  'err-context-image-rendered': fails('CONTEXT_EXCEEDED', 'retry'),
  'err-embedding-model': fails('MODEL_NOT_VISION', 'leave'),
  'err-empty-body': fails('REQUEST_REFUSED', 'fail'),
  'err-format-schema-as-string-native': fails('ASK_REFUSED', 'stop'),
  'err-format-schema-as-string-rendered': fails('ASK_REFUSED', 'stop'),
  'err-image-garbage-nostream-native': fails('IMAGE_UNREADABLE', 'fail'),
  'err-image-garbage-nostream-rendered': fails('IMAGE_UNREADABLE', 'fail'),
  'err-image-garbage-stream-native': fails('IMAGE_UNREADABLE', 'fail'),
  'err-image-garbage-stream-rendered': fails('IMAGE_UNREADABLE', 'fail'),
  'err-image-nonvision-native': fails('MODEL_NOT_VISION', 'leave'),
  'err-image-nonvision-rendered': fails('MODEL_NOT_VISION', 'leave'),
  'err-image-zero-bytes-native': fails('IMAGE_UNREADABLE', 'fail'),
  'err-image-zero-bytes-rendered': fails('IMAGE_UNREADABLE', 'fail'),
  'err-keepalive-numeric-string': fails('REQUEST_REFUSED', 'fail'),
  'err-malformed-json': fails('REQUEST_REFUSED', 'fail'),
  'err-marker-mismatch': fails('REQUEST_REFUSED', 'fail'),
  'err-model-empty': fails('MODEL_MISSING', 'leave'),
  'err-model-unknown': fails('MODEL_MISSING', 'leave'),
  'err-option-type': fails('ASK_REFUSED', 'stop'),
  'err-schema-unknown-type-native': fails('ASK_REFUSED', 'stop'),
  'err-schema-unknown-type-rendered': fails('ASK_REFUSED', 'stop'),
  'err-think-on-nonthinking': fails('ASK_REFUSED', 'stop'),
  'err-think-string': fails('ASK_REFUSED', 'stop'),
  'err-tools-unsupported': fails('ASK_REFUSED', 'stop'),
  'err-webp-animated-native': fails('IMAGE_UNREADABLE', 'fail'),
  'err-webp-animated-rendered': fails('IMAGE_UNREADABLE', 'fail'),
  'err-wrong-type-content-array': fails('REQUEST_REFUSED', 'fail'),
  'format-json-loop-rendered': answers(
    'cut',
    '{"bqvfivapxzafffdeyrcnuwcjiydzivveikiklffgepx":true                               ',
  ),
  'format-schema-nostream-native': answers('complete', '{"alpha": "bqlsh", "zeta": true }'),
  'format-schema-nostream-rendered': answers('complete', '{"zeta":false, "alpha" : "jozsr" }'),
  'format-schema-stream-native': answers('complete', '{"allllllllllllllllllllllllllle }'),
  'format-schema-stream-rendered': answers('complete', '{"zeeeeeeeeeeeeeeeeeeeeeeeeeeee" }'),
  'format-truncated-native': answers('length', '{"t":"bffnbf'),
  'format-truncated-rendered': answers('length', '{"t" : "hpyzahe'),
  'generate-empty-prompt-image': fails('HOST_REFUSED', 'leave'),
  'generate-nostream-image': fails('HOST_REFUSED', 'leave'),
  'generate-stream-image': fails('HOST_REFUSED', 'leave'),
  'host-header-foreign': fails('HOST_FORBIDDEN', 'leave'),
  'image-jpeg-truncated-accepted-native': answers('complete', 'XYZ'),
  'image-jpeg-truncated-accepted-rendered': answers('complete', 'XYZ'),
  'load-failed': fails('MODEL_LOAD_FAILED', 'leave'),
  'logprobs-nostream-native': answers('complete', 'XYZ'),
  'logprobs-nostream-rendered': answers('complete', 'XYZ'),
  'logprobs-stream-native': answers('complete', 'YZ'),
  'logprobs-stream-rendered': answers('complete', 'YZ'),
  'loop-nostream-native': answers('length', '!'.repeat(60)),
  'loop-nostream-rendered': answers('cut', '!'.repeat(31)),
  'loop-stream-native': answers('length', '!'.repeat(60)),
  'loop-stream-rendered': answers('cut', '!'.repeat(31)),
  'loop-whitespace-nostream-native': answers('length', '\t'.repeat(60)),
  'loop-whitespace-nostream-rendered': answers('cut', '\t'.repeat(30)),
  'ollama-sigterm-nostream': fails('HOST_UNREACHABLE', 'requeue'),
  'ollama-sigterm-stream': fails('HOST_UNREACHABLE', 'requeue'),
  'preload-cold': answers('cut', ''),
  'pull-nostream-unreachable': fails('HOST_CRASHED', 'requeue'),
  'pull-stream-unreachable': fails('HOST_REFUSED', 'leave'),
  'queue-full-503-nostream': fails('HOST_BUSY', 'requeue'),
  'queue-full-503-stream': fails('HOST_BUSY', 'requeue'),
  'queued-behind-one': answers('complete', 'XYZ'),
  'root-get': fails('HOST_REFUSED', 'leave'),
  'runner-hung-idle-new-request': answers('complete', 'XYZ'),
  'runner-killed-midstream': fails('HOST_CRASHED', 'requeue'),
  'runner-killed-nostream': fails('HOST_CRASHED', 'requeue'),
  'runner-killed-queued-behind': fails('HOST_CRASHED', 'requeue'),
  'think-format-nostream-native': answers('complete', '{"alpha": "haffm", "zeta" : true }'),
  'think-format-nostream-rendered': answers('complete', '{ "zeta": false,"alpha" : "boaik" }'),
  'think-stream-native': answers('complete', 'eycuuu"bffff'),
  'think-stream-rendered': answers('complete', 'eycuuu"bffff'),
  'unknown-route': fails('HOST_REFUSED', 'leave'),
  unload: answers('cut', ''),
  'wrong-method': fails('HOST_REFUSED', 'leave'),
};

/** What both shown models have in common. */
const SHOWN = { architecture: 'llama', families: ['llama'], parameterSize: '938K', contextLength: 8192, sees: true };

const loading = (model: string, numCtx: number) => ({ model, numCtx, advice: () => null });

/** Responses that preflight and preload read. */
const READ: Readonly<Record<string, (server: ServerReader) => Promise<unknown>>> = {
  version: async (server) => expect(await server.version()).toEqual({ version: '0.0.0' }),
  tags: async (server) =>
    expect(await listVisionModels(server)).toEqual([
      'tiny-share-n:latest',
      'tiny-b-r:latest',
      'tiny-slow-r:latest',
      'tiny-unk-r:latest',
      'tiny-crash-n:latest',
    ]),
  'ps-loaded': async (server) => {
    expect(await loadWarnings(server, loading('tiny-r', 4096))).toEqual([
      expect.stringContaining('only 0 % of tiny-r is in GPU memory'),
    ]);
    expect(await loadWarnings(server, loading('TINY-R:latest', 8192))).toEqual([
      expect.stringContaining('a context of 4096 tokens, not 8192'),
      expect.stringContaining('only 0 %'),
    ]);
  },
  // The recorded list of models is cut: one that it holds stands for the one that was shown.
  'show-vision': async (server) =>
    expect(await inspectModel(server, 'Tiny-B-R')).toEqual({
      version: '0.0.0',
      digest: '9efe64bf39f325727b45c4622b28e7811da25640c6fc5c6e58fa63bdff6818d1',
      model: { ...SHOWN, thinks: false, hasTemplate: true },
      singleParallel: false,
      remote: null,
      warnings: [],
    }),
  'show-thinking': async (server) =>
    expect(await inspectModel(server, 'tiny-b-r')).toMatchObject({
      model: { ...SHOWN, thinks: true, hasTemplate: false },
    }),
  'show-text-only': async (server) =>
    expect(inspectModel(server, 'tiny-b-r')).rejects.toMatchObject({ code: 'MODEL_NOT_VISION', fate: 'leave' }),
  'show-unknown': async (server) =>
    expect(inspectModel(server, 'tiny-b-r')).rejects.toMatchObject({ code: 'MODEL_MISSING', fate: 'leave' }),
};

describe('the client, fed with every recorded response of a real server', () => {
  afterEach(() => {
    vi.restoreAllMocks();
  });

  it('knows the outcome of each of the 109, by name', () => {
    const known = [...Object.keys(ASKED), ...Object.keys(READ)].sort();
    expect(known).toEqual(
      loadRecordings()
        .map((recording) => recording.case)
        .sort(),
    );
    expect(known).toHaveLength(109);
  });

  it.each(Object.entries(ASKED))('%s', async (name, expected) => {
    const written = [vi.spyOn(console, 'log'), vi.spyOn(console, 'warn')];
    const outcome = await outcomeOf(name);
    expect(outcome).toMatchObject(expected);
    for (const spy of written) expect(spy).not.toHaveBeenCalled();
  });

  it.each(Object.entries(READ))('%s', async (name, check) => {
    await withReader(name, check);
  });

  it('turns nanoseconds into milliseconds and counts tokens', async () => {
    expect(await outcomeOf('chat-image-stream-rendered')).toMatchObject({
      tokens: { prompt: 21, output: 8 },
      timingMs: { load: 1.43726, prompt: 1.252, generate: 2.175 },
      confidence: null,
    });
  });

  it.each(['logprobs-stream-rendered', 'logprobs-stream-native'])('reads how sure the model was: %s', async (name) => {
    expect(await outcomeOf(name)).toMatchObject({ confidence: { mean: 1, weakest: { text: 'YZ', probability: 1 } } });
  });

  it('gives null for what a server leaves out', async () => {
    expect(await outcomeOf('loop-stream-rendered')).toMatchObject({
      tokens: { prompt: null, output: null },
      timingMs: { load: null, prompt: null, generate: null },
    });
  });

  it.each([
    ['runner-killed-midstream', `57${'7'.repeat(41)}3`],
    ['ollama-sigterm-stream', `57${'7'.repeat(38)}84`],
  ])('keeps the text that came before the end: %s', async (name, partialText) => {
    expect(await outcomeOf(name)).toMatchObject({ partialText });
  });
});

async function outcomeOf(name: string): Promise<ModelAnswer | VisionError | undefined> {
  await using server = await replayServer(recordingOf(name));
  const engine = createOllamaEngine({ url: server.url, connections: 1, connectTimeoutMs: 5_000, logger: SILENT });
  try {
    for await (const delta of engine.ask(QUESTION, new AbortController().signal)) {
      if ('answer' in delta) return delta.answer;
    }
    return undefined;
  } catch (thrown) {
    if (thrown instanceof VisionError) return thrown;
    throw thrown;
  } finally {
    await engine.close();
  }
}

/** A reader whose every route gives its own recording; the named one stands in for its route. */
async function withReader(name: string, use: (server: ServerReader) => Promise<unknown>): Promise<void> {
  await using version = await replayServer(recordingOf('version'));
  await using tags = await replayServer(recordingOf('tags'));
  await using named = await replayServer(recordingOf(name));
  const transports = [version, tags, named].map(
    ({ url }) => new Transport({ url, connections: 1, connectTimeoutMs: 5_000 }),
  );
  const [versionClient, tagsClient, namedClient] = transports.map(
    (transport) => transport.open(new AbortController().signal).client,
  );
  await use({
    host: 'http://recorded',
    version: async () => versionClient?.version(),
    tags: async () => tagsClient?.list(),
    show: async (model) => namedClient?.show({ model }),
    ps: async () => namedClient?.ps(),
  });
  await Promise.all(transports.map((transport) => transport.close()));
}

const QUESTION: ModelRequest = {
  model: 'tiny-r',
  profile: { family: 'unknown', imagePlacement: 'before', rendered: true, maxImages: 8 },
  system: null,
  messages: [{ role: 'user', text: 'go W' }],
  images: [],
  lang: 'eng',
  schema: null,
  options: { temperature: 0, maxTokens: 40, seed: 7, repeatPenalty: null, stop: [], extra: {} },
  numCtx: 4096,
  wantsConfidence: false,
};
