import { once } from 'node:events';
import { expect, it } from 'vitest';
import { createMemoryQueue } from '../../../../jobs/memory-queue.js';
import { SILENT } from '../../../../src/core/telling.js';
import type { HostFacts } from '../../../../src/engines/engine.js';
import { HostLane } from '../../../../workers/hosts/lane.js';
import { NO_SLOTS } from '../../../support/builders.js';

const FACTS: HostFacts = { version: '0', digest: null, model: null, singleParallel: false, remote: null, warnings: [] };

it('stays closed where it is paused while its host loads the model', async () => {
  const steps = new EventTarget();
  const loading = once(steps, 'loading');
  const lane = new HostLane({
    name: 'lane',
    engine: {
      name: 'ollama',
      host: 'here',
      tasks: new Set(['ocr']),
      generates: true,
      visionModels: async () => [],
      models: async () => ({ version: '0', models: [] }),
      describeModel: async () => null,
      preflight: async () => FACTS,
      preload: async () => {
        const loaded = once(steps, 'loaded');
        steps.dispatchEvent(new Event('loading'));
        await loaded;
        return FACTS;
      },
      trial: async () => null,
      digest: async () => null,
      pull: async () => {},
      unload: async () => {},
      ask: () => {
        throw new Error('not asked');
      },
      probe: async () => true,
      close: async () => {},
    },
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
      budgets: { connectMs: 1, firstTokenMs: 2, silenceMs: 1, itemMs: 2, loadMs: 1 },
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
  });
  const started = lane.start();
  await loading;
  await lane.pause();
  steps.dispatchEvent(new Event('loaded'));
  await started;
  expect(lane.figures.state).toBe('closing');
  await lane.close();
});
