import { describe, expect, it } from 'vitest';
import { VisionError } from '../../../../src/core/errors.js';
import { SILENT } from '../../../../src/core/telling.js';
import type { PullProgress } from '../../../../src/engines/engine.js';
import { createOllamaEngine } from '../../../../src/engines/ollama/client.js';
import { type PullLine, pullModel } from '../../../../src/engines/ollama/pull.js';
import { aServer, NDJSON } from './a-server.js';

const SIGNAL = new AbortController().signal;

/** Each try in turn: the lines it sees, and what it ends with. */
type Try = { readonly lines?: readonly PullLine[]; readonly error?: Error };

async function pulled(tries: readonly Try[], pausesMs: readonly number[] = [1, 1]): Promise<readonly PullProgress[]> {
  const told: PullProgress[] = [];
  const left = [...tries];
  const pull = async (onLine: (line: PullLine) => void) => {
    const { lines = [], error } = left.shift() ?? {};
    for (const line of lines) onLine(line);
    if (error !== undefined) throw error;
  };
  await pullModel({ host: 'here', model: 'tiny', signal: SIGNAL, onProgress: (now) => told.push(now), pull, pausesMs });
  expect(left).toEqual([]);
  return told;
}

const said = (error: string): Try => ({ error: new Error(error) });
const layer = (digest: string, completed: number): PullLine => ({
  status: `pulling ${digest}`,
  digest,
  total: 100,
  completed,
});

describe('a pull', () => {
  it('adds up the parts of a model', async () => {
    const lines = [
      { status: 'pulling manifest' },
      layer('a', 50),
      layer('a', 100),
      layer('b', 10),
      { status: 'success' },
    ];
    const told = await pulled([{ lines }]);
    expect(told.map(({ doneBytes, totalBytes }) => [doneBytes, totalBytes])).toEqual([
      [0, 0],
      [50, 100],
      [100, 100],
      [110, 200],
      [110, 200],
    ]);
  });

  it('goes on where the way to the registry or to the host was cut, and says so', async () => {
    const cut = said('pull model manifest: Get "https://r": dial tcp: lookup r: no such host');
    const lost = { lines: [layer('a', 50)], error: new VisionError('HOST_UNREACHABLE', 'gone') };
    const told = await pulled([cut, lost, { lines: [layer('a', 100)] }]);
    expect(told.map(({ status, trouble }) => trouble ?? status)).toEqual([
      expect.stringMatching(/^trying again in 0.001 s: .*registry/),
      'pulling a',
      'trying again in 0.001 s: gone',
      'pulling a',
    ]);
  });

  it('gives up after its last pause, but not while every try gets further', async () => {
    const cut = said('EOF');
    await expect(pulled([cut, cut, cut])).rejects.toMatchObject({ code: 'MODEL_MISSING' });
    const further = [1, 2, 3, 4].map((bytes) => ({ lines: [layer('a', bytes)], error: new Error('EOF') }));
    await pulled([...further, {}]);
  });

  it.each([
    ['pull model manifest: file does not exist', 'MODEL_MISSING', 'finds no model tiny'],
    ['write /models/blobs/sha256-1: no space left on device', 'HOST_DISK_FULL', 'ollama rm'],
    ['this model requires MLX support, which is not here', 'MODEL_MISSING', 'Update Ollama'],
    ['something new', 'MODEL_MISSING', 'could not pull'],
  ])('that ends with "%s" is not tried again', async (error, code, sentence) => {
    const failure = pulled([said(error)]);
    await expect(failure).rejects.toMatchObject({ code, sentence: expect.stringContaining(sentence) });
  });

  it('is closed on the host where it is interrupted', async () => {
    await using host = await aServer((_, response) => {
      response.writeHead(200, NDJSON).write(`${JSON.stringify({ status: 'pulling manifest' })}\n`);
    });
    const engine = createOllamaEngine({ url: host.url, connections: 1, connectTimeoutMs: 5_000, logger: SILENT });
    const interrupt = new AbortController();
    const pull = engine.pull('tiny', {
      signal: interrupt.signal,
      onProgress: () => interrupt.abort(new Error('enough')),
    });
    await expect(pull).rejects.toThrow('enough');
    await host.closed;
    await engine.close();
  });
});
