import { expect, it } from 'vitest';
import type { Fleet } from '../../../../jobs/fleet.js';
import { createMemoryFleet } from '../../../../jobs/memory-fleet.js';
import { createMemoryQueue } from '../../../../jobs/memory-queue.js';
import { LaneSet } from '../../../../src/app/lanes/lane-set.js';
import { type Failure, VisionError } from '../../../../src/core/errors.js';
import { fingerprint } from '../../../../src/core/fingerprint.js';
import { SILENT } from '../../../../src/core/telling.js';
import type { Engine } from '../../../../src/engines/engine.js';
import { createPixels } from '../../../../src/pixels/prepare.js';
import { anAsk, anEngine, aReader, NO_SLOTS } from '../../../support/builders.js';

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

const REFUSED = { code: 'ASK_REFUSED', message: 'The option is none.' } as const;

interface Given {
  readonly fleet?: Fleet;
  readonly hosts?: readonly Engine[];
}

function aLaneSet({ fleet = createMemoryFleet(), hosts = [] }: Given) {
  const stops: Failure[] = [];
  const lanes = new LaneSet({
    hosts: hosts.map((engine) => ({ engine, slots: 1, ahead: 0, sleep: [] })),
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
  return { lanes, stops };
}

function refusing(host: string): Engine {
  return anEngine({ host, trial: () => Promise.reject(new VisionError(REFUSED.code, REFUSED.message)) });
}

it('ends the run when a worker elsewhere was refused the question', async () => {
  const fleet = createMemoryFleet();
  const { lanes, stops } = aLaneSet({ fleet });
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
    code: REFUSED.code,
    reason: REFUSED.message,
    atMs: Date.now(),
  });
  await lanes.start();
  await lanes.close();
  expect(stops).toEqual([REFUSED]);
});

it('goes on without a host that refuses the question while another one takes it', async () => {
  const { lanes, stops } = aLaneSet({ hosts: [refusing('old'), anEngine({ host: 'new' })] });
  await lanes.start();
  expect(lanes.own()).toMatchObject([{ state: 'left', code: REFUSED.code }, { state: 'serving' }]);
  expect(lanes.hasServed).toBe(true);
  await lanes.close();
  expect(stops).toEqual([]);
});

it('ends the run where every host refuses the question', async () => {
  const { lanes, stops } = aLaneSet({ hosts: [refusing('one'), refusing('other')] });
  await lanes.start();
  expect(lanes.hasServed).toBe(false);
  await lanes.close();
  expect(stops[0]).toEqual(REFUSED);
});
