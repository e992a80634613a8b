import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer, type Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import { createBullmqConnection } from '../../jobs/bullmq-connection.js';
import { EXIT, ExitError } from '../../src/core/exit.js';
import { SILENT } from '../../src/core/telling.js';
import { freePort, startRedis, withClient } from '../support/redis.js';
import { TLS } from '../support/tls.js';

/** What the start says about a Redis; fails where it has nothing to say. */
async function complaint(url: string, checkMs = 3_000): Promise<ExitError> {
  try {
    const connection = await createBullmqConnection({ url, prefix: '{test}', logger: SILENT, times: { checkMs } });
    await connection.close();
  } catch (error) {
    if (error instanceof ExitError) return error;
    throw error;
  }
  throw new Error('Expected a complaint');
}

/** A TCP server that answers whatever is asked in this way. */
async function startTcp(answer: (request: string, socket: Socket) => void) {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('data', (data) => answer(data.toString(), socket));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('Expected a TCP address');
  return {
    url: `redis://127.0.0.1:${address.port}`,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

/** One answer to each command of a request: INFO's to INFO, OK to anything else. */
function respond(info: string): (request: string, socket: Socket) => void {
  return (request, socket) => {
    for (const command of request.split(/(?=\*\d+\r\n)/)) {
      if (/hello/i.test(command)) socket.write('-NOPROTO unsupported\r\n');
      else if (/\r\ninfo\r\n/i.test(command)) socket.write(`$${info.length}\r\n${info}\r\n`);
      else socket.write('+OK\r\n');
    }
  };
}

describe('a Redis that cannot be used ends the start with reason and fix', () => {
  it('not reachable', async () => {
    const error = await complaint('redis://user:secret@127.0.0.1:1');
    expect(error.exitCode).toBe(EXIT.dependency);
    expect(error.message).toMatch(
      /^Redis at redis:\/\/user:\*\*\*@127\.0\.0\.1:1\/? cannot be used: it cannot be reached/,
    );
    expect(error.message).toContain('ECONNREFUSED');
    expect(`${error.message}${error.fix}`).not.toContain('secret');
  });

  it('no such host', async () => {
    expect((await complaint('redis://no.such.host.invalid')).message).toMatch(
      /cannot be reached \(.*(ENOTFOUND|EAI_AGAIN)/,
    );
  });

  it('accepts, and never answers', async () => {
    await using silent = await startTcp(() => {});
    const startMs = performance.now();
    expect((await complaint(silent.url, 300)).message).toContain('no answer within 0.3 s');
    expect(performance.now() - startMs).toBeLessThan(2_000);
  });

  it('wants a password, or another one', async () => {
    await using redis = await startRedis({ args: ['--requirepass', 'right'] });
    expect((await complaint(redis.url)).message).toContain('it wants another password');
    const wrong = await complaint(redis.url.replace('//', '//:wrong@'));
    expect(wrong.message).toContain('it wants another password');
    expect(wrong.message).not.toContain('wrong');
  });

  it('lets this user read, and not write', async () => {
    await using redis = await startRedis();
    await withClient(redis.url, (client) =>
      client.call('ACL', 'SETUSER', 'reader', 'on', '>right', '~*', '+@read', '+info'),
    );
    const error = await complaint(redis.url.replace('//', '//reader:right@'));
    expect(error.message).toContain('this user may not do what a queue needs');
    expect(error.fix).toContain('+@all on the keys of the prefix');
  });

  it('too old', async () => {
    await using old = await startTcp(respond('redis_version:6.0.16\r\nrole:master\r\nmaxmemory_policy:noeviction\r\n'));
    const error = await complaint(old.url);
    expect(error.message).toContain('its version is 6.0.16');
    expect(error.fix).toContain('6.2');
  });

  it('throws keys away when memory runs out', async () => {
    await using redis = await startRedis({ args: ['--maxmemory-policy', 'allkeys-lru'] });
    const error = await complaint(redis.url);
    expect(error.message).toContain('maxmemory-policy is allkeys-lru');
    expect(error.fix).toContain('config set maxmemory-policy noeviction');
  });

  it('read-only replica', async () => {
    await using redis = await startRedis({ args: ['--replicaof', '127.0.0.1', '1'] });
    expect((await complaint(redis.url)).message).toContain('read-only replica');
  });

  it.each(['localhost:6379', 'http://localhost', ''])('no URL of a Redis: %j', async (url) => {
    expect((await complaint(url)).exitCode).toBe(EXIT.usage);
  });
});

describe('a Redis with a password in its URL', () => {
  it('is used', async () => {
    await using redis = await startRedis({ args: ['--requirepass', 'right'] });
    const url = redis.url.replace('//', '//:right@');
    const connection = await createBullmqConnection({ url, logger: SILENT });
    expect(await connection.redis.ping()).toBe('PONG');
    await connection.close();
  });
});

describe('a Redis that speaks TLS', () => {
  const startTlsRedis = async () => {
    const port = await freePort();
    const files = ['--tls-cert-file', TLS.certificate, '--tls-key-file', TLS.key, '--tls-auth-clients', 'no'];
    const redis = await startRedis({ args: ['--tls-port', String(port), ...files, '--requirepass', 'right'] });
    return { ...redis, plainUrl: redis.url, url: `rediss://:right@localhost:${port}` };
  };

  it('is used where its authority is named, and refused with the fix where it is not', async () => {
    await using redis = await startTlsRedis();
    const ca = await readFile(TLS.ca, 'utf8');
    const connection = await createBullmqConnection({ url: redis.url, ca, logger: SILENT });
    expect(await connection.redis.ping()).toBe('PONG');
    await connection.close();
    const error = await complaint(redis.url);
    expect(error.exitCode).toBe(EXIT.dependency);
    expect(error.message).toContain('it has a certificate of an authority that is not trusted here');
    expect(error.fix).toContain('--redis-ca FILE');
    expect(error.message).not.toContain('right');
  });

  it('and one that does not are told apart', async () => {
    await using redis = await startTlsRedis();
    expect((await complaint(redis.plainUrl.replace('redis:', 'rediss:'), 500)).fix).toContain('redis://');
    expect((await complaint(redis.url.replace('rediss:', 'redis:'))).fix).toContain('rediss://');
  });
});
