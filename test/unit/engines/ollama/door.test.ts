import { readFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import type { VisionError } from '../../../../src/core/errors.js';
import { SourcedText } from '../../../../src/core/sourced-text.js';
import { SILENT } from '../../../../src/core/telling.js';
import type { Engine } from '../../../../src/engines/engine.js';
import { createOllamaEngine } from '../../../../src/engines/ollama/client.js';
import { type DoorOptions, NO_DOOR } from '../../../../src/engines/ollama/door.js';
import { startOllama } from '../../../support/ollama/server.js';
import { startHttpsDoor, TLS } from '../../../support/tls.js';
import { aServer } from './a-server.js';

const SECRET = 'sk-hunter2';
const KEY = new SourcedText('env:GPU_KEY', SECRET);
const CA = new SourcedText('ca.pem', readFileSync(TLS.ca, 'utf8'));

const engines: Engine[] = [];
afterEach(async () => {
  await Promise.all(engines.splice(0).map((engine) => engine.close()));
});

function models(url: string, door: Partial<DoorOptions> = {}): Promise<readonly string[]> {
  const options = { url, connections: 1, connectTimeoutMs: 5_000, logger: SILENT, door: { ...NO_DOOR, ...door } };
  const engine = createOllamaEngine(options);
  engines.push(engine);
  return engine.visionModels(new AbortController().signal);
}

async function refusal(asked: Promise<unknown>): Promise<Pick<VisionError, 'code' | 'sentence'>> {
  const { code, sentence, message } = await asked.then(
    () => Promise.reject(new Error('Expected a refusal')),
    (error: VisionError) => error,
  );
  expect(`${sentence}${message}`).not.toContain('hunter2');
  return { code, sentence };
}

/** Repeats what it was shown, as careless proxies do. */
function echo(status: number, challenge?: string) {
  return (request: IncomingMessage, response: ServerResponse) => {
    if (challenge !== undefined) response.setHeader('WWW-Authenticate', challenge);
    response.writeHead(status).end(`no good: ${request.headers.authorization ?? request.headers['x-key'] ?? ''}`);
  };
}

describe('a host behind https', () => {
  it('is spoken to where its authority is named, with its key and headers', async () => {
    await using host = await startOllama();
    const headers = { authorization: `Bearer ${SECRET}`, 'x-team': 'blue' };
    await using door = await startHttpsDoor(host.url, { headers, refusal: echo(401) });
    const team = new SourcedText('env:TEAM', 'blue');
    expect(await models(door.url, { ca: CA, key: KEY, headers: { 'X-Team': team } })).not.toEqual([]);
  });

  it('is not believed where its authority is not known, with what to do', async () => {
    await using host = await startOllama();
    await using door = await startHttpsDoor(host.url);
    const { code, sentence } = await refusal(models(door.url, { key: KEY }));
    expect(code).toBe('HOST_FORBIDDEN');
    expect(sentence).toMatch(/certificate of an authority that is not trusted here.*--host-ca FILE/);
    expect(host.requests).toEqual([]);
  });

  it('is not believed under a name that its certificate is not for', async () => {
    await using host = await startOllama();
    await using door = await startHttpsDoor(host.url);
    const { code, sentence } = await refusal(models(door.url.replace('localhost', '127.0.0.2'), { ca: CA }));
    expect(code).toBe('HOST_FORBIDDEN');
    expect(sentence).toContain('a certificate for another name');
  });

  it('that speaks only http is told apart', async () => {
    await using host = await startOllama();
    const { code, sentence } = await refusal(models(host.url.replace('http:', 'https:')));
    expect(code).toBe('HOST_REFUSED');
    expect(sentence).toContain('does not speak https');
  });
});

describe('a host that lets nobody in', () => {
  const shown: readonly [string, Partial<DoorOptions>, string][] = [
    ['nothing', {}, ''],
    ['a key', { key: KEY }, ' refused the key of env:GPU_KEY.'],
    ['a header', { headers: { 'X-Key': KEY } }, ' refused the header X-Key of env:GPU_KEY.'],
  ];

  it.each(shown.slice(1))('is named with %s that it refused, and never with its value', async (_, door, words) => {
    for (const status of [401, 403]) {
      await using server = await aServer(echo(status));
      const { code, sentence } = await refusal(models(server.url, door));
      expect(code).toBe('HOST_FORBIDDEN');
      expect(sentence).toContain(`${server.url}${words}`);
      expect(sentence).toContain('***');
    }
  });

  it('is told with what was missing', async () => {
    await using bearer = await aServer(echo(401, 'Bearer realm="gpu"'));
    expect((await refusal(models(bearer.url))).sentence).toMatch(
      /asks for credentials, and no key was given\. It asks for Bearer\..*--host-key env:NAME/,
    );
    await using basic = await aServer(echo(401, 'Basic realm="gpu"'));
    expect((await refusal(models(basic.url))).sentence).toContain('Put user and password into its URL.');
    await using forbidding = await aServer(echo(403));
    expect((await refusal(models(forbidding.url))).sentence).toContain('forbids the request, and no key was given');
  });

  it('and says nothing is one bound to loopback, unless it asks for something', async () => {
    const wordless = (challenge?: string) =>
      aServer((_, response) => {
        if (challenge !== undefined) response.setHeader('WWW-Authenticate', challenge);
        response.writeHead(403).end();
      });
    await using loopback = await wordless();
    expect((await refusal(models(loopback.url))).sentence).toContain('OLLAMA_HOST=0.0.0.0');
    const { sentence } = await refusal(models(loopback.url, { key: KEY }));
    expect(sentence).toMatch(/did not take the key of env:GPU_KEY.*OLLAMA_HOST=0\.0\.0\.0/);
    await using asking = await wordless('Bearer');
    expect((await refusal(models(asking.url))).sentence).not.toContain('OLLAMA_HOST');
  });

  it('does not show the password of its URL, plain or encoded', async () => {
    await using server = await aServer(echo(401));
    const { sentence } = await refusal(models(server.url.replace('//', `//me:${SECRET}@`)));
    expect(sentence).toContain('refused the user and password of its URL');
    expect(sentence).not.toContain(Buffer.from(`me:${SECRET}`).toString('base64'));
  });
});
