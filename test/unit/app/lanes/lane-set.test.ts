import { expect, it } from 'vitest';
import { createMemoryFleet } from '../../../../jobs/memory-fleet.js';
import { createMemoryQueue } from '../../../../jobs/memory-queue.js';
import { LaneSet } from '../../../../src/app/lanes/lane-set.js';
import type { Failure } from '../../../../src/core/errors.js';
import { fingerprint } from '../../../../src/core/fingerprint.js';
import { SILENT } from '../../../../src/core/telling.js';
import { createPixels } from '../../../../src/pixels/prepare.js';
import { anAsk, aReader, NO_SLOTS } from '../../../support/builders.js';

const run = {
  v: 1,
  runId: 'run',
  ask: fingerprint(anAsk()),
  engine: 'ollama',
  model: 'tiny',
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
  coordinator: 'here:1',
  priority: 0,
  startedMs: 0,
  heartbeatMs: 0,
} as const;

it('ends the run when a worker elsewhere was refused the question', async () => {
  const fleet = createMemoryFleet();
  const stops: Failure[] = [];
  const lanes = new LaneSet({
    hosts: [],
    shared: true,
    run,
    ask: anAsk(),
    queue: createMemoryQueue(),
    fleet,
    identity: { name: 'here:1:a', machine: 'here', pid: 1, version: '0' },
    readers: aReader(() => Promise.reject(new Error('not asked'))),
    pixels: createPixels({ threads: 1, maxInputPixels: 1 }),
    check: null,
    verify: null,
    pulls: null,
    contextAdvice: () => null,
    slotMemory: NO_SLOTS,
    onDigest: async () => {},
    onTaken: () => {},
    onGivenBack: () => {},
    onStop: (failure) => stops.push(failure),
    logger: SILENT,
  });
  await fleet.writeLane('run', {
    lane: 'gpu@there:2',
    host: 'gpu',
    worker: 'there:2:b',
    machine: 'there',
    pid: 2,
    version: '0',
    slots: 1,
    hostSlots: 1,
    busy: 0,
    done: 0,
    failed: 0,
    state: 'left',
    code: 'ASK_REFUSED',
    reason: 'The option is none.',
    atMs: Date.now(),
  });
  await lanes.start();
  await lanes.close();
  expect(stops).toEqual([{ code: 'ASK_REFUSED', message: 'The option is none.' }]);
});
