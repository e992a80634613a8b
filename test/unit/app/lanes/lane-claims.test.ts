import { afterEach, describe, expect, it } from 'vitest';
import type { SlotClaim } from '../../../../jobs/fleet.js';
import { createMemoryFleet } from '../../../../jobs/memory-fleet.js';
import { LaneSet, type LaneSetOptions } from '../../../../src/app/lanes/lane-set.js';
import { VisionError } from '../../../../src/core/errors.js';
import type { Engine } from '../../../../src/engines/engine.js';
import { LANE_TIMES } from '../../../../workers/hosts/lane-options.js';
import { aRun } from '../../../contract/fleet-conformance.js';
import { aGrant, anEngine } from '../../../support/builders.js';
import { laneSetOptions } from '../../../support/lane-set.js';

const opened: LaneSet[] = [];
afterEach(async () => {
  for (const lanes of opened.splice(0)) await lanes.close({ abort: true });
});

/** Lanes of one process, which asks nothing. */
function someLanes(
  engine: Engine,
  { name = 'here:1:a', ...changes }: Partial<LaneSetOptions> & { readonly name?: string },
): LaneSet {
  const lanes = new LaneSet(
    laneSetOptions({
      hosts: [{ engine, slots: 2, ahead: 1, sleep: [] }],
      run: aRun(),
      identity: { name, machine: 'here', pid: 1, version: '0' },
      ...changes,
    }),
  );
  opened.push(lanes);
  return lanes;
}

/** What another run wants of the host of {@link anEngine}. */
const OTHERS: SlotClaim = {
  ...{ host: anEngine().host, holder: 'other', runId: 'run2', startedMs: 9_000, priority: 0, model: 'other' },
  ...{ slots: 2, using: 0, wants: 2, alone: false },
};
const ALL = aGrant(2);

describe('a host that several runs use', () => {
  it('serves one context of a model at a time, as it loads the model anew for another one', async () => {
    const fleet = createMemoryFleet();
    const { limits } = aRun();
    const wide = aRun({ runId: 'run2', startedMs: 2_000, limits: { ...limits, numCtx: 16_384 } });
    const first = someLanes(anEngine(), { fleet });
    await first.start();
    const second = someLanes(anEngine(), { fleet, run: wide, name: 'here:2:b' });
    await second.start();
    expect(first.own()).toMatchObject([{ state: 'serving' }]);
    expect(second.own()).toMatchObject([
      { state: 'queued', reason: 'it serves tiny (num_ctx 8192) of run run1 first.' },
    ]);
  });

  it('is free for the others where a lane has left it', async () => {
    const fleet = createMemoryFleet();
    const preflight = () => Promise.reject(new VisionError('MODEL_MISSING', 'It has no tiny.'));
    const lanes = someLanes(anEngine({ preflight }), { fleet });
    await lanes.start();
    expect(lanes.own()).toMatchObject([{ state: 'left', code: 'MODEL_MISSING' }]);
    expect(await fleet.claim(OTHERS)).toEqual(ALL);
  });

  it('is free for the others while a lane waits to look at it again', async () => {
    const fleet = createMemoryFleet();
    const preload = () => Promise.reject(new VisionError('MODEL_LOAD_FAILED', 'It has no room.'));
    const times = { ...LANE_TIMES, leftMs: 60_000, breaker: { ...LANE_TIMES.breaker, firstMs: 60_000 } };
    const lanes = someLanes(anEngine({ preload }), { fleet, times });
    await lanes.start();
    expect(lanes.own()).toMatchObject([{ code: 'MODEL_LOAD_FAILED' }]);
    await expect.poll(() => fleet.claim(OTHERS)).toEqual(ALL);
  });

  it('is free for the others while it is drained', async () => {
    const fleet = createMemoryFleet();
    const lanes = someLanes(anEngine(), { fleet });
    await lanes.start();
    expect(lanes.own()).toMatchObject([{ state: 'serving' }]);
    await fleet.orderHost({ url: OTHERS.host, order: 'drain' });
    await expect.poll(() => fleet.claim(OTHERS), { timeout: 10_000 }).toEqual(ALL);
    expect(lanes.own()).toMatchObject([{ state: 'resting', reason: 'drained' }]);
  });
});
