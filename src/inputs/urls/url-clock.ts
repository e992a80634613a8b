import { setTimeout as delay } from 'node:timers/promises';

/** What waiting takes. */
export interface Clock {
  /** Milliseconds from any moment; never goes back. */
  now(): number;
  /** Throws the signal's reason where it fires. */
  wait(ms: number, signal: AbortSignal): Promise<void>;
}

/** The system's. */
export const SYSTEM_CLOCK: Clock = {
  now: () => performance.now(),
  wait: async (ms, signal) => {
    await delay(ms, undefined, { signal }).catch(() => {});
    signal.throwIfAborted();
  },
};
