import { describe, expect, it } from 'vitest';
import { type FakeOllama, startOllama } from '../support/ollama/server.js';
import { exchangeWith, linesOf } from './ollama-wire.js';

const REGISTRY = [{ name: 'gemma3', digest: 'ab'.repeat(32), sizeBytes: 1_000 }];

const pull = (server: FakeOllama, body: object) =>
  exchangeWith(server.url, {
    method: 'POST',
    path: '/api/pull',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(body),
  });

describe('a pull', () => {
  it('tells of each part with its bytes, zeros left out, and the model is there afterwards', async () => {
    await using server = await startOllama({ models: [], registry: REGISTRY, pullMs: 100 });
    const lines = linesOf(await pull(server, { name: 'gemma3' }));
    const part = { status: 'pulling abababababab', digest: `sha256:${'ab'.repeat(32)}`, total: 1_000 };
    expect(lines).toEqual([
      { status: 'pulling manifest' },
      part,
      { ...part, completed: 500 },
      { ...part, completed: 1_000 },
      { status: 'verifying sha256 digest' },
      { status: 'writing manifest' },
      { status: 'success' },
    ]);
    const tags = await fetch(`${server.url}/api/tags`).then((response) => response.json());
    expect(tags).toMatchObject({ models: [{ name: 'gemma3:latest' }] });
  });

  it('that cannot be tells why in its last line, with status 200', async () => {
    await using server = await startOllama({ models: [], registry: REGISTRY, diskFreeBytes: 10 });
    const unknown = await pull(server, { model: 'other' });
    expect(unknown.status).toBe(200);
    expect(linesOf(unknown).at(-1)).toEqual({ error: 'pull model manifest: file does not exist' });
    expect(linesOf(await pull(server, { model: 'gemma3' })).at(-1)).toEqual({
      error: expect.stringMatching(/^write .*: no space left on device$/),
    });
  });

  it('without a stream is one object', async () => {
    await using server = await startOllama({ models: [], registry: REGISTRY });
    expect((await pull(server, { model: 'gemma3', stream: false })).body).toBe('{"status":"success"}');
    expect((await pull(server, { model: 'other', stream: false })).status).toBe(500);
  });
});
