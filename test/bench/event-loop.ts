import { monitorEventLoopDelay } from 'node:perf_hooks';

/** Nanoseconds in a millisecond. */
const NS = 1_000_000;
/** How often the delay is looked at; the monitor counts it into every figure. */
const RESOLUTION_MS = 1;

/** The delay of the event loop while some work went on, in ms: its 99th percentile and the longest. */
export interface LoopDelay {
  readonly p99Ms: number;
  readonly mostMs: number;
}

/** Measures how long the event loop was held up while the work went on. */
export async function loopDelayDuring(work: () => Promise<unknown>): Promise<LoopDelay> {
  const monitor = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  monitor.enable();
  await work();
  monitor.disable();
  return { p99Ms: monitor.percentile(99) / NS - RESOLUTION_MS, mostMs: monitor.max / NS - RESOLUTION_MS };
}
