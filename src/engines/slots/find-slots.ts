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

/** What a host does that is sent more than it has memory or places for. */
const TOO_MANY: ReadonlySet<FailureCode> = new Set(['HOST_BUSY', 'HOST_CRASHED', 'MODEL_LOAD_FAILED']);

/**
 * How many tiny generations stream at once on a host: more and more are sent in the same moment, until not all of them
 * are worked on together by the host's own account. At least 1. Throws what a trial throws, but where that says that the
 * host has enough, and the signal's reason.
 */
export async function findSlots(options: FindSlotsOptions): Promise<number> {
  const { guess, limitMs, most, signal } = options;
  const timeIsUp = new Error('the time for finding slots is up');
  return await withTimeLimit({ signal, limitMs, reason: () => timeIsUp }, async (limited) => {
    let found = 1;
    for (let sent = Math.min(most, guess === null ? 2 : guess + 1); sent > 1; sent = Math.min(most, sent * 2)) {
      const { atOnce, isLast } = await surely({ ...options, signal: limited }, sent);
      signal.throwIfAborted();
      found = Math.max(found, atOnce);
      if (isLast || atOnce < sent || sent === most) break;
    }
    return found;
  });
}

interface Round {
  /** Trials that the host worked on together. */
  readonly atOnce: number;
  /** The host has enough, or the time is up. */
  readonly isLast: boolean;
}

/**
 * A round, and once more where trials hardly waited and were not surely worked on together: where this machine or the
 * way to the host is busy, they are sent and read late. The smaller number that is likely counts then.
 */
async function surely(options: FindSlotsOptions, sent: number): Promise<Round> {
  const first = await sendRound(options, sent);
  if (first.isLast || first.sure === first.likely) return { atOnce: first.sure, isLast: first.isLast };
  const second = await sendRound(options, sent);
  const sure = Math.max(first.sure, second.sure);
  if (second.isLast || second.sure === second.likely) return { atOnce: sure, isLast: second.isLast };
  return { atOnce: Math.max(sure, Math.min(first.likely, second.likely)), isLast: false };
}

async function sendRound(options: FindSlotsOptions, sent: number): Promise<Overlap & Pick<Round, 'isLast'>> {
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
  try {
    await Promise.all(Array.from({ length: sent }, one));
    return { ...overlapOf(trials), isLast: false };
  } catch (thrown) {
    if (signal.aborted) return { ...overlapOf(trials), isLast: true };
    if (!(thrown instanceof VisionError) || !TOO_MANY.has(thrown.code)) throw thrown;
    return { sure: 1, likely: 1, isLast: true };
  } finally {
    round.abort(); // those that are still open
    signal.removeEventListener('abort', onAbort);
  }
}
