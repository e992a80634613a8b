import { afterEach, expect, it } from 'vitest';
import { SILENT } from '../../../../src/core/telling.js';
import type { Engine } from '../../../../src/engines/engine.js';
import { createOllamaEngine } from '../../../../src/engines/ollama/client.js';
import type { OllamaInput } from '../../../support/ollama/options.js';
import { startOllama } from '../../../support/ollama/server.js';
import { type AServer, aServer } from './a-server.js';

const SIGNAL = new AbortController().signal;
const TRIAL = { model: 'tiny', numCtx: 8192, limitMs: 60_000, signal: SIGNAL };
const engines: Engine[] = [];

afterEach(async () => {
  await Promise.all(engines.splice(0).map((engine) => engine.close()));
});

function engineFor(url: string): Engine {
  const engine = createOllamaEngine({ url, connections: 4, connectTimeoutMs: 5_000, logger: SILENT });
  engines.push(engine);
  return engine;
}

it('generates a few words with the context of the run, and without a load that the host did not need', async () => {
  await using host = await startOllama({ answer: counting, prefillMs: 20, tokenMs: 2 });
  const engine = engineFor(host.url);
  await engine.preload({ model: 'tiny', numCtx: 8192, loadTimeoutMs: 5_000, signal: SIGNAL });
  const trial = await engine.trial(TRIAL);
  expect(host.trials).toMatchObject([{ body: { options: { num_ctx: 8192, num_predict: 16 }, stream: false } }]);
  expect(trial?.workMs).toBeGreaterThan(20);
});

it('tells the load and the wait for a slot from the work in it', async () => {
  const durations = { total_duration: 900e6, load_duration: 50e6, prompt_eval_duration: 100e6, eval_duration: 200e6 };
  await using host = await answering({ done: true, done_reason: 'length', ...durations });
  expect(await engineFor(host.url).trial(TRIAL)).toMatchObject({ waitMs: 550, workMs: 300, totalMs: 900 });
});

it.each<[string, OllamaInput]>([
  ['MODEL_LOAD_FAILED', { models: [{ name: 'tiny', loadError: 'error loading model: bad magic' }] }],
  ['MODEL_MISSING', { models: [{ name: 'other' }] }],
])('throws %s as a question does', async (code, input) => {
  await using host = await startOllama(input);
  await expect(engineFor(host.url).trial(TRIAL)).rejects.toMatchObject({ code });
});

it('gives up a host that has the model, and generates nothing, in its time', async () => {
  await using host = await startOllama();
  host.faults.add({ outcome: { kind: 'hang', afterTokens: 0 }, trials: true });
  const trial = engineFor(host.url).trial({ ...TRIAL, limitMs: 300 });
  await expect(trial).rejects.toMatchObject({ code: 'HOST_TIMEOUT' });
  await expect.poll(() => host.trials.map(({ aborted }) => aborted)).toEqual([true]);
});

it('shows whether the host takes the schema of the run', async () => {
  const said = JSON.stringify({
    error: { code: 400, message: 'JSON schema conversion failed: JSON schema error at #/a' },
  });
  const formats: unknown[] = [];
  await using host = await aServer((_, response, body) => {
    formats.push(JSON.parse(body).format);
    response.writeHead(400, { 'Content-Type': 'application/json' }).end(JSON.stringify({ error: said }));
  });
  const schema = { type: 'object', properties: { a: { type: 'string' } }, required: ['a'] } as const;
  await expect(engineFor(host.url).trial({ ...TRIAL, schema })).rejects.toMatchObject({ code: 'ASK_REFUSED' });
  expect(formats).toMatchObject([{ type: 'object', required: ['a'] }]);
});

it('does not take an answer without an end for one', async () => {
  await using host = await answering({ done: false });
  await expect(engineFor(host.url).trial(TRIAL)).rejects.toMatchObject({ code: 'HOST_CRASHED' });
});

it('measures here where the host does not say how long it took', async () => {
  await using host = await answering({ done: true, done_reason: 'stop' });
  const trial = await engineFor(host.url).trial(TRIAL);
  expect(trial).toMatchObject({ waitMs: 0 });
  expect(trial?.totalMs).toBe((trial?.endedAtMs ?? 0) - (trial?.sentAtMs ?? 0));
});

it('says which digest a name stands for now', async () => {
  await using host = await startOllama({ models: [{ name: 'tiny', digest: 'abc' }] });
  const engine = engineFor(host.url);
  expect(await engine.digest('TINY:latest', SIGNAL)).toBe('abc');
  await expect(engine.digest('other', SIGNAL)).rejects.toMatchObject({ code: 'MODEL_MISSING' });
});

it('takes a model out of memory', async () => {
  await using host = await startOllama();
  const engine = engineFor(host.url);
  await engine.preload({ model: 'tiny', numCtx: 8192, loadTimeoutMs: 5_000, signal: SIGNAL });
  await engine.unload('tiny', SIGNAL);
  const loaded = await fetch(`${host.url}/api/ps`).then((response) => response.json());
  expect(loaded).toEqual({ models: [] });
});

it('knows a model that the server works on alone', async () => {
  await using host = await startOllama({ models: [{ name: 'own', family: 'qwen3vl' }, { name: 'tiny' }] });
  const engine = engineFor(host.url);
  expect(await engine.preflight('own', SIGNAL)).toMatchObject({ singleParallel: true });
  expect(await engine.preflight('tiny', SIGNAL)).toMatchObject({ singleParallel: false });
});

function counting(): string {
  return Array.from({ length: 40 }, (_, index) => `${index + 1},`).join(' ');
}

function answering(last: Readonly<Record<string, unknown>>): Promise<AServer> {
  return aServer((_, response) => {
    response.writeHead(200, { 'Content-Type': 'application/json' });
    response.end(JSON.stringify({ message: { role: 'assistant', content: '1, 2' }, ...last }));
  });
}
