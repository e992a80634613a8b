import { afterEach, expect, it } from 'vitest';
import { ModelPulls } from '../../../src/app/pulls.js';
import { VisionError } from '../../../src/core/errors.js';
import { type Logger, SILENT } from '../../../src/core/telling.js';
import type { Engine, PullProgress } from '../../../src/engines/engine.js';
import { createOllamaEngine } from '../../../src/engines/ollama/client.js';
import { anEngine } from '../../support/builders.js';
import { startOllama } from '../../support/ollama/server.js';

const SIGNAL = new AbortController().signal;
const WANTED = { model: 'gemma3', signal: SIGNAL };
const REGISTRY = { models: [], registry: [{ name: 'gemma3', sizeBytes: 2e9 }] };
const engines: Engine[] = [];

afterEach(async () => {
  await Promise.all(engines.splice(0).map((engine) => engine.close()));
});

function engineFor(url: string): Engine {
  const engine = createOllamaEngine({ url, connections: 2, connectTimeoutMs: 5_000, logger: SILENT });
  engines.push(engine);
  return engine;
}

const pullsOf = (host: { readonly requests: readonly { readonly path: string }[] }) =>
  host.requests.filter(({ path }) => path === '/api/pull');

it('pulls a model once, however many wait for it, and leaves one that is there', async () => {
  await using host = await startOllama({ ...REGISTRY, pullMs: 60 });
  const engine = engineFor(host.url);
  const pulls = new ModelPulls({ logger: SILENT, signal: SIGNAL });
  await Promise.all([pulls.ensure(engine, WANTED), pulls.ensure(engine, WANTED)]);
  await pulls.ensure(engine, WANTED);
  expect(pullsOf(host)).toHaveLength(1);
});

it('pulls again at the next look where it has failed', async () => {
  await using host = await startOllama({ models: [], registry: [] });
  const engine = engineFor(host.url);
  const pulls = new ModelPulls({ logger: SILENT, signal: SIGNAL });
  await expect(pulls.ensure(engine, WANTED)).rejects.toMatchObject({ code: 'MODEL_MISSING' });
  await expect(pulls.ensure(engine, WANTED)).rejects.toMatchObject({ code: 'MODEL_MISSING' });
  expect(pullsOf(host)).toHaveLength(2);
});

it('tells of a host that cannot have it while others keep the run waiting, and does not pull there for the first look', async () => {
  await using full = await startOllama({ ...REGISTRY, diskFreeBytes: 1e9 });
  await using slow = await startOllama({ ...REGISTRY, pullMs: 300 });
  const lines: string[] = [];
  const tell = (line: string) => lines.push(line);
  const pulls = new ModelPulls({ logger: { ...SILENT, info: tell, warn: tell }, signal: SIGNAL });
  const lacking = engineFor(full.url);
  await pulls.begin([{ engine: lacking }, { engine: engineFor(slow.url) }], 'gemma3');
  expect(lines.slice(2)).toEqual([
    expect.stringContaining(`${full.url} has no room on its disk`),
    expect.stringContaining(`${slow.url} has gemma3 now`),
  ]);
  await expect(pulls.ensure(lacking, WANTED)).rejects.toMatchObject({ code: 'HOST_DISK_FULL' });
  expect(pullsOf(full)).toHaveLength(1);
  await expect(pulls.ensure(lacking, WANTED)).rejects.toMatchObject({ code: 'HOST_DISK_FULL' });
  expect(pullsOf(full)).toHaveLength(2);
});

it('leaves it to the look to tell where no host can have it', async () => {
  await using host = await startOllama({ models: [], registry: [] });
  const lines: string[] = [];
  const tell = (line: string) => lines.push(line);
  const pulls = new ModelPulls({ logger: { ...SILENT, info: tell, warn: tell }, signal: SIGNAL });
  const engine = engineFor(host.url);
  await pulls.begin([{ engine }], 'gemma3');
  await expect(pulls.ensure(engine, WANTED)).rejects.toMatchObject({ code: 'MODEL_MISSING' });
  expect(lines).toEqual([`${host.url} pulls gemma3.`]);
  expect(pullsOf(host)).toHaveLength(1);
});

it('tries once at a later look, without a word, and tells when it has come', async () => {
  const missing = new VisionError('MODEL_MISSING', 'the registry is away');
  const tries: boolean[] = [];
  const engine = anEngine({
    digest: () => Promise.reject(missing),
    pull: async (_, { once = false }) => {
      tries.push(once);
      if (tries.length < 3) throw missing;
    },
  });
  const lines: string[] = [];
  const pulls = new ModelPulls({ logger: { ...SILENT, info: (line) => lines.push(line) }, signal: SIGNAL });
  await expect(pulls.ensure(engine, WANTED)).rejects.toBe(missing);
  await expect(pulls.ensure(engine, WANTED)).rejects.toBe(missing);
  await pulls.ensure(engine, WANTED);
  expect(tries).toEqual([false, true, true]);
  expect(lines).toEqual(['gpu1 pulls gemma3.', expect.stringContaining('gpu1 has gemma3 now')]);
});

it('asks a host only once for a model whose registry is away, where that is wanted', async () => {
  await using host = await startOllama({ models: [] });
  const troubles: unknown[] = [];
  const onProgress = ({ trouble }: PullProgress) => void (trouble !== null && troubles.push(trouble));
  const pulling = engineFor(host.url).pull('gemma3', { signal: SIGNAL, onProgress, once: true });
  await expect(pulling).rejects.toMatchObject({ code: 'MODEL_MISSING' });
  expect(pullsOf(host)).toHaveLength(1);
  expect(troubles).toEqual([]);
});

it('begins as soon as one host has the model, and goes on with the others', async () => {
  await using ready = await startOllama({ models: [{ name: 'gemma3' }] });
  await using slow = await startOllama({ ...REGISTRY, pullMs: 120 });
  const pulls = new ModelPulls({ logger: SILENT, signal: SIGNAL });
  const lacking = engineFor(slow.url);
  await pulls.begin([{ engine: engineFor(ready.url) }, { engine: lacking }], 'gemma3');
  await pulls.ensure(lacking, WANTED);
  expect(pullsOf(slow)).toHaveLength(1);
});

it('tells people now and then how far it is', async () => {
  await using host = await startOllama({ ...REGISTRY, pullMs: 120 });
  const lines: string[] = [];
  const logger: Logger = { ...SILENT, info: (line) => lines.push(line) };
  const pulls = new ModelPulls({ logger, signal: SIGNAL, tellEveryMs: 0 });
  await pulls.ensure(engineFor(host.url), WANTED);
  expect(lines[0]).toBe(`${host.url} pulls gemma3.`);
  expect(lines).toContainEqual(expect.stringContaining('pulls gemma3, 50 % of 2.0 GB: pulling '));
  expect(lines.at(-1)).toContain(`${host.url} has gemma3 now (2.0 GB), after `);
});

it('is closed on the host with what it belongs to, and no sooner', async () => {
  await using host = await startOllama({ ...REGISTRY, pullMs: 60_000 });
  const run = new AbortController();
  const lane = new AbortController();
  const engine = engineFor(host.url);
  const pulls = new ModelPulls({ logger: SILENT, signal: run.signal });
  const pulling = pulls.ensure(engine, WANTED);
  const waiting = pulls.ensure(engine, { model: 'gemma3', signal: lane.signal });
  await expect.poll(() => pullsOf(host)).toMatchObject([{ aborted: false }]);
  lane.abort(new Error('the lane is closed'));
  await expect(waiting).rejects.toThrow('the lane is closed');
  expect(pullsOf(host)).toMatchObject([{ aborted: false }]);
  run.abort(new Error('the run is stopped'));
  await expect(pulling).rejects.toThrow('the run is stopped');
  await expect.poll(() => pullsOf(host)).toMatchObject([{ aborted: true }]);
});
