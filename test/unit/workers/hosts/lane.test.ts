import { once } from 'node:events';
import { expect, it } from 'vitest';
import { createMemoryQueue } from '../../../../jobs/memory-queue.js';
import { visionJob } from '../../../../jobs/vision-job.js';
import { SILENT } from '../../../../src/core/telling.js';
import type { Engine, HostFacts } from '../../../../src/engines/engine.js';
import { HostLane } from '../../../../workers/hosts/lane.js';
import type { HostLaneOptions } from '../../../../workers/hosts/lane-options.js';
import { anEngine, anItem, aRecord, aRequest, NO_SLOTS } from '../../../support/builders.js';

const FACTS: HostFacts = {
  version: '0',
  digest: 'abc',
  model: null,
  singleParallel: false,
  remote: null,
  warnings: [],
};

it('stays closed where it is paused while its host loads the model', async () => {
  const steps = new EventTarget();
  const loading = once(steps, 'loading');
  const preload = async () => {
    const loaded = once(steps, 'loaded');
    steps.dispatchEvent(new Event('loading'));
    await loaded;
    return FACTS;
  };
  const lane = aLane(anEngine({ preload }));
  const started = lane.start();
  await loading;
  await lane.pause();
  steps.dispatchEvent(new Event('loaded'));
  await started;
  expect(lane.figures.state).toBe('closing');
  await lane.close();
});

it('counts an answer that comes while it is paused, and still looks whose answer it is', async () => {
  const steps = new EventTarget();
  const asked = once(steps, 'asked');
  const looks: boolean[] = [];
  const digest: Engine['digest'] = async (_, signal) => {
    signal?.throwIfAborted();
    looks.push(true);
    return 'abc';
  };
  const ask: Engine['ask'] = async function* () {
    const answered = once(steps, 'answered');
    steps.dispatchEvent(new Event('asked'));
    await answered;
    const timingMs = { load: 1_000, prompt: 1, generate: 1 }; // as after a load, so that the model is looked at
    yield { answer: { text: 'yes', end: 'complete', tokens: { prompt: 1, output: 1 }, timingMs, confidence: null } };
  };
  const queue = createMemoryQueue();
  const lane = aLane(anEngine({ preload: async () => FACTS, digest, ask }), {
    queue,
    serveItem: async (_, { signal }, { askHost }) => {
      const limits = { signal, itemMs: 60_000, onSpent: () => {}, alone: false };
      const { text } = await askHost(aRequest(), limits);
      return { record: aRecord({ text }), attempts: [] };
    },
  });
  await lane.start();
  await queue.add([visionJob('run', 'a'.repeat(64), anItem())]);
  await asked;
  await lane.pause();
  steps.dispatchEvent(new Event('answered'));
  await lane.close();
  expect(lane.figures).toMatchObject({ done: 1, failed: 0 });
  expect(looks).toEqual([true]);
});

function aLane(engine: Engine, changes: Partial<HostLaneOptions> = {}): HostLane {
  return new HostLane({
    name: 'lane',
    engine,
    slots: 1,
    ahead: 0,
    verifying: 0,
    model: 'tiny',
    contextAdvice: () => null,
    sharing: null,
    schema: null,
    slotMemory: NO_SLOTS,
    slotsElsewhere: () => null,
    limits: {
      numCtx: 8192,
      attempts: 4,
      budgets: { connectMs: 1_000, firstTokenMs: 60_000, silenceMs: 60_000, itemMs: 60_000, loadMs: 60_000 },
      wantsConfidence: false,
      verifyShare: null,
      allowMixed: false,
      allowRemote: false,
      recycleAfter: null,
    },
    queue: createMemoryQueue(),
    serveItem: () => Promise.reject(new Error('nothing is to be served')),
    preflight: async () => FACTS,
    pinDigest: async (digest) => digest,
    othersAnswer: () => false,
    onStop: () => {},
    logger: SILENT,
    ...changes,
  });
}
