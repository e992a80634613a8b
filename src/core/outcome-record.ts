import type { Ask, ModelAnswer } from './ask.js';
import { type Failure, statusOf } from './errors.js';
import type { FoundItem, SourceRef } from './item.js';
import type { SentImage, VisionRecord } from './record.js';

/** What every record of an ask has in common. */
export interface RecordContext {
  readonly ask: Ask;
  readonly fingerprint: string;
  readonly digest: string | null;
}

/** What is known of an item when its record is written. */
export interface RecordFacts {
  readonly key: string;
  readonly sources: readonly SourceRef[];
  readonly page: number;
  readonly pages: number | null;
  readonly row?: Readonly<Record<string, string>>;
  readonly host: string | null;
  /** Counted attempts. */
  readonly attempts: number;
  readonly image: SentImage | null;
  readonly sourceBytes: number | null;
  readonly sourceMtimeMs: number | null;
  readonly queuedMs: number | null;
  readonly totalMs: number;
  /** Milliseconds since 1970. */
  readonly finishedMs: number;
  readonly warnings: readonly string[];
}

/** How an item ended. */
export type Ending =
  | { readonly status: 'ok' | 'blank'; readonly text: string | null; readonly answer: ModelAnswer | null }
  | { readonly failure: Failure; readonly text: string | null; readonly answer: ModelAnswer | null };

/** The record of an item that ended. */
export function outcomeRecord(context: RecordContext, facts: RecordFacts, ending: Ending): VisionRecord {
  const failure = 'failure' in ending ? ending.failure : null;
  const names = facts.sources.map(sourceName);
  return {
    schema_version: 1,
    id: facts.key,
    source: names.length === 1 ? (names[0] ?? facts.key) : names,
    page: facts.page,
    pages: facts.pages,
    status: 'failure' in ending ? statusOf(ending.failure.code) : ending.status,
    task: context.ask.task,
    engine: context.ask.engine,
    model: context.ask.model,
    model_digest: context.digest,
    text: ending.text,
    warnings: [...facts.warnings],
    error: failure === null ? null : { code: failure.code, message: failure.message },
    attempts: facts.attempts,
    host: facts.host,
    confidence: ending.answer?.confidence ?? null,
    tokens: ending.answer?.tokens ?? { prompt: null, output: null },
    timing_ms: {
      queued: facts.queuedMs,
      load: ending.answer?.timingMs.load ?? null,
      prompt: ending.answer?.timingMs.prompt ?? null,
      generate: ending.answer?.timingMs.generate ?? null,
      total: facts.totalMs,
    },
    source_bytes: facts.sourceBytes,
    source_mtime: facts.sourceMtimeMs === null ? null : new Date(facts.sourceMtimeMs).toISOString(),
    image: facts.image,
    ask_fingerprint: context.fingerprint,
    finished_at: new Date(facts.finishedMs).toISOString(),
    ...(facts.row === undefined ? {} : { row: { ...facts.row } }),
  };
}

/** The record of an item that no model was asked about. */
export function unaskedRecord(
  context: RecordContext,
  item: FoundItem,
  end: { failure: Failure; nowMs: number },
): VisionRecord {
  const facts: RecordFacts = {
    key: item.key,
    sources: [item.source ?? { root: '', path: item.key }],
    page: item.page,
    pages: item.pages ?? null,
    host: null,
    attempts: 0,
    image: null,
    sourceBytes: item.size,
    sourceMtimeMs: item.mtimeMs,
    queuedMs: null,
    totalMs: 0,
    finishedMs: end.nowMs,
    warnings: [],
  };
  return outcomeRecord(context, facts, { failure: end.failure, text: null, answer: null });
}

/** How a source is written in a row: its path under the root, its URL, or `bytes`. */
function sourceName(source: SourceRef): string {
  if ('path' in source) return source.path;
  return 'url' in source ? source.url : 'bytes';
}
