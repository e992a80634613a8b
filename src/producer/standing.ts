import { type FailureCode, isEnvironmental } from '../core/errors.js';
import type { FoundItem, FoundSource } from '../core/item.js';
import type { StoredOutcome } from '../results/layout.js';
import type { AcceptedAsk } from '../results/run-meta.js';

/** What an item needs in this start. `touched`: its file has a new time but maybe the same bytes. */
export type Standing = 'done' | 'touched' | 'ask';

/** Which earlier records still answer. */
export interface AgainPolicy {
  readonly accepted: readonly AcceptedAsk[];
  /** Asks every item again. */
  readonly redo: boolean;
  /**
   * Whether URLs, at which discovery does not look, count as touched.
   *
   * @defaultValue false
   */
  readonly recheckUrls?: boolean;
  /** Failures to ask again although neither file nor ask changed. */
  readonly retry: 'none' | 'all' | ReadonlySet<FailureCode>;
  /**
   * Whether duplicates are looked for: then a row that was made of another item's stands only while it would be again.
   *
   * @defaultValue false
   */
  readonly dedupe?: boolean;
  /** Number of this start: what ended in it is done, whatever came of it. */
  readonly start: number;
}

/**
 * An item is done if it has a terminal record of an accepted ask and its source's size and time are unchanged. What the
 * environment broke is asked again without a flag; bad files and bad answers only on request. A record that knows no
 * source, as of an item that ended its process, counts as unchanged.
 */
export function standing(item: FoundItem, outcome: StoredOutcome | undefined, policy: AgainPolicy): Standing {
  if (outcome === undefined) return 'ask';
  if (outcome.start === policy.start) return 'done';
  if (policy.redo || !isAccepted(outcome, policy.accepted) || isBorrowed(item, outcome, policy)) return 'ask';
  if (item.problem !== undefined) return item.problem.code === outcome.code ? 'done' : 'ask';
  if (outcome.code !== null && isAskedAgain(outcome.code, policy.retry)) return 'ask';
  if (outcome.sourceBytes === null) return 'done';
  if (!isSame(outcome.sourceBytes, item.sources, ({ size }) => size)) return 'ask';
  if (policy.recheckUrls === true && item.sources.some(isUnseenUrl)) return 'touched';
  return isSame(outcome.sourceMtime, item.sources, ({ mtimeMs }) => isoOf(mtimeMs)) ? 'done' : 'touched';
}

/**
 * Whether a record's value, a list where it has several sources, is what discovery saw of the sources now. What it does
 * not look at, such as a URL, counts as unchanged.
 */
function isSame<T>(
  known: T | readonly T[] | null,
  sources: readonly FoundSource[],
  pick: (source: FoundSource) => T | null,
): boolean {
  const values = [known].flat();
  return values.length === sources.length && sources.every((source, at) => (pick(source) ?? values[at]) === values[at]);
}

/** Whether discovery could not look at a source, so that only its site can tell whether it has changed. */
export function isUnseenUrl({ mtimeMs, ref }: FoundSource): boolean {
  return 'url' in ref && mtimeMs === null;
}

function isoOf(ms: number | null): string | null {
  return ms === null ? null : new Date(ms).toISOString();
}

/** Whether a row was made of that of another item which is not, or no longer, this one's original. */
function isBorrowed({ duplicateOf }: FoundItem, outcome: StoredOutcome, { dedupe = false }: AgainPolicy): boolean {
  return dedupe && outcome.duplicateOf !== null && outcome.duplicateOf !== duplicateOf;
}

function isAccepted(outcome: StoredOutcome, accepted: readonly AcceptedAsk[]): boolean {
  return accepted.some(
    ({ fingerprint, digest }) =>
      fingerprint === outcome.fingerprint && (digest === null || outcome.digest === null || digest === outcome.digest),
  );
}

function isAskedAgain(code: FailureCode, retry: AgainPolicy['retry']): boolean {
  if (isEnvironmental(code) || retry === 'all') return true;
  return retry !== 'none' && retry.has(code);
}
