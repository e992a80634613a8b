import { expect, it } from 'vitest';
import type { RunEntry } from '../../../jobs/fleet.js';
import { createMemoryFleet } from '../../../jobs/memory-fleet.js';
import { HostServer } from '../../../src/app/serve-host.js';
import { Shutdown } from '../../../src/app/shutdown.js';
import { fingerprint } from '../../../src/core/fingerprint.js';
import { SILENT } from '../../../src/core/telling.js';
import { createCpuOcrEngine } from '../../../src/engines/cpu-ocr/engine.js';
import { anAsk } from '../../support/builders.js';

const DAY_MS = 86_400_000;

function aRun(runId: string): RunEntry {
  return {
    v: 1,
    runId,
    ask: fingerprint(anAsk()),
    engine: 'cpu-ocr',
    model: null,
    digest: null,
    state: 'producing',
    roots: [],
    limits: {
      numCtx: 8192,
      attempts: 4,
      budgets: { connectMs: 1, firstTokenMs: 2, silenceMs: 1, itemMs: 2, loadMs: 1 },
    },
    expelled: [],
    coordinator: 'there:1',
    startedMs: 0,
    heartbeatMs: 0,
  };
}

it('purges a run that no coordinator has led for a week, and lets a younger one be', async () => {
  let nowMs = Date.now() - 8 * DAY_MS;
  const fleet = createMemoryFleet({ now: () => nowMs });
  await fleet.publish(aRun('old'), anAsk());
  nowMs = Date.now() - 6 * DAY_MS;
  await fleet.publish(aRun('younger'), anAsk());
  const purged: string[] = [];
  const shutdown = new Shutdown({ forMs: 1, until: null, drainTimeoutMs: 1_000, onStop: () => {} });
  const engine = createCpuOcrEngine({ slots: 1, lang: 'eng' });
  const server = new HostServer({
    host: { engine, slots: 1, ahead: 0 },
    fleet,
    shutdown,
    rootsProblem: async () => null,
    waiting: async () => 0,
    open: () => Promise.reject(new Error('nothing is to be served')),
    purge: async ({ runId }) => {
      purged.push(runId);
      await fleet.remove(runId);
    },
    logger: SILENT,
  });
  await server.run();
  shutdown.close();
  await engine.close();
  expect(purged).toEqual(['old']);
  expect((await fleet.runs()).map(({ runId }) => runId)).toEqual(['younger']);
});
