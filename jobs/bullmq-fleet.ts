import { bullmqHostOrders } from './bullmq-host-orders.js';
import { bullmqLanes } from './bullmq-lanes.js';
import { BullmqRegistry, type BullmqRegistryOptions } from './bullmq-registry.js';
import { bullmqRuns } from './bullmq-runs.js';
import { bullmqSlots } from './bullmq-slots.js';
import type { Fleet } from './fleet.js';

export interface BullmqFleetOptions extends BullmqRegistryOptions {
  /** This machine's clock in milliseconds, from any start. */
  readonly now?: () => number;
}

/**
 * The registry in Redis: `runs` (ZSET, run → start), `run:<id>` (HASH, a JSON value a field), `ask:<fingerprint>`,
 * `lease:<id>`, `lanes:<id>` (HASH, lane → JSON), `workers` (HASH, worker → JSON), `slots:<host>` (HASH, holder → JSON),
 * `hosts` (HASH, order → host). Redis tells the time at which an entry is written, and the reader gets it in its own
 * clock: machines whose clocks differ do not take each other for dead.
 */
export function createBullmqFleet({ now = () => performance.now(), ...options }: BullmqFleetOptions): Fleet {
  const registry = new BullmqRegistry(options);
  return {
    ...bullmqRuns(registry),
    ...bullmqLanes(registry),
    ...bullmqSlots(registry, now),
    ...bullmqHostOrders(registry),
    async close() {},
  };
}
