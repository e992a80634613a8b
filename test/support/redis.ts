import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';

/** A Redis of a test's own, with faults at hand. */
export interface RedisServer extends AsyncDisposable {
  readonly url: string;
  /** Ends the process at once, as a power cut does. */
  kill(): Promise<void>;
  /** Starts it again, with the same port and data. */
  restart(): Promise<void>;
  /** Stops it from answering; its sockets stay open. */
  freeze(): void;
  thaw(): void;
  /** Removes every key. */
  flush(): Promise<void>;
}

export interface RedisServerOptions {
  /** Further settings as on the command line of redis-server, such as `['--requirepass', 'secret']`. */
  readonly args?: readonly string[];
}

/** Starts a redis-server or valkey-server on a free port, with its data in a folder of its own. */
export async function startRedis(options: RedisServerOptions = {}): Promise<RedisServer> {
  const binary = redisBinary();
  const dir = await mkdtemp(join(tmpdir(), 'visionbatch-redis-'));
  const port = await freePort();
  const settings = [
    '--appendonly',
    'yes',
    '--appendfsync',
    'everysec',
    '--maxmemory-policy',
    'noeviction',
    '--save',
    '',
  ];
  const args = ['--port', String(port), '--bind', '127.0.0.1', '--dir', dir, ...settings, ...(options.args ?? [])];
  let server = await launch(binary, args, port);
  return {
    url: `redis://127.0.0.1:${port}`,
    kill: () => killed(server),
    restart: async () => {
      server = await launch(binary, args, port);
    },
    freeze: () => void server.kill('SIGSTOP'),
    thaw: () => void server.kill('SIGCONT'),
    flush: () => withClient(`redis://127.0.0.1:${port}`, async (redis) => void (await redis.flushall())),
    async [Symbol.asyncDispose]() {
      await killed(server);
      await rm(dir, { recursive: true, force: true });
    },
  };
}

/** A server that many tests share: `REDIS_URL` where it is set, else one of their own. */
export async function sharedRedis(): Promise<AsyncDisposable & { readonly url: string }> {
  const url = process.env.REDIS_URL;
  return url === undefined ? await startRedis() : { url, async [Symbol.asyncDispose]() {} };
}

/** Removes every key under a prefix. */
export async function removeKeys(url: string, prefix: string): Promise<void> {
  await withClient(url, async (redis) => {
    for await (const keys of redis.scanStream({ match: `${prefix}:*`, count: 1_000 })) {
      if (keys.length > 0) await redis.unlink(keys);
    }
  });
}

/** Lends a connection. */
export async function withClient<T>(url: string, use: (redis: Redis) => Promise<T>): Promise<T> {
  const redis = new Redis(url, { maxRetriesPerRequest: null });
  redis.on('error', () => {});
  try {
    return await use(redis);
  } finally {
    redis.disconnect();
  }
}

function redisBinary(): string {
  const found = ['redis-server', 'valkey-server'].find((name) => spawnSync(name, ['--version']).status === 0);
  if (found === undefined) {
    throw new Error('Expected redis-server or valkey-server on PATH: install one of them to run these tests.');
  }
  return found;
}

async function launch(binary: string, args: readonly string[], port: number): Promise<ChildProcess> {
  const server = spawn(binary, args, { stdio: ['ignore', 'pipe', 'ignore'] });
  const killWithUs = () => server.kill('SIGKILL');
  process.once('exit', killWithUs);
  server.once('exit', () => process.off('exit', killWithUs));
  let output = '';
  for await (const chunk of server.stdout.iterator({ destroyOnReturn: false })) {
    output += chunk;
    if (/Ready to accept connections/i.test(output)) {
      server.stdout.resume();
      return server;
    }
  }
  throw new Error(`redis-server on port ${port} ended at its start:\n${output}`);
}

async function killed(server: ChildProcess): Promise<void> {
  if (server.exitCode !== null || server.signalCode !== null) return;
  const exited = once(server, 'exit');
  server.kill('SIGKILL');
  await exited;
}

/** A port that nobody listens on. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('Expected a TCP address');
  return address.port;
}
