import { describe, expect, it } from 'vitest';
import { createMemoryFleet } from '../../../jobs/memory-fleet.js';
import { fleetTable, fleetView } from '../../../src/app/fleet-view.js';
import { aLane, aRun, aWorker } from '../../contract/fleet-conformance.js';
import { anAsk } from '../../support/builders.js';

const GPU1 = 'http://gpu1:11434';
const GPU2 = 'http://gpu2:11434';
const GPU3 = 'http://gpu3:11434';

async function aFleet() {
  const fleet = createMemoryFleet();
  await fleet.publish(aRun({ priority: 5 }), anAsk());
  await fleet.publish(aRun({ runId: 'run2', model: null, startedMs: 2_000 }), anAsk());
  await fleet.writeWorker(aWorker({ hosts: [GPU1, GPU2] }));
  await fleet.writeWorker(aWorker({ name: 'old:7', version: '0.0.9', hosts: [GPU1], state: 'idle' }));
  await fleet.writeLane('run1', aLane({ lane: 'a', host: GPU1, slots: 2, hostSlots: 4, busy: 2 }));
  await fleet.writeLane(
    'run2',
    aLane({ lane: 'b', host: GPU1, worker: 'old:7', version: '0.0.9', slots: 2, hostSlots: 4, busy: 1 }),
  );
  await fleet.orderHost({ url: GPU2, order: 'drain' });
  await fleet.orderHost({ url: GPU3, order: 'add', description: `${GPU3},slots=2` });
  return fleet;
}

describe('the hosts of a Redis', () => {
  it('are told of with their lanes, workers, versions and orders', async () => {
    const { hosts, workers } = await fleetView(await aFleet());
    expect(hosts).toMatchObject([
      { url: GPU1, state: 'serving', slots: 4, busy: 3, drained: false, added: null, workers: ['box:1', 'old:7'] },
      { url: GPU2, state: 'idle', slots: 0, busy: 0, drained: true, added: null, workers: ['box:1'] },
      { url: GPU3, state: 'unserved', drained: false, added: `${GPU3},slots=2`, workers: [] },
    ]);
    expect(hosts[0]?.lanes).toMatchObject([
      { run: 'run1', model: 'tiny', priority: 5, worker: 'box:1', version: '0.1.0', busy: 2 },
      { run: 'run2', model: null, priority: 0, worker: 'old:7', version: '0.0.9', busy: 1 },
    ]);
    expect(workers).toMatchObject([
      { name: 'box:1', version: '0.1.0' },
      { name: 'old:7', version: '0.0.9' },
    ]);
  });

  it('are listed for people, a line each', async () => {
    expect(fleetTable(await fleetView(await aFleet()))).toEqual([
      'http://gpu1:11434  serving  3 of 4 slots busy',
      '  run run1 (priority 5)  tiny  serving  10 done, 1 failed  worker box:1 0.1.0',
      '  run run2  no model  serving  10 done, 1 failed  worker old:7 0.0.9',
      'http://gpu2:11434  idle  drained',
      'http://gpu3:11434  unserved  added as http://gpu3:11434,slots=2',
      'worker box:1  0.1.0  serving  2 hosts',
      'worker old:7  0.0.9  idle  1 host',
    ]);
  });

  it('are told apart by machine where every machine has one of that address', async () => {
    const fleet = createMemoryFleet();
    const own = 'http://127.0.0.1:11434';
    await fleet.writeWorker(aWorker({ name: 'a:1:x', hosts: [`${own}#a`] }));
    await fleet.writeWorker(aWorker({ name: 'b:1:y', hosts: [`${own}#b`] }));
    await fleet.orderHost({ url: `${own}#b`, order: 'drain' });
    await fleet.orderHost({ url: own, order: 'add', description: own });
    await fleet.orderHost({ url: 'http://localhost:1', order: 'add', description: 'http://localhost:1' });
    expect((await fleetView(fleet)).hosts).toMatchObject([
      { url: `${own}#a`, drained: false, added: own, workers: ['a:1:x'] },
      { url: `${own}#b`, drained: true, added: own, workers: ['b:1:y'] },
      { url: 'http://localhost:1', state: 'unserved', added: 'http://localhost:1' },
    ]);
  });

  it('are none where no worker is there', async () => {
    const view = await fleetView(createMemoryFleet());
    expect(fleetTable(view)).toEqual(['no hosts: no worker is on this Redis']);
  });
});
