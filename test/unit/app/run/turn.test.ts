import { expect, it } from 'vitest';
import { createMemoryFleet } from '../../../../jobs/memory-fleet.js';
import { workersBeside } from '../../../../src/app/run/turn.js';
import { aLane, aRun, aWorker } from '../../../contract/fleet-conformance.js';
import { anAsk } from '../../../support/builders.js';

async function aFleet() {
  const fleet = createMemoryFleet();
  await fleet.writeWorker(aWorker({ name: 'gpubox:5' }));
  for (const runId of ['ours', 'theirs']) await fleet.publish(aRun({ runId }), anAsk());
  return fleet;
}

it('tells of the run that workers serve before this one', async () => {
  const fleet = await aFleet();
  expect(await workersBeside(fleet, 'ours')).toEqual({ count: 1, serving: null, troubled: [] });
  await fleet.writeLane('theirs', aLane({ worker: 'gpubox:5' }));
  expect(await workersBeside(fleet, 'ours')).toMatchObject({ count: 1, serving: { runId: 'theirs' } });
  expect(await workersBeside(fleet, 'theirs')).toEqual({ count: 1, serving: null, troubled: [] });
});

it('takes neither a host in trouble for one at work, nor a coordinator’s own lanes for a worker’s', async () => {
  const fleet = await aFleet();
  await fleet.writeLane('theirs', aLane({ worker: 'gpubox:5', state: 'waiting' }));
  await fleet.writeLane('theirs', aLane({ lane: 'own', worker: 'desk:9' }));
  const troubled = [{ lane: 'gpu1@box:1', state: 'waiting' }];
  expect(await workersBeside(fleet, 'ours')).toMatchObject({ count: 1, serving: null, troubled });
});

it('knows of no turn where no worker lives', async () => {
  const fleet = createMemoryFleet();
  await fleet.publish(aRun({ runId: 'theirs' }), anAsk());
  await fleet.writeLane('theirs', aLane());
  expect(await workersBeside(fleet, 'ours')).toEqual({ count: 0, serving: null, troubled: [] });
});
