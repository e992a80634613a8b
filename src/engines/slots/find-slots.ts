import { setMaxListeners } from 'node:events';
import { type FailureCode, VisionError } from '../../core/errors.js';
import type { Trial } from '../engine.js';
import { withTimeLimit } from '../time-limit.js';
import { type Overlap, overlapOf } from './overlap.js';

export interface FindSlotsOptions {
  /** Asks the host for a few words; null where it does not generate. */
  readonly trial: (signal: AbortSignal) => Promise<Trial | null>;
  /** Slots that the host had when it was last looked at; null where nobody knows. */
  readonly guess: number | null;
  /** As many trials as are sent at once at most. */
  readonly most: number;
  /** Time for all of it; then the largest number that was seen counts. */
  readonly limitMs: number;
  readonly signal: AbortSignal;
}

/** Trials of the first round where nobody knows anything. */
const FIRST = 2;

/** What a host does that is sent more than it has memory or places for. */
const TOO_MANY: ReadonlySet<FailureCode> = new Set(['HOST_BUSY', 'HOST_CRASHED', 'MODEL_LOAD_FAILED']);

/**
 * How many tiny generations stream at once on a host: more and more are sent in the same moment, until not all of them
 * are worked on together by the host's own account. At least 1. Throws what a trial throws, but where that says that the
 * host has enough, and the signal's reason.
 */
export async function findSlots(options: FindSlotsOptions): Promise<number> {
  const { guess, limitMs, signal } = options;
  const timeIsUp = new Error('the time for finding slots is up');
  return await withTimeLimit({ signal, limitMs, reason: () => timeIsUp }, async (limited) => {
    let { most } = options;
    let found = 1;
    let sent = Math.min(most, guess === null ? FIRST : guess + 1);
    while (sent > 1) {
      const { atOnce, end } = await surely({ ...options, signal: limited }, sent);
      signal.throwIfAborted();
      found = Math.max(found, atOnce);
      if (end === 'refused' && found === 1) {
        most = sent - 1; // the guess was too many, and nothing is known yet of fewer
        sent = Math.min(most, FIRST);
      } else if (end !== null || atOnce < sent || sent === most) break;
      else sent = Math.min(most, sent * 2);
    }
    return found;
  });
}

interface Round {
  /** Trials that the host worked on together. */
  readonly atOnce: number;
  /** The host has enough, or the time is up; null where more may be sent. */
  readonly end: 'refused' | 'late' | null;
}

/**
 * A round, and once more where trials hardly waited and were not surely worked on together: where this machine or the
 * way to the host is busy, they are sent and read late. The smaller number that is likely counts then.
 */
async function surely(options: FindSlotsOptions, sent: number): Promise<Round> {
  const first = await sendRound(options, sent);
  if (first.end !== null || first.sure === first.likely) return { atOnce: first.sure, end: first.end };
  const second = await sendRound(options, sent);
  const sure = Math.max(first.sure, second.sure);
  if (second.end !== null || second.sure === second.likely) return { atOnce: sure, end: second.end };
  return { atOnce: Math.max(sure, Math.min(first.likely, second.likely)), end: null };
}

async function sendRound(options: FindSlotsOptions, sent: number): Promise<Overlap & Pick<Round, 'end'>> {
  const { signal } = options;
  const round = new AbortController();
  setMaxListeners(0, round.signal); // each trial listens
  const onAbort = () => round.abort(signal.reason);
  signal.addEventListener('abort', onAbort, { once: true });
  const trials: Trial[] = [];
  const one = async () => {
    const trial = await options.trial(round.signal);
    if (trial !== null) trials.push(trial);
  };
  const open = Array.from({ length: sent }, one);
  try {
    await Promise.all(open);
    return { ...overlapOf(trials), end: null };
  } catch (thrown) {
    if (signal.aborted) return { ...overlapOf(trials), end: 'late' };
    if (!(thrown instanceof VisionError) || !TOO_MANY.has(thrown.code)) throw thrown;
    await Promise.allSettled(open); // they would be in the way of the next round
    return { sure: 1, likely: 1, end: signal.aborted ? 'late' : 'refused' };
  } finally {
    round.abort(); // those that are still open
    signal.removeEventListener('abort', onAbort);
  }
}
