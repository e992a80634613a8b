import type { Clock } from '../../../../src/inputs/urls/url-clock.js';

/** A clock that waits for nobody: who waits is let go at once, as much later as was to be waited. */
export interface HandClock extends Clock {
  /** Every wait that there was, in milliseconds. */
  readonly waits: readonly number[];
  pass(ms: number): void;
}

export function handClock(): HandClock {
  const waits: number[] = [];
  let nowMs = 1_000_000;
  return {
    waits,
    now: () => nowMs,
    pass: (ms) => {
      nowMs += ms;
    },
    wait: async (ms, signal) => {
      signal.throwIfAborted();
      waits.push(ms);
      nowMs += ms;
    },
  };
}
