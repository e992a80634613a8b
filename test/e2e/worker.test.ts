import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runCli } from '../support/cli.js';
import { startRedis, withClient } from '../support/redis.js';
import { readRows } from '../support/rows.js';
import { type Stage, startStage, until, untilAsked } from '../support/runs.js';

const PASSWORD = 'correct-horse-9';
const ITEMS = 24;

let stage: Stage;
let redis: Awaited<ReturnType<typeof startRedis>>;
let url: string;
beforeAll(async () => {
  [stage, redis] = await Promise.all([
    startStage({ items: ITEMS, hosts: [{ slots: 1, serviceMs: 100 }] }),
    startRedis({ args: ['--requirepass', PASSWORD] }),
  ]);
  url = withPassword(redis.url, PASSWORD);
});
afterAll(async () => {
  await stage[Symbol.asyncDispose]();
  await redis[Symbol.asyncDispose]();
});

describe.each([
  ['a worker', ['worker', '--host', 'cpu']],
  ['a coordinator', ['ocr', 'scans', '-o', 'never.jsonl', '--host', 'cpu']],
])('%s at its start', (_, args) => {
  const start = (redisUrl: string) => runCli([...args, '--redis', redisUrl], { cwd: stage.folder.path });

  it('ends with exit 3 where Redis cannot be reached', async () => {
    const end = await start('redis://me:hunter2@127.0.0.1:1');
    expect(end).toMatchObject({ code: 3, stdout: '' });
    expect(end.stderr).toContain('Redis at redis://me:***@127.0.0.1:1 cannot be used: it cannot be reached');
    expect(end.stderr).not.toContain('hunter2');
  });

  it('ends with exit 3 where the password is another one', async () => {
    const end = await start(withPassword(redis.url, 'hunter2'));
    expect(end).toMatchObject({ code: 3, stdout: '' });
    expect(end.stderr).toContain('it wants another password');
    expect(end.stderr).not.toContain('hunter2');
  });

  it('ends with exit 3 where Redis may throw jobs away', async () => {
    await withClient(url, (client) => client.config('SET', 'maxmemory-policy', 'allkeys-lru'));
    const end = await start(url);
    await withClient(url, (client) => client.config('SET', 'maxmemory-policy', 'noeviction'));
    expect(end).toMatchObject({ code: 3, stdout: '' });
    expect(end.stderr).toContain('maxmemory-policy is allkeys-lru');
  });
});

describe('a coordinator that is stopped', () => {
  it('tells the next command without the password', async () => {
    const args = [
      'ocr',
      'scans',
      '--model',
      'tiny',
      '--redis',
      url,
      '--redis-prefix',
      'stopped',
      '-o',
      'stopped/out.csv',
    ];
    const coordinator = stage.cli(args);
    await coordinator.says(/No worker serves this run yet/);
    coordinator.kill('SIGINT');
    const { code, stderr } = await coordinator.end;
    expect(code).toBe(130);
    expect(stderr).toMatch(/visionbatch ocr .*--redis 'redis:.*' --redis-prefix stopped/);
    expect(stderr).not.toContain(PASSWORD);
  });
});

describe('a worker', () => {
  it('that is idle ends at once on a signal', async () => {
    const worker = stage.cli(['worker', '--redis', url, '--redis-prefix', 'idle', ...stage.hostFlags]);
    await worker.says(/waits for runs/);
    worker.kill('SIGTERM');
    expect(await worker.end).toMatchObject({ code: 143, stdout: '' });
  });

  it('finishes what it has in hand on SIGTERM and SIGINT, loses nothing, asks nothing twice, and never tells the password', async () => {
    await stage.ollama.reset();
    const args = ['worker', '--redis', url, ...stage.hostFlags, '-v'];
    const coordinator = stage.cli(['ocr', 'scans', '--model', 'tiny', '--redis', url, '-o', 'out.jsonl', '-v']);
    const said: string[] = [];
    for (const [signal, code, asks] of [['SIGTERM', 143, 3] as const, ['SIGINT', 130, 8] as const]) {
      const worker = stage.cli(args);
      await untilAsked(stage.ollama, asks);
      worker.kill(signal);
      const end = await worker.end;
      expect(end).toMatchObject({ code, stdout: '' });
      said.push(end.stderr);
    }
    const last = stage.cli(args);
    const end = await coordinator.end;
    expect(end).toMatchObject({ code: 0 });
    const rows = await readRows(stage.folder.at('out.jsonl'));
    expect(rows.map(({ id, status }) => [id, status])).toEqual(stage.keys.map((key) => [key, 'ok']));
    const [host] = await stage.ollama.stats();
    expect(host).toMatchObject({ asks: ITEMS, aborted: 0 });
    await until(() => /waits for runs/.test(last.stderr), 'the last worker to have spoken');
    for (const words of [...said, last.stderr, end.stderr, end.stdout]) expect(words).not.toContain(PASSWORD);
  });
});

describe('a Redis that wants another password for a while', () => {
  it('is waited for by coordinator and worker, which name it and go on', async () => {
    await stage.ollama.reset();
    const flags = ['--redis', url, '--redis-prefix', 'changed'];
    const worker = stage.cli(['worker', ...flags, ...stage.hostFlags]);
    const coordinator = stage.cli([
      'ocr',
      'scans',
      '--model',
      'tiny',
      ...flags,
      '-o',
      'changed/out.jsonl',
      '--limit',
      '8',
    ]);
    await untilAsked(stage.ollama, 5, coordinator);
    await withClient(url, async (client) => {
      await client.config('SET', 'requirepass', 'another');
      await client.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
      await Promise.all([worker, coordinator].map((process) => process.says(/it wants another password: /)));
      await client.config('SET', 'requirepass', PASSWORD);
    });
    const end = await coordinator.end;
    expect(end).toMatchObject({ code: 0 });
    expect(await readRows(stage.folder.at('changed/out.jsonl'))).toHaveLength(8);
    expect(worker.child.exitCode).toBeNull();
    for (const words of [end.stderr, worker.stderr]) expect(words).not.toContain(PASSWORD);
  });
});

function withPassword(address: string, password: string): string {
  const parsed = new URL(address);
  parsed.password = password;
  return parsed.href;
}
