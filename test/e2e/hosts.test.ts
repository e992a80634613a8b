import { tmpdir } from 'node:os';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { runCli, startCli } from '../support/cli.js';
import { startRedis } from '../support/redis.js';

let redis: Awaited<ReturnType<typeof startRedis>>;
beforeAll(async () => {
  redis = await startRedis();
});
afterAll(async () => {
  await redis[Symbol.asyncDispose]();
});

const hosts = (args: readonly string[], url = redis.url) =>
  runCli(['hosts', ...args, '--redis', url], { cwd: tmpdir() });

it('hosts are drained and added for all workers of a Redis, and listed', async () => {
  const [drained, added] = await Promise.all([
    hosts(['drain', 'http://gpu1:11434']),
    hosts(['add', 'http://gpu2:11434,slots=2']),
  ]);
  expect(drained).toMatchObject({ code: 0, stdout: '' });
  expect(drained.stderr).toContain('http://gpu1:11434: nobody serves it now');
  expect(added).toMatchObject({ code: 0, stdout: '' });
  const { code, stdout } = await hosts(['--json']);
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({
    schema_version: 1,
    hosts: [
      { url: 'http://gpu1:11434', drained: true, added: null },
      { url: 'http://gpu2:11434', drained: false, added: 'http://gpu2:11434,slots=2' },
    ],
    workers: [],
  });
});

it('a host at a loopback address is one on each machine, and drained on one', async () => {
  const own = 'http://127.0.0.1:9';
  const prefix = ['--redis-prefix', '{loopback}'];
  const workers = ['a', 'b'].map((machine) =>
    startCli(['worker', '--host', own, '--machine', machine, '--redis', redis.url, ...prefix], { cwd: tmpdir() }),
  );
  expect(await hosts(['drain', `${own}#b`, ...prefix])).toMatchObject({ code: 0 });
  await vi.waitFor(
    async () =>
      expect(JSON.parse((await hosts(['--json', ...prefix])).stdout)).toMatchObject({
        hosts: [
          { url: `${own}#a`, drained: false, workers: [expect.stringMatching(/^a:/)] },
          { url: `${own}#b`, drained: true, workers: [expect.stringMatching(/^b:/)] },
        ],
      }),
    { timeout: 20_000, interval: 100 },
  );
  await Promise.all(workers.map((worker) => worker[Symbol.asyncDispose]()));
});

it('an order without a host, or a Redis that is away, is said with its exit code', async () => {
  const [bare, away] = await Promise.all([hosts(['drain']), hosts([], 'redis://127.0.0.1:1')]);
  expect(bare).toMatchObject({ code: 2, stdout: '' });
  expect(bare.stderr).toContain("missing required argument 'host'");
  expect(away).toMatchObject({ code: 3, stdout: '' });
  expect(away.stderr).toContain('cannot be reached');
});
