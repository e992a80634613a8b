import { expect, it } from 'vitest';
import { preflightFor } from '../../../src/app/preflight.js';
import { SILENT } from '../../../src/core/telling.js';
import { createOllamaEngine } from '../../../src/engines/ollama/client.js';
import { startOllama } from '../../support/ollama/server.js';

const SIGNAL = new AbortController().signal;

/** Looks at a host whose process lets images leave it, for a run that does so or not. */
async function looked(allowRemote: boolean): Promise<unknown> {
  await using host = await startOllama({ models: [{ name: 'big', remoteHost: 'https://cloud.example' }] });
  const options = { url: host.url, connections: 1, connectTimeoutMs: 5_000, logger: SILENT, allowRemote: true };
  const engine = createOllamaEngine(options);
  const budgets = { connectMs: 1, firstTokenMs: 2, silenceMs: 1, itemMs: 2, loadMs: 1 };
  const limits = {
    numCtx: 8192,
    attempts: 4,
    budgets,
    wantsConfidence: false,
    verifyShare: null,
    recycleAfter: null,
    allowMixed: false,
  };
  const run = { model: 'big', limits: { ...limits, allowRemote } };
  return await preflightFor({ engine, pulls: null, run }, SIGNAL).finally(() => engine.close());
}

it('lets images leave a host only where both the run and the process of the host allow it', async () => {
  await expect(looked(false)).rejects.toMatchObject({
    code: 'MODEL_MISSING',
    sentence: expect.stringContaining('leave'),
  });
  expect(await looked(true)).toMatchObject({
    remote: 'https://cloud.example',
    warnings: [expect.stringContaining('leave')],
  });
});
