import { HAND_BACK_DEFAULTS } from '../jobs/queue.js';
import type { Carry, Outcome, VisionJob } from '../jobs/vision-job.js';
import type { AnsweredBy } from '../src/core/ask.js';
import { type Ending, outcomeRecord, type RecordContext, type RecordFacts } from '../src/core/outcome-record.js';
import type { SiteAtRest } from '../src/inputs/urls/url-failures.js';
import type { ItemImages } from './item-images.js';
import type { Verified } from './verifier.js';

/** An item that has come to its end. */
export interface EndedItem {
  readonly record: RecordContext;
  readonly job: VisionJob;
  readonly images: Pick<ItemImages, 'facts' | 'ink' | 'pages' | 'warnings'>;
  readonly carry: Carry;
  readonly queuedMs: number | null;
  readonly totalMs: number;
  /** @defaultValue null: it was not read a second time */
  readonly verified?: Verified | null;
  /** @defaultValue the ask's engine */
  readonly answeredBy?: AnsweredBy;
}

/** Writes the record of an item: what is known of it, and how it ended. */
export function itemOutcome(ended: EndedItem, ending: Ending): Outcome {
  const { answeredBy, carry, images, record, verified = null } = ended;
  const { key, page, vars } = ended.job;
  const facts: RecordFacts = {
    key,
    sources: images.facts(),
    page,
    pages: images.pages,
    ...(vars === undefined ? {} : { row: vars }),
    host: carry.attempts.at(-1)?.host ?? null,
    attempts: carry.attempts.length,
    queuedMs: ended.queuedMs,
    totalMs: ended.totalMs,
    finishedMs: Date.now(),
    warnings: [...images.warnings(), ...carry.warnings, ...(verified?.warnings ?? [])],
    verify: verified?.verification ?? null,
    blankInk: images.ink,
    ...(answeredBy === undefined ? {} : { answeredBy }),
  };
  const context = answeredBy === undefined ? record : withoutModel(record);
  return { record: outcomeRecord(context, facts, ending), attempts: carry.attempts };
}

/** An item whose site is at rest: its slot does not wait with it, and a try that was none is not counted. */
export function putOff({ code, waitMs }: SiteAtRest, carry: Carry): Outcome {
  return { handBack: { reason: code, delayMs: Math.min(waitMs, HAND_BACK_DEFAULTS.mostMs) }, carry };
}

function withoutModel(record: RecordContext): RecordContext {
  return { ...record, digest: null, ask: { ...record.ask, model: null } };
}
