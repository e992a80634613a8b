import type { LaneStatus, RunCounts } from '../../../src/core/telling.js';
import type { Snapshot } from '../../../src/telemetry/snapshot.js';

/** Numbers that balance, changed where a test cares. */
export function someCounts(changes: Partial<RunCounts> = {}): RunCounts {
  return { items: 100, ok: 40, blank: 1, notOk: 2, skipped: 0, left: 57, statuses: {}, codes: {}, ...changes };
}

export function aLane(changes: Partial<LaneStatus> = {}): LaneStatus {
  return {
    lane: `${changes.host ?? 'http://gpu1:11434'} m1 7`,
    host: 'http://gpu1:11434',
    worker: 'm1:7:a',
    machine: 'm1',
    pid: 7,
    version: '0.1.0',
    slots: 4,
    hostSlots: 4,
    busy: 3,
    done: 41,
    failed: 2,
    state: 'serving',
    code: null,
    reason: null,
    atMs: 0,
    ...changes,
  };
}

export function aSnapshot(changes: Partial<Snapshot> = {}): Snapshot {
  return {
    counts: someCounts(),
    discovering: false,
    ratePerS: 2.5,
    etaMs: 200_000,
    lanes: [aLane()],
    waitingFor: null,
    ...changes,
  };
}
