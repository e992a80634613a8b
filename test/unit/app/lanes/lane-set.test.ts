import { once } from 'node:events';
import { expect, it } from 'vitest';
import { createMemoryFleet } from '../../../../jobs/memory-fleet.js';
import { createMemoryQueue } from '../../../../jobs/memory-queue.js';
import { visionJob } from '../../../../jobs/vision-job.js';
import type { ServedHost } from '../../../../src/app/hosts.js';
import { LaneSet, type LaneSetOptions } from '../../../../src/app/lanes/lane-set.js';
import { type Failure, VisionError } from '../../../../src/core/errors.js';
import { fingerprint } from '../../../../src/core/fingerprint.js';
import type { LaneStatus } from '../../../../src/core/telling.js';
import type { Engine } from '../../../../src/engines/engine.js';
import { anAsk, anEngine, anItem, aReader } from '../../../support/builders.js';
import { laneSetOptions } from '../../../support/lane-set.js';

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

const ELSEWHERE: LaneStatus = {
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
  state: 'serving',
  code: null,
  reason: null,
  atMs: Date.now(),
};

function aHost(engine: Engine, changes: Partial<ServedHost> = {}): ServedHost {
  return { engine, slots: 1, ahead: 0, sleep: [], ...changes };
}

function aLaneSet(changes: Partial<LaneSetOptions>) {
  const stops: Failure[] = [];
  const lanes = new LaneSet(laneSetOptions({ run, onStop: (failure) => stops.push(failure), ...changes }));
  return { lanes, stops };
}

function refusing(host: string): Engine {
  return anEngine({ host, trial: () => Promise.reject(new VisionError(REFUSED.code, REFUSED.message)) });
}

it('ends the run when a worker elsewhere was refused the question', async () => {
  const fleet = createMemoryFleet();
  const { lanes, stops } = aLaneSet({ fleet });
  await fleet.writeLane('run', { ...ELSEWHERE, state: 'left', code: REFUSED.code, reason: REFUSED.message });
  await lanes.start();
  await lanes.close();
  expect(stops).toEqual([REFUSED]);
});

it('goes on without a host that refuses the question while another one takes it', async () => {
  const { lanes, stops } = aLaneSet({ hosts: [aHost(refusing('old')), aHost(anEngine({ host: 'new' }))] });
  await lanes.start();
  expect(lanes.own()).toMatchObject([{ state: 'left', code: REFUSED.code }, { state: 'serving' }]);
  expect(lanes.hasServed).toBe(true);
  await lanes.close();
  expect(stops).toEqual([]);
});

it('ends the run where every host refuses the question', async () => {
  const { lanes, stops } = aLaneSet({ hosts: [aHost(refusing('one')), aHost(refusing('other'))] });
  await lanes.start();
  expect(lanes.hasServed).toBe(false);
  await lanes.close();
  expect(stops[0]).toEqual(REFUSED);
});

it('takes a host to have the slots that a process at work there has found', async () => {
  const fleet = createMemoryFleet();
  const { lanes } = aLaneSet({ shared: false, fleet, hosts: [aHost(anEngine(), { slots: null })] });
  await fleet.writeLane('run', { ...ELSEWHERE, host: 'gpu1', hostSlots: 5 });
  await lanes.start();
  expect(lanes.own()).toMatchObject([{ state: 'serving', slots: 5 }]);
  await lanes.close();
});

it('gives up one item for each idle slot elsewhere at the end of a run, and the last first', async () => {
  const fleet = createMemoryFleet();
  const queue = createMemoryQueue();
  const given: string[] = [];
  const { lanes } = aLaneSet({
    shared: false,
    fleet,
    queue,
    hosts: [aHost(anEngine(), { ahead: 2 })],
    readers: aReader(async (_, { signal } = {}) => {
      if (signal !== undefined) await once(signal, 'abort'); // a slow disk
      throw new Error('given up');
    }),
    onGivenBack: (key) => given.push(key),
  });
  await fleet.writeLane('run', ELSEWHERE);
  await queue.add(['a', 'b', 'c'].map((key) => visionJob('run', key.repeat(64), anItem({ key }))));
  await lanes.start();
  await expect.poll(async () => (await queue.counts()).waiting).toBe(1);
  expect(given).toEqual(['c']);
  await lanes.close({ abort: true });
  await queue.close();
});
