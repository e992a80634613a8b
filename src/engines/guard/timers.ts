import { performance } from 'node:perf_hooks';

/** Time as the guard needs it, so that a test can turn the clock. */
export interface Timers {
  /** Monotonic milliseconds. */
  now(): number;
  /** Calls once after `ms` milliseconds; returns what cancels it. */
  setTimer(ms: number, fire: () => void): () => void;
}

/** Node takes a longer time for none at all and fires at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** The process's own clock and timers. */
export const REAL_TIMERS: Timers = {
  now: () => performance.now(),
  setTimer(ms, fire) {
    const timer = setTimeout(fire, Math.min(ms, LONGEST_TIMER_MS));
    return () => clearTimeout(timer);
  },
};
