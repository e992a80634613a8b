import type { Carry } from '../jobs/vision-job.js';
import type { Attempt } from '../src/core/ask.js';
import type { Failure, VisionError } from '../src/core/errors.js';

/** What happens to an item after a failed try. */
export type NextStep =
  | { readonly step: 'again'; readonly carry: Carry }
  | { readonly step: 'handBack'; readonly carry: Carry; readonly avoidHost: boolean }
  | { readonly step: 'end'; readonly carry: Carry; readonly failure: Failure }
  | { readonly step: 'leave'; readonly failure: Failure }
  | { readonly step: 'stop'; readonly failure: Failure };

export interface LadderContext {
  readonly host: string;
  /** Counted attempts an item gets. */
  readonly attempts: number;
  /** Whether another live host could take the item. */
  readonly othersAnswer: boolean;
  /** How long this try took, waits in queues included. */
  readonly ms: number;
  /** What it took of the item's time. */
  readonly spentMs: number;
}

/** Hand-backs for reasons of the item itself after which it ends. */
const MOST_HAND_BACKS = 20;
/** Crashes on one item after which the item is to blame. */
const MOST_CRASHES = 3;

/**
 * Decides what follows a failed try. Asking the same again at temperature 0 is waste, so only a stall and the unexpected
 * get another attempt here.
 */
export function nextStep(error: VisionError, carry: Carry, context: LadderContext): NextStep {
  switch (error.fate) {
    case 'leave':
    case 'stop':
      return { step: error.fate, failure: error.toFailure() };
    case 'requeue':
      return requeue(error, carry, context);
    case 'retry':
      return retry(error, spend(carry, context), context);
    case 'fail':
      return { step: 'end', carry: counted(error, spend(carry, context), context), failure: error.toFailure() };
  }
}

/** The carry of an item that was answered. */
export function answered(carry: Carry, context: Pick<LadderContext, 'host' | 'ms' | 'spentMs'>): Carry {
  const attempt: Attempt = { host: context.host, code: null, message: null, ms: context.ms };
  return { ...spend(carry, context), attempts: [...carry.attempts, attempt] };
}

function requeue(error: VisionError, carry: Carry, context: LadderContext): NextStep {
  if (error.code !== 'HOST_CRASHED') return { step: 'handBack', carry, avoidHost: false };
  const crashes = [...carry.crashes, `${context.host}: ${error.sentence}`];
  if (crashes.length < MOST_CRASHES) return handBack(error, { ...carry, crashes }, context);
  const message = `The model server crashed on this item ${crashes.length} times. ${crashes.join(' · ')}`;
  return { step: 'end', carry: { ...carry, crashes }, failure: { code: 'ITEM_CRASHES_HOST', message } };
}

function retry(error: VisionError, carry: Carry, context: LadderContext): NextStep {
  if (error.code === 'ANSWER_STALLED' && context.othersAnswer && !carry.avoidHosts.includes(context.host)) {
    const free = carry.avoidHosts.length === 0; // an item's first stall is not counted where another host can take it
    return handBack(error, free ? carry : counted(error, carry, context), context);
  }
  const after = counted(error, carry, context);
  const again = error.code === 'ANSWER_STALLED' || error.code === 'UNEXPECTED';
  if (again && after.attempts.length < context.attempts) return { step: 'again', carry: after };
  return { step: 'end', carry: after, failure: error.toFailure() };
}

/** Hands the item to another host for a reason of its own; too many of those end it. */
function handBack(error: VisionError, carry: Carry, context: LadderContext): NextStep {
  if (carry.attempts.length >= context.attempts || carry.handBacks >= MOST_HAND_BACKS) {
    return { step: 'end', carry, failure: error.toFailure() };
  }
  const avoidHosts = [...new Set([...carry.avoidHosts, context.host])];
  return { step: 'handBack', carry: { ...carry, avoidHosts, handBacks: carry.handBacks + 1 }, avoidHost: true };
}

function counted(error: VisionError, carry: Carry, context: LadderContext): Carry {
  const attempt: Attempt = { host: context.host, code: error.code, message: error.sentence, ms: context.ms };
  return { ...carry, attempts: [...carry.attempts, attempt] };
}

function spend(carry: Carry, context: Pick<LadderContext, 'spentMs'>): Carry {
  return { ...carry, spentMs: carry.spentMs + context.spentMs };
}
