import { once } from 'node:events';
import { expect, it } from 'vitest';
import type { RunEntry } from '../../../jobs/fleet.js';
import { createMemoryFleet } from '../../../jobs/memory-fleet.js';
import { createMemoryQueue } from '../../../jobs/memory-queue.js';
import { visionJob } from '../../../jobs/vision-job.js';
import { LaneSet } from '../../../src/app/lanes/lane-set.js';
import { HostServer } from '../../../src/app/serve-host.js';
import { Shutdown } from '../../../src/app/shutdown.js';
import { fingerprint } from '../../../src/core/fingerprint.js';
import { SILENT } from '../../../src/core/telling.js';
import { createCpuOcrEngine } from '../../../src/engines/cpu-ocr/engine.js';
import type { Engine } from '../../../src/engines/engine.js';
import { createPixels } from '../../../src/pixels/prepare.js';
import { anAsk, anItem, aReader } from '../../support/builders.js';
import { laneSetOptions } from '../../support/lane-set.js';

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
      wantsConfidence: false,
      verifyShare: null,
      allowMixed: false,
      allowRemote: false,
      recycleAfter: null,
    },
    expelled: [],
    coordinator: 'there:1',
    priority: 0,
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
    host: { engine, slots: 1, ahead: 0, sleep: [] },
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

it('serves the others where an abandoned run cannot be removed, and tries that again later', async () => {
  let nowMs = Date.now() - 8 * DAY_MS;
  const fleet = createMemoryFleet({ now: () => nowMs });
  await fleet.publish(aRun('old'), anAsk());
  nowMs = Date.now();
  await fleet.publish(aRun('young'), anAsk());
  const said: string[] = [];
  const shutdown = new Shutdown({ forMs: null, until: null, drainTimeoutMs: 1_000, onStop: () => {} });
  let purges = 0;
  const server = new HostServer({
    host: { engine: HANGING, slots: 1, ahead: 0, sleep: [] },
    fleet,
    shutdown,
    rootsProblem: async () => null,
    waiting: async () => 0,
    open: async (run) => {
      said.push(`opens ${run.runId}`);
      expect(server.isServing).toBe(false); // nobody knows its ask
      shutdown.stop();
      return null;
    },
    purge: async () => {
      purges += 1;
      throw new Error('Cannot obliterate non-paused queue');
    },
    logger: { ...SILENT, warn: (words) => void said.push(words) },
  });
  await server.run();
  shutdown.close();
  expect(purges).toBe(1);
  expect(said).toEqual([expect.stringMatching(/^Run old, .* could not be removed: Cannot obliterate/), 'opens young']);
});

it('hands back at the deadline what it was still decoding when it was told to stop, though the host would hang', async () => {
  const fleet = createMemoryFleet();
  await fleet.publish(aRun('run'), anAsk());
  const queue = createMemoryQueue();
  const { key, sources, page } = anItem();
  await queue.add([visionJob('run', fingerprint(anAsk()), { key, sources, page })]);
  const shutdown = new Shutdown({ forMs: null, until: null, drainTimeoutMs: 100, onStop: () => {} });
  const closing = new AbortController();
  const lanes = new LaneSet(
    laneSetOptions({
      hosts: [{ engine: HANGING, slots: 1, ahead: 0, sleep: [] }],
      run: aRun('run'),
      queue,
      fleet,
      readers: aReader(async () => ({ bytes: new Uint8Array(1), size: 1, mtimeMs: 0 })),
      pixels: {
        ...createPixels({ threads: 1, maxInputPixels: 1 }),
        prepareImage: async () => {
          process.emit('SIGHUP');
          await aborted(closing.signal);
          return {
            image: { bytes: new Uint8Array(1), width: 1, height: 1 },
            sha256: '',
            width: 1,
            height: 1,
            warnings: [],
            ink: null,
            mayBeCut: false,
          };
        },
      },
    }),
  );
  const server = new HostServer({
    host: { engine: HANGING, slots: 1, ahead: 0, sleep: [] },
    fleet,
    shutdown,
    rootsProblem: async () => null,
    waiting: async () => 1,
    open: async () => ({
      lanes,
      queue,
      close: async (options) => {
        closing.abort();
        await lanes.close(options);
      },
    }),
    purge: async () => {},
    logger: SILENT,
  });
  await server.run();
  shutdown.close();
  expect(shutdown.aborting.aborted).toBe(true);
  expect(await queue.counts()).toMatchObject({ waiting: 1, active: 0, completed: 0 });
  await queue.close();
});

const FACTS = { version: '0', digest: null, model: null, singleParallel: false, remote: null, warnings: [] } as const;

/** Never answers a question. */
const HANGING: Engine = {
  name: 'cpu-ocr',
  host: 'cpu',
  tasks: new Set(['ocr']),
  visionModels: async () => [],
  models: async () => ({ version: '0', models: [] }),
  generates: false,
  describeModel: async () => null,
  preflight: async () => FACTS,
  preload: async () => FACTS,
  trial: async () => null,
  digest: async () => null,
  pull: async () => {},
  unload: async () => {},
  async *ask(_, signal) {
    await aborted(signal);
    yield { text: '' };
  },
  probe: async () => true,
  close: async () => {},
};

async function aborted(signal: AbortSignal): Promise<void> {
  if (!signal.aborted) await once(signal, 'abort');
}
