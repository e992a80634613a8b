import type { Carry } from '../jobs/vision-job.js';
import type { Attempt } from '../src/core/ask.js';
import type { Change } from '../src/core/changes.js';
import type { Failure, FailureCode, VisionError } from '../src/core/errors.js';

/**
 * What each failure changes for the tries after it: its first time the first change, and so on; one that an item does not
 * allow is passed by. Asking the same again at temperature 0 would be waste. After the last the row says what is true.
 */
export const LADDER = {
  ANSWER_LOOPED: ['penalty', 'halves', 'smaller'],
  ANSWER_TRUNCATED: ['more-tokens', 'halves', 'smaller'],
  ANSWER_EMPTY: ['warmer', 'halves', 'smaller'],
  ANSWER_INVALID: ['complaint', 'warmer', 'complaint'],
  CONTEXT_EXCEEDED: ['smaller', 'smaller', 'smaller'],
  ANSWER_STALLED: ['other-host', 'other-host', 'other-host'],
  URL_FETCH: ['again', 'again', 'again'],
  UNEXPECTED: ['again', 'again', 'again'],
} as const satisfies Partial<Record<FailureCode, readonly Change[]>>;

/** What happens to an item after a failed try. */
export type NextStep =
  | { readonly step: 'again'; readonly carry: Carry }
  | { readonly step: 'handBack'; readonly carry: Carry; readonly avoidHost: boolean }
  | { readonly step: 'end'; readonly carry: Carry; readonly failure: Failure }
  | { readonly step: 'leave'; readonly failure: Failure }
  | { readonly step: 'stop'; readonly failure: Failure };

export interface LadderContext {
  readonly host: string;
  /** Counted attempts a question gets. */
  readonly attempts: number;
  /** Whether another live host could take the item. */
  readonly othersAnswer: boolean;
  /** Whether this item, as it was asked now, allows a change. */
  readonly allows: (change: Change) => boolean;
  /** How long this try took, waits in queues included. */
  readonly ms: number;
  /** What it took of the item's time. */
  readonly spentMs: number;
}

/** Hand-backs for reasons of the item itself after which it ends. */
const MOST_HAND_BACKS = 20;
/**
 * Crashes on one item after which the item is to blame. A connection that breaks while its host goes on answering may be
 * the network's doing, and counts for one later.
 */
const MOST_CRASHES: Partial<Record<FailureCode, number>> = { HOST_CRASHED: 2, HOST_UNREACHABLE: 3 };

/** Decides what follows a failed try. */
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

/** The carry of an item whose question was answered: the next one begins with the ask as it stands. */
export function answered(carry: Carry, context: Pick<LadderContext, 'host' | 'ms' | 'spentMs'>): Carry {
  const attempt: Attempt = { host: context.host, code: null, message: null, ms: context.ms, change: changeOf(carry) };
  const { best: _, complaint: __, ...rest } = spend(carry, context);
  return { ...rest, attempts: [...carry.attempts, attempt], changes: [] };
}

/** The tries at the question at hand: those after the last answer. */
function triesOf({ attempts }: Carry): readonly Attempt[] {
  return attempts.slice(attempts.findLastIndex(({ code }) => code === null) + 1);
}

function changeOf({ changes }: Carry): Change | null {
  return changes.at(-1) ?? null;
}

function requeue(error: VisionError, carry: Carry, context: LadderContext): NextStep {
  const most = MOST_CRASHES[error.code];
  if (error.code === 'HOST_CRASHED' && error.blameless) {
    return { step: 'handBack', carry: avoiding(carry, context.host), avoidHost: true };
  }
  if (most === undefined || error.blameless) return { step: 'handBack', carry, avoidHost: false };
  const crashes = [...carry.crashes, `${context.host}: ${error.sentence}`];
  if (crashes.length < most) return handBack(error, { ...carry, crashes }, context);
  const message = `The model server crashed on this item, or broke the connection, ${crashes.length} times. ${crashes.join(' · ')}`;
  return { step: 'end', carry: { ...carry, crashes }, failure: { code: 'ITEM_CRASHES_HOST', message } };
}

function retry(error: VisionError, carry: Carry, context: LadderContext): NextStep {
  const isStall = error.code === 'ANSWER_STALLED';
  const elsewhere = isStall && context.othersAnswer && !carry.avoidHosts.includes(context.host);
  if (elsewhere && carry.avoidHosts.length === 0) return handBack(error, carry, context); // an item's first is not counted
  const after = counted(error, carry, context);
  const tries = triesOf(after);
  const change = tries.length < context.attempts ? changeAfter(error.code, tries, context.allows) : null;
  if (change === null) return { step: 'end', carry: after, failure: error.toFailure() };
  const next = { ...after, changes: [...after.changes, change] };
  if (elsewhere || error.code === 'URL_FETCH') return handBack(error, next, context);
  return { step: 'again', carry: next };
}

/** The next change for this failure that the item allows and has not had, behind those that it led to before. */
function changeAfter(code: FailureCode, tries: readonly Attempt[], allows: (change: Change) => boolean): Change | null {
  const ladders: Partial<Record<FailureCode, readonly Change[]>> = LADDER;
  const ladder = ladders[code] ?? [];
  let from = 0;
  for (const [at, attempt] of tries.slice(0, -1).entries()) {
    const next = tries[at + 1]?.change ?? null;
    if (attempt.code === code && next !== null) from = ladder.indexOf(next, from) + 1;
  }
  const taken = new Set(tries.flatMap(({ change }) => change ?? []));
  return ladder.slice(from).find((change) => allows(change) && (REPEATABLE.has(change) || !taken.has(change))) ?? null;
}

/** What asks something else each time; any other change a second time would send the same again. */
const REPEATABLE: ReadonlySet<Change> = new Set(['smaller', 'complaint', 'other-host', 'again']);

/** Hands the item to another host for a reason of its own; too many of those end it. */
function handBack(error: VisionError, carry: Carry, context: LadderContext): NextStep {
  if (triesOf(carry).length >= context.attempts || carry.handBacks >= MOST_HAND_BACKS) {
    return { step: 'end', carry, failure: error.toFailure() };
  }
  const next = { ...avoiding(carry, context.host), handBacks: carry.handBacks + 1 };
  return { step: 'handBack', carry: next, avoidHost: true };
}

function avoiding(carry: Carry, host: string): Carry {
  return { ...carry, avoidHosts: [...new Set([...carry.avoidHosts, host])] };
}

function counted(error: VisionError, carry: Carry, context: LadderContext): Carry {
  const { host, ms } = context;
  const attempt: Attempt = { host, code: error.code, message: error.sentence, ms, change: changeOf(carry) };
  return { ...carry, attempts: [...carry.attempts, attempt] };
}

function spend(carry: Carry, context: Pick<LadderContext, 'spentMs'>): Carry {
  return { ...carry, spentMs: carry.spentMs + context.spentMs };
}
