import { createMemoryFleet } from '../../jobs/memory-fleet.js';
import { createMemoryQueue } from '../../jobs/memory-queue.js';
import type { LaneSetOptions } from '../../src/app/lanes/lane-set.js';
import { SILENT } from '../../src/core/telling.js';
import { createPixels } from '../../src/pixels/prepare.js';
import { anAsk, aReader, NO_SLOTS } from './builders.js';

/** What the lanes of a run are made of that has no host, and in which nobody reads an image. */
export function laneSetOptions(changes: Partial<LaneSetOptions> & Pick<LaneSetOptions, 'run'>): LaneSetOptions {
  return {
    hosts: [],
    shared: true,
    ask: anAsk(),
    queue: createMemoryQueue(),
    fleet: createMemoryFleet(),
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
    onStop: () => {},
    logger: SILENT,
    ...changes,
  };
}
