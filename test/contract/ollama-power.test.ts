import { connect } from 'node:net';
import { describe, expect, it } from 'vitest';
import { startOllama } from '../support/ollama/server.js';
import { chat, exchangeWith, linesOf, until } from './ollama-wire.js';

const ask = { model: 'tiny', messages: [{ role: 'user', content: 'read' }] };

describe('a host', () => {
  it('that loses power keeps its sockets and says nothing, takes new ones, and comes back empty', async () => {
    await using server = await startOllama({ tokenMs: 5 });
    let lines = 0;
    const cut = chat(server.url, ask, {
      onBody: (soFar) => {
        lines = soFar.split('\n').length - 1;
        if (lines === 1) server.powerOff();
      },
    });
    await until(() => lines >= 1);
    const probe = exchangeWith(server.url, { method: 'GET', path: '/api/version', body: null });
    const early = await Promise.race([cut, probe, new Promise((resolve) => setTimeout(resolve, 100, 'silence'))]);
    expect(early).toBe('silence');
    server.powerOn();
    expect(await cut).toMatchObject({ end: 'eof' });
    expect(await probe).toMatchObject({ status: 200 }); // it waited for the machine to be back
    const { body } = await exchangeWith(server.url, { method: 'GET', path: '/api/ps', body: null });
    expect(JSON.parse(body)).toEqual({ models: [] });
  });

  it('that is killed resets its connections, refuses new ones, and comes back on the same port', async () => {
    await using server = await startOllama({ serviceMs: 5000 });
    const cut = chat(server.url, ask);
    await until(() => server.busyHighWater === 1);
    const { url } = server;
    await server.kill();
    expect(await cut).toMatchObject({ end: 'closed-before-headers' });
    expect(await codeOfConnecting(url)).toBe('ECONNREFUSED');
    await server.restart();
    expect(server.url).toBe(url);
    expect(await exchangeWith(url, { method: 'HEAD', path: '/', body: null })).toMatchObject({ status: 200 });
  });

  it('whose runner crashed answers the next request after a load of its own', async () => {
    await using server = await startOllama({ serviceMs: 2000 });
    const first = chat(server.url, ask);
    await until(() => server.busyHighWater === 1);
    server.crashRunner();
    expect(await first).toMatchObject({ status: 500 });
    server.faults.add({ outcome: { kind: 'empty' } });
    expect(linesOf(await chat(server.url, ask)).at(-1)?.done_reason).toBe('stop');
  });
});

function codeOfConnecting(url: string): Promise<string> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve) => {
    const socket = connect(Number(port), hostname, () => resolve('connected'));
    socket.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
  });
}
