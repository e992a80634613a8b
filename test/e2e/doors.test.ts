import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CliEnd, runCli } from '../support/cli.js';
import { freePort, type RedisServer, startRedis } from '../support/redis.js';
import { readRows } from '../support/rows.js';
import { endsWith, type Stage, startStage } from '../support/runs.js';
import { type HttpsDoor, startHttpsDoor, TLS } from '../support/tls.js';

const KEY = 'sk-hunter2-key';
const HEADER = 'hunter2-header';
const PASSWORD = 'hunter2-redis';
const ENV = { GPU_KEY: KEY, GPU_HEADER: HEADER };
const ITEMS = 4;

let stage: Stage;
let door: HttpsDoor;
beforeAll(async () => {
  stage = await startStage({ items: ITEMS, hosts: [{ slots: 1 }] });
  door = await startHttpsDoor(stage.ollama.urls[0] ?? '', {
    headers: { authorization: `Bearer ${KEY}`, 'x-door': HEADER },
    refusal: (request, response) => response.writeHead(401).end(`not ${request.headers.authorization}`),
  });
  const host = { url: door.url, slots: 1, key: 'env:GPU_KEY', headers: { 'X-Door': 'file:door.secret' }, ca: TLS.ca };
  await writeFile(stage.folder.at('hosts.json'), JSON.stringify([host]));
  await writeFile(stage.folder.at('door.secret'), `${HEADER}\n`);
});
afterAll(async () => {
  await door[Symbol.asyncDispose]();
  await stage[Symbol.asyncDispose]();
});

/** Everything that files of a folder hold, one after the other. */
async function contentsOf(folder: string): Promise<string> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map(({ name, parentPath }) => join(parentPath, name));
  return (await Promise.all(files.map((file) => readFile(file, 'latin1')))).join('\n');
}

function expectNoSecret(...texts: readonly string[]): void {
  for (const text of texts) expect(text.match(/hunter2/g)).toBeNull();
}

describe('a host behind a door', () => {
  it('reads a run, and its secrets stand in no row, no state and no message', async () => {
    const args = ['ocr', 'scans', '-o', 'one/out.jsonl', '--hosts-file', 'hosts.json', '-v'];
    const end = await endsWith(0, stage.cli(args, { env: ENV }));
    expect((await readRows(stage.folder.at('one/out.jsonl'))).map(({ status }) => status)).toEqual(
      stage.keys.map(() => 'ok'),
    );
    const state = await contentsOf(stage.folder.at('one'));
    expect(state).toContain(door.url);
    expectNoSecret(end.stderr, end.stdout, state);
  });

  it('is shown by the names of its secrets', async () => {
    const args = ['config', 'show', '--json', '--hosts-file', 'hosts.json', '--host-key', 'env:GPU_KEY'];
    const { stdout } = await runCli(args, { cwd: stage.folder.path, env: ENV });
    expect(stdout).toContain('key=env:GPU_KEY');
    expectNoSecret(stdout);
  });

  it('that does not take the key ends the run with exit 3, and names the key', async () => {
    const env = { ...ENV, GPU_KEY: 'hunter2-wrong' };
    const args = ['ocr', 'scans', '-o', 'wrong/out.jsonl', '--hosts-file', 'hosts.json', '--model', 'tiny', '-v'];
    const end: CliEnd = await endsWith(3, stage.cli(args, { env }));
    expect(end.stderr).toContain(`${door.url} refused the key of env:GPU_KEY`);
    expectNoSecret(end.stderr, await contentsOf(stage.folder.at('wrong')));
  });

  it('that is not trusted ends the run with exit 3 and the fix', async () => {
    const args = ['ocr', 'scans', '-o', 'never/out.jsonl', '--host', door.url, '--model', 'tiny'];
    const end = await endsWith(3, stage.cli(args));
    expect(end.stderr).toMatch(/HOST_FORBIDDEN|not trusted here/);
    expect(end.stderr).toContain('--host-ca FILE');
  });

  it('without its secret does not start', async () => {
    const args = ['ocr', 'scans', '-o', 'never/out.jsonl', '--hosts-file', 'hosts.json'];
    const end = await endsWith(2, stage.cli(args));
    expect(end.stderr).toContain('Expected the variable GPU_KEY to be set, got none');
  });
});

describe('a run over a Redis behind TLS', () => {
  let redis: RedisServer;
  let url: string;
  beforeAll(async () => {
    const port = await freePort();
    const files = ['--tls-cert-file', TLS.certificate, '--tls-key-file', TLS.key, '--tls-auth-clients', 'no'];
    redis = await startRedis({ args: ['--tls-port', String(port), ...files, '--requirepass', PASSWORD] });
    url = `rediss://:${PASSWORD}@localhost:${port}`;
  });
  afterAll(() => redis[Symbol.asyncDispose]());

  it('is served by a worker, and nothing that passes through it holds a secret of a host', async () => {
    const commands: string[] = [];
    const watcher = new Redis(redis.url, { password: PASSWORD });
    const monitor = await watcher.monitor();
    monitor.on('monitor', (_time: string, args: readonly string[]) => commands.push(args.join(' ')));
    try {
      const shared = ['--redis', url, '--redis-ca', TLS.ca, '-v'];
      const worker = stage.cli(['worker', ...shared, '--hosts-file', 'hosts.json'], { env: ENV });
      const args = ['ocr', 'scans', '--model', 'tiny', ...shared, '-o', 'redis/out.jsonl'];
      const end = await endsWith(0, stage.cli(args));
      worker.kill('SIGTERM');
      const { stderr } = await worker.end;
      expect(await readRows(stage.folder.at('redis/out.jsonl'))).toHaveLength(ITEMS);
      expect(commands.join('\n')).toContain(door.url);
      expectNoSecret(commands.join('\n'), end.stderr, stderr, await contentsOf(stage.folder.at('redis')));
    } finally {
      monitor.disconnect();
      watcher.disconnect();
    }
  });
});
