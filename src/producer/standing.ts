import { type Failure, type FailureCode, isEnvironmental } from '../core/errors.js';
import type { FoundItem, FoundSource } from '../core/item.js';
import { sourceNames } from '../core/outcome-record.js';
import { sourceMark } from '../core/source-mark.js';
import type { StoredOutcome } from '../results/layout.js';
import type { AcceptedAsk } from '../results/run-meta.js';

/** What an item needs in this start. `touched`: its file has a new time or place but maybe the same bytes. */
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
  /**
   * Whether hosts that are not on the public internet may be asked: what was refused for that is asked again.
   *
   * @defaultValue false
   */
  readonly allowPrivateUrls?: boolean;
  /** Failures to ask again although neither file nor ask changed. */
  readonly retry: 'none' | 'all' | ReadonlySet<FailureCode>;
  /**
   * Whether duplicates are looked for: then a row that was made of another item's stands only while it would be again.
   *
   * @defaultValue false
   */
  readonly dedupe?: boolean;
  /**
   * Whether the blank row of an item was made without asking, of which the present ask would ask.
   *
   * @defaultValue none was
   */
  readonly isUnasked?: (key: string) => boolean;
  /** Number of this start: what ended in it is done, whatever came of it. */
  readonly start: number;
}

/**
 * An item is done if it has a terminal record of an accepted ask and of the sources that it has now, with the size and
 * time that they have now. What the environment broke is asked again without a flag; bad files and bad answers only on
 * request.
 */
export function standing(item: FoundItem, outcome: StoredOutcome | undefined, policy: AgainPolicy): Standing {
  if (outcome === undefined) return 'ask';
  if (outcome.start === policy.start) return 'done';
  if (policy.redo || !isAccepted(outcome, policy.accepted) || isBorrowed(item, outcome, policy)) return 'ask';
  if (outcome.status === 'blank' && policy.isUnasked?.(item.key) === true) return 'ask';
  const isElsewhere = outcome.source !== sourceMark(sourceNames(item));
  if (item.problem !== undefined) return isElsewhere || !isSaidBy(outcome, item.problem) ? 'ask' : 'done';
  if (outcome.code !== null && isAskedAgain(outcome.code, policy)) return 'ask';
  return ofSources(item.sources, outcome, { isElsewhere, recheckUrls: policy.recheckUrls ?? false });
}

/** What sources call for that nothing else decides. */
function ofSources(
  sources: readonly FoundSource[],
  { sourceBytes, sourceEtag, sourceMtime }: StoredOutcome,
  { isElsewhere, recheckUrls }: { readonly isElsewhere: boolean; readonly recheckUrls: boolean },
): Standing {
  const hasUrls = sources.some(isUnseenUrl);
  if (!isSame(sourceBytes, sources, ({ size }) => size)) return 'ask';
  if (isElsewhere) return hasUrls ? 'ask' : 'touched';
  if (recheckUrls && hasUrls) return 'touched';
  const isSeenSame =
    isSame(sourceMtime, sources, ({ mtimeMs }) => isoOf(mtimeMs)) && isSameVersion(sourceEtag, sources);
  return isSeenSame ? 'done' : 'touched';
}

/** Whether archives at addresses are the versions that were read, as far as both are known: some servers tell no time. */
function isSameVersion(known: StoredOutcome['sourceEtag'], sources: readonly FoundSource[]): boolean {
  const etags = [known].flat();
  return sources.every(({ ref }, at) => {
    const now = 'url' in ref ? ref.part?.version?.etag : undefined;
    const before = etags[at] ?? null;
    return now === undefined || before === null || now === before;
  });
}

/**
 * Whether a record's value, a list where it has several sources, is what discovery saw of the sources now. What it does
 * not look at, such as a URL, counts as unchanged; what it sees now and the record does not know has changed.
 */
function isSame<T>(
  known: T | readonly T[] | null,
  sources: readonly FoundSource[],
  pick: (source: FoundSource) => T | null,
): boolean {
  const values = known === null ? sources.map(() => null) : [known].flat();
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

/** Whether a record says what is wrong with its item in the words in which it would be said now. */
function isSaidBy({ code, message }: StoredOutcome, problem: Failure): boolean {
  return code === problem.code && message === problem.message;
}

function isAskedAgain(code: FailureCode, { allowPrivateUrls = false, retry }: AgainPolicy): boolean {
  if (isEnvironmental(code) || retry === 'all') return true;
  if (code === 'URL_FORBIDDEN' && allowPrivateUrls) return true;
  if (code === 'PDF_ENCRYPTED') return true; // its pages were counted: only a worker lacked the password
  return retry !== 'none' && retry.has(code);
}
