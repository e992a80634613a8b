import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { SILENT } from '../../../../src/core/telling.js';
import type { Engine } from '../../../../src/engines/engine.js';
import { createOllamaEngine } from '../../../../src/engines/ollama/client.js';
import { agentOptions, Transport } from '../../../../src/engines/ollama/transport.js';
import { aRequest } from './a-request.js';
import { aServer, chatLine, NDJSON, STOP } from './a-server.js';

const engines: Engine[] = [];

function engineFor(url: string, connections = 1): Engine {
  const engine = createOllamaEngine({ url, connections, connectTimeoutMs: 5_000, logger: SILENT });
  engines.push(engine);
  return engine;
}

afterEach(async () => {
  await Promise.all(engines.splice(0).map((engine) => engine.close()));
  vi.restoreAllMocks();
});

async function answerOf(engine: Engine, signal = new AbortController().signal) {
  for await (const delta of engine.ask(aRequest(), signal)) if ('answer' in delta) return delta.answer;
  throw new Error('Expected an answer');
}

describe('the way to a server', () => {
  it('has no time limit but the one for connecting', () => {
    const options = agentOptions({ url: 'http://h', connections: 5, connectTimeoutMs: 5_000 }, null);
    expect(options).toMatchObject({ connections: 5, headersTimeout: 0, bodyTimeout: 0, connect: { timeout: 5_000 } });
  });

  it('waits seconds for headers and between chunks', async () => {
    await using server = await aServer(async (_, response) => {
      await delay(1_500);
      response.writeHead(200, NDJSON).write(chatLine('late '));
      await delay(1_500);
      response.end(chatLine('but whole', STOP));
    });
    expect(await answerOf(engineFor(server.url))).toMatchObject({ end: 'complete', text: 'late but whole' });
  });

  it('closes the socket when aborted before headers', async () => {
    let onArrived = () => {};
    const arrived = new Promise<void>((resolve) => {
      onArrived = resolve;
    });
    await using server = await aServer(() => onArrived());
    const abort = new AbortController();
    const answer = answerOf(engineFor(server.url), abort.signal);
    await arrived;
    const reason = new Error('enough');
    abort.abort(reason);
    await expect(answer).rejects.toBe(reason);
    await server.closed;
  });

  it('closes the socket when aborted in the middle of an answer', async () => {
    await using server = await aServer((_, response) => response.writeHead(200, NDJSON).write(chatLine('one')));
    const abort = new AbortController();
    const reason = new Error('enough');
    const deltas: unknown[] = [];
    const read = async () => {
      for await (const delta of engineFor(server.url).ask(aRequest(), abort.signal)) {
        deltas.push(delta);
        abort.abort(reason);
      }
    };
    await expect(read()).rejects.toBe(reason);
    expect(deltas).toEqual([{ text: 'one' }]);
    await server.closed;
  });

  it('closes the socket when the reader leaves in the middle of an answer', async () => {
    await using server = await aServer((_, response) => response.writeHead(200, NDJSON).write(chatLine('one')));
    for await (const _ of engineFor(server.url).ask(aRequest(), new AbortController().signal)) break;
    await server.closed;
  });

  it('sends nothing when the signal has fired already', async () => {
    await using server = await aServer(() => {});
    const reason = new Error('too late');
    await expect(answerOf(engineFor(server.url), AbortSignal.abort(reason))).rejects.toBe(reason);
    expect(server.sockets()).toBe(0);
  });

  it('leaves no listener on a signal that outlives its calls', async () => {
    await using server = await aServer((_, response) => response.writeHead(200, NDJSON).end(chatLine('x', STOP)));
    const { signal } = new AbortController();
    const added = vi.spyOn(signal, 'addEventListener');
    const removed = vi.spyOn(signal, 'removeEventListener');
    await answerOf(engineFor(server.url), signal);
    expect(added).toHaveBeenCalledTimes(1);
    expect(removed.mock.calls[0]?.slice(0, 2)).toEqual(added.mock.calls[0]?.slice(0, 2));
  });

  it('uses one socket again and again', async () => {
    await using server = await aServer((_, response) => {
      response.writeHead(200, NDJSON).write(chatLine('x', STOP));
      setImmediate(() => response.end()); // the end of the body comes apart from the last line
    });
    const engine = engineFor(server.url);
    for (let i = 0; i < 5; i += 1) await answerOf(engine);
    expect(server.sockets()).toBe(1);
  });

  it('gives up a socket whose body does not end after the last line', async () => {
    await using server = await aServer((_, response) => response.writeHead(200, NDJSON).write(chatLine('x', STOP)));
    const engine = engineFor(server.url);
    expect(await answerOf(engine)).toMatchObject({ end: 'complete' });
    expect(await answerOf(engine)).toMatchObject({ end: 'complete' }); // there is one connection only
    expect(server.sockets()).toBe(2);
  });

  it('reads characters that are split over chunks', async () => {
    const bytes = Buffer.from(chatLine('Grüße 😀 漢字') + chatLine('!', STOP), 'utf8');
    await using server = await aServer((_, response) => {
      response.writeHead(200, NDJSON);
      void byteByByte(response, bytes);
    });
    expect(await answerOf(engineFor(server.url))).toMatchObject({ end: 'complete', text: 'Grüße 😀 漢字!' });
  });

  it.each([
    ['a line that is no JSON', `${chatLine('a')}<html>oops</html>\n${chatLine('b', STOP)}`],
    ['a line that was cut', `${chatLine('a')}{"message":{"con\n${chatLine('b', STOP)}`],
    ['a blank line', `${chatLine('a')}\n${chatLine('b', STOP)}`],
    ['an end inside a line', `${chatLine('a')}{"message":{"con`],
  ])('calls no answer complete that holds %s', async (_, body) => {
    const warned = vi.spyOn(console, 'warn');
    await using server = await aServer((_request, response) => response.writeHead(200, NDJSON).end(body));
    const answer = answerOf(engineFor(server.url));
    await expect(answer).rejects.toMatchObject({ code: 'HOST_UNREACHABLE' });
    expect(warned).not.toHaveBeenCalled();
  });

  it('sends credentials as a header and names the host without them', async () => {
    let authorization: string | undefined;
    await using server = await aServer((request, response) => {
      authorization = request.headers.authorization;
      response.writeHead(200, NDJSON).end(chatLine('x', STOP));
    });
    const engine = engineFor(`http://us%40er:p%C3%A4ss@127.0.0.1:${server.port}/`);
    await answerOf(engine);
    expect(authorization).toBe(`Basic ${Buffer.from('us@er:päss', 'utf8').toString('base64')}`);
    expect(engine.host).toBe(server.url);
  });

  it('keeps a path prefix', async () => {
    let path: string | undefined;
    await using server = await aServer((request, response) => {
      path = request.url;
      response.writeHead(200, NDJSON).end(chatLine('x', STOP));
    });
    await answerOf(engineFor(`${server.url}/gpu1/`));
    expect(path).toBe('/gpu1/api/chat');
  });

  it('names the usual causes where nobody listens', async () => {
    const free = createServer().listen(0, '127.0.0.1');
    await once(free, 'listening');
    const { port } = free.address() as AddressInfo;
    free.close();
    const answer = answerOf(engineFor(`http://127.0.0.1:${port}`));
    await expect(answer).rejects.toMatchObject({
      code: 'HOST_UNREACHABLE',
      sentence: expect.stringMatching(/ECONNREFUSED.*OLLAMA_HOST=0\.0\.0\.0.*11434/),
    });
  });

  it('says that a server that speaks no HTTP is not Ollama', async () => {
    const mail = createServer((socket) => socket.end('220 mail ready\r\n')).listen(0, '127.0.0.1');
    await once(mail, 'listening');
    const { port } = mail.address() as AddressInfo;
    const answer = answerOf(engineFor(`http://127.0.0.1:${port}`));
    await expect(answer).rejects.toMatchObject({ code: 'HOST_REFUSED' });
    mail.close();
  });

  it('follows no redirect', async () => {
    await using server = await aServer((_, response) =>
      response.writeHead(301, { Location: 'https://elsewhere/' }).end(),
    );
    await expect(answerOf(engineFor(server.url))).rejects.toMatchObject({
      code: 'HOST_REFUSED',
      sentence: expect.stringContaining('redirects to https://elsewhere/'),
    });
  });

  it('fails open calls when it is closed', async () => {
    let onArrived = () => {};
    const arrived = new Promise<void>((resolve) => {
      onArrived = resolve;
    });
    await using server = await aServer(() => onArrived());
    const transport = new Transport({ url: server.url, connections: 1, connectTimeoutMs: 5_000 });
    const version = transport.open(new AbortController().signal).client.version();
    await arrived;
    const failed = expect(version).rejects.toBeInstanceOf(Error);
    await transport.close();
    await failed;
  });
});

async function byteByByte(response: ServerResponse, bytes: Buffer): Promise<void> {
  for (const byte of bytes) {
    response.write(Buffer.of(byte));
    await new Promise(setImmediate); // lets each byte leave on its own
  }
  response.end();
}
