import { expect, it } from 'vitest';
import { bareHost } from '../../../config/hosts/host.js';
import { createHost } from '../../../src/app/hosts.js';
import { SILENT } from '../../../src/core/telling.js';
import { aRequest } from '../../support/builders.js';
import { startOllama } from '../../support/ollama/server.js';

it('a host whose slots are all in use, and that is looked at, still answers probes', async () => {
  await using server = await startOllama({ slots: 1, models: [{ name: 'tiny' }] });
  server.faults.add({ outcome: { kind: 'hang', afterTokens: 1 } });
  const spec = { ...bareHost(server.url), slots: 1, ahead: 1 };
  const { engine } = createHost(
    spec,
    { allowRemote: false, connectTimeoutMs: 5_000, lang: 'eng', machine: 'here' },
    SILENT,
  );
  const { signal } = new AbortController();
  const next = () => engine.ask(aRequest(), signal)[Symbol.asyncIterator]().next();
  const open = [next(), next(), engine.trial({ model: 'tiny', numCtx: 8192, limitMs: 60_000, signal })];
  for (const one of open) one.catch(() => {});
  await expect.poll(() => server.asks.length + server.trials.length).toBe(3);
  expect(await engine.probe(signal)).toBe(true);
  await engine.close();
});
