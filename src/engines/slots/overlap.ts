import type { Trial } from '../engine.js';

/** What a round of trials that were sent in the same moment says of a host's slots. */
export interface Overlap {
  /** Trials that were surely worked on together. */
  readonly sure: number;
  /** Trials that found a slot free: as many as there are slots, where all of them arrived in the same moment. */
  readonly likely: number;
}

/** A wait that is no wait for a slot, as a share of a usual trial's work. */
const NO_WAIT = 0.2;
/** What is cut from each end of the time of a trial's work, as a share: one ends and the next begins within a moment. */
const EDGE = 0.05;

/** The most trials that a host worked on in the same moment, by its own account. */
export function overlapOf(trials: readonly Trial[]): Overlap {
  const works = trials.map(({ workMs }) => workMs).sort((a, b) => a - b);
  const usualMs = works[Math.floor(works.length / 2)] ?? 0;
  const sure = highest(trials.map(sureWork));
  const possible = highest(trials.map(possibleWork));
  const unwaited = trials.filter(({ waitMs }) => waitMs <= NO_WAIT * usualMs).length;
  return { sure, likely: Math.max(sure, Math.min(unwaited, possible)) };
}

/** A time in which a host worked on a trial, by `performance.now()`. */
interface Work {
  readonly fromMs: number;
  readonly toMs: number;
}

/**
 * The work is the last part of a trial. The host says how long it was, but not when: counted from the sending it comes
 * too early, where the way there was slow (a new connection), and counted from the answer too late, where this process
 * was slow to read it. What both counts have in common is sure.
 */
function sureWork({ endedAtMs, sentAtMs, totalMs, workMs }: Trial): Work {
  return {
    fromMs: Math.max(sentAtMs + totalMs, endedAtMs) - (1 - EDGE) * workMs,
    toMs: Math.min(sentAtMs + totalMs, endedAtMs) - EDGE * workMs,
  };
}

/** All of the time that one count or the other names. */
function possibleWork({ endedAtMs, sentAtMs, totalMs, workMs }: Trial): Work {
  return {
    fromMs: Math.min(sentAtMs + totalMs, endedAtMs) - workMs,
    toMs: Math.max(sentAtMs + totalMs, endedAtMs),
  };
}

/** Most of them at one moment. */
function highest(works: readonly Work[]): number {
  const real = works.filter(({ fromMs, toMs }) => fromMs < toMs);
  return Math.max(
    0,
    ...real.map(({ fromMs: at }) => real.filter((work) => work.fromMs <= at && at < work.toMs).length),
  );
}
