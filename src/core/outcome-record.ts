import type { AnsweredBy, Ask, ModelAnswer } from './ask.js';
import { bareAddress } from './bare-address.js';
import { type Failure, statusOf } from './errors.js';
import type { FoundItem, SourceRef, TableCell } from './item.js';
import { NO_RESULT, type SentImage, type TaskResult, type Verification, type VisionRecord } from './record.js';
import { withoutUserinfo } from './redact.js';

/** What every record of an ask has in common. */
export interface RecordContext {
  readonly ask: Ask;
  readonly fingerprint: string;
  readonly digest: string | null;
}

/** What is known of one source when the record is written; null where it was not read that far. */
export interface SourceFacts {
  readonly ref: SourceRef;
  readonly size: number | null;
  /** Whole milliseconds since 1970. */
  readonly mtimeMs: number | null;
  readonly etag?: string;
  readonly image: SentImage | null;
}

/** What is known of an item when its record is written. */
export interface RecordFacts {
  readonly key: string;
  readonly sources: readonly SourceFacts[];
  readonly page: number;
  readonly pages: number | null;
  readonly row?: Readonly<Record<string, string>>;
  readonly host: string | null;
  /** Counted attempts. */
  readonly attempts: number;
  readonly queuedMs: number | null;
  readonly totalMs: number;
  /** Milliseconds since 1970. */
  readonly finishedMs: number;
  readonly warnings: readonly string[];
  readonly verify: Verification | null;
  /** @defaultValue null: it was not measured */
  readonly blankInk?: number | null;
  /** @defaultValue the ask's engine */
  readonly answeredBy?: AnsweredBy;
}

/** How an item ended. What there is of a result is kept where it failed. */
export type Ending = { readonly result: TaskResult; readonly answer: ModelAnswer | null } & (
  | { readonly status: 'ok' | 'blank' }
  | { readonly failure: Failure }
);

/** The record of an item that ended. */
export function outcomeRecord(context: RecordContext, facts: RecordFacts, ending: Ending): VisionRecord {
  const failure = 'failure' in ending ? ending.failure : null;
  const { answer, result } = ending;
  const { confidence = null } = answer ?? {};
  return {
    schema_version: 1,
    id: facts.key,
    source: sourceNames(facts),
    page: facts.page,
    pages: facts.pages,
    status: 'failure' in ending ? statusOf(ending.failure.code) : ending.status,
    task: context.ask.taskName,
    engine: facts.answeredBy ?? context.ask.engine,
    model: context.ask.model,
    model_digest: context.digest,
    text: result.text,
    label: result.label,
    data: result.data,
    answers: result.answers,
    warnings: [...facts.warnings],
    error: failure === null ? null : { code: failure.code, message: failure.message },
    attempts: facts.attempts,
    host: facts.host,
    confidence: confidence?.mean ?? null,
    weakest: confidence === null ? null : { text: confidence.weakest.text, confidence: confidence.weakest.probability },
    verify: facts.verify,
    tokens: answer?.tokens ?? { prompt: null, output: null },
    timing_ms: {
      queued: facts.queuedMs,
      load: answer?.timingMs.load ?? null,
      prompt: answer?.timingMs.prompt ?? null,
      generate: answer?.timingMs.generate ?? null,
      total: facts.totalMs,
    },
    source_bytes: of(facts.sources, ({ size }) => size),
    source_mtime: of(facts.sources, ({ mtimeMs }) => (mtimeMs === null ? null : new Date(mtimeMs).toISOString())),
    ...etagsOf(facts.sources),
    image: of(facts.sources, ({ image }) => image),
    blank_ink: facts.blankInk ?? null,
    duplicate_of: null,
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
  const refs =
    item.sources.length > 0 ? item.sources : [{ ref: { root: '', path: item.key }, size: null, mtimeMs: null }];
  const facts: RecordFacts = {
    key: item.key,
    sources: refs.map((source) => ({ ...source, image: null })),
    page: item.page,
    pages: item.pages ?? null,
    ...(item.row === undefined ? {} : { row: item.row }),
    host: null,
    attempts: 0,
    queuedMs: null,
    totalMs: 0,
    finishedMs: end.nowMs,
    warnings: [],
    verify: null,
  };
  return outcomeRecord(context, facts, { failure: end.failure, result: NO_RESULT, answer: null });
}

/** One value of a single source, a list of several in order; null where it is not known of all. */
function of<T>(sources: readonly SourceFacts[], pick: (source: SourceFacts) => T | null): T | T[] | null {
  const values = sources.flatMap((source) => pick(source) ?? []) as T[];
  if (values.length < sources.length) return null;
  return values.length === 1 ? (values[0] ?? null) : values;
}

/** Absent where no server sent one. */
function etagsOf(sources: readonly SourceFacts[]): Pick<VisionRecord, 'source_etag'> {
  const etags = sources.map(({ etag = null }) => etag);
  if (etags.every((etag) => etag === null)) return {};
  return { source_etag: etags.length === 1 ? (etags[0] ?? null) : etags };
}

/** What stands in an item's row for its sources; its key where it has none. */
export function sourceNames({ key, sources }: Pick<FoundItem, 'key' | 'sources'>): VisionRecord['source'] {
  const names = sources.map(({ ref }) => sourceName(ref));
  return names.length > 1 ? names : (names[0] ?? key);
}

/**
 * How a source is written in a row: its path under the root, its URL without credentials, or `bytes`; behind an
 * archive's its member, behind a table's the column that holds it (of CSV its ordinal, from 1).
 */
export function sourceName(source: SourceRef): string {
  if ('bytes' in source) return 'bytes';
  if ('path' in source && source.cell !== undefined) return `${source.path}/${columnOf(source.cell)}`;
  const name = 'path' in source ? source.path : withoutUserinfo(source.url);
  return source.part === undefined ? name : `${bareAddress(name)}/${source.part.member}`;
}

function columnOf({ column }: TableCell): string {
  return typeof column === 'number' ? String(column + 1) : column;
}
