import { isDeepStrictEqual } from 'node:util';
import { templateNames } from '../../../jobs/tasks/template.js';
import type { Ask } from '../../core/ask.js';
import { isEnvironmental, toVisionError, type VisionError } from '../../core/errors.js';
import type { FoundItem, FoundSource, SourceReader } from '../../core/item.js';
import { sourceNames } from '../../core/outcome-record.js';
import type { VisionRecord } from '../../core/record.js';
import { sourceMark } from '../../core/source-mark.js';
import { unanswered } from '../../inputs/unanswered.js';
import { afterRest } from '../../inputs/urls/patient-reader.js';
import { isUnseenUrl } from '../../producer/standing.js';
import type { FinishedItem, RunStore } from '../../results/store.js';
import { type ReadVersion, type Recheck, type Rechecked, versionAt } from './recheck.js';

export interface CarryOverOptions {
  readonly store: Pick<RunStore, 'attempts' | 'record'>;
  readonly open: SourceReader;
  /** What is asked now. */
  readonly ask: Ask;
  /** Whether discovery saw the item's files at new times or in new places. */
  readonly touched: boolean;
  /** Of bytes, as hex digits. */
  readonly sha256: (bytes: Uint8Array) => Promise<string>;
  /**
   * Asks about URLs, at which discovery cannot look.
   *
   * @defaultValue none: they count as unchanged
   */
  readonly recheck?: Recheck | null;
  /** Told of every file that cannot be read now: its row stands. */
  readonly onUnread: () => void;
  readonly signal: AbortSignal;
}

/**
 * What is to be written so that the record of an item still answers although its files have new times or places, or its
 * row in the manifest may have other words; null where it does not. It does where the files have the bytes they had and
 * no word that changed was part of the question; the record then takes the new times, places and words, and nothing is
 * asked.
 */
export async function carryOver(item: FoundItem, options: CarryOverOptions): Promise<readonly FinishedItem[] | null> {
  const { ask, store, touched } = options;
  const record = store.record(item.key);
  if (record === undefined || isAskedOtherwise(record, item, ask)) return null;
  const { row: _, source_etag, source_mtime, ...rest } = record;
  const versions = touched ? await unchangedVersions(record, item, options) : versionsOf({ source_etag, source_mtime });
  if (versions === null) return null;
  if (!touched && isDeepStrictEqual(record.row, item.row)) return [];
  const row = item.row === undefined ? {} : { row: { ...item.row } };
  const source = sourceNames(item);
  return [{ record: { ...rest, source, ...versions, ...row }, attempts: store.attempts(item.key) }];
}

/** Whether a column or a place that the question is made with says something else now. */
function isAskedOtherwise(record: VisionRecord, item: FoundItem, { form, prompt, system }: Ask): boolean {
  const texts = [prompt, system ?? '', ...(form.kind === 'answers' ? form.questions : [])];
  const isElsewhere = sourceMark(record.source) !== sourceMark(sourceNames(item));
  return texts
    .flatMap(templateNames)
    .some((name) => wordOf(record.row, name) !== wordOf(item.row, name) || (isElsewhere && name.startsWith('file.')));
}

function wordOf(row: FoundItem['row'], name: string): string | undefined {
  return row !== undefined && Object.hasOwn(row, name) ? row[name] : undefined;
}

type Versions = Pick<VisionRecord, 'source_mtime' | 'source_etag'>;

function versionsOf({ source_etag, source_mtime }: { [Key in keyof Versions]: Versions[Key] | undefined }): Versions {
  return { source_mtime: source_mtime ?? null, ...(source_etag === undefined ? {} : { source_etag }) };
}

/** The new times and versions of sources that have the bytes they had; null where one has not. */
async function unchangedVersions(
  record: VisionRecord,
  item: FoundItem,
  options: CarryOverOptions,
): Promise<Versions | null> {
  const times: string[] = [];
  const etags: (string | null)[] = [];
  for (const [at, source] of item.sources.entries()) {
    const version = versionAt(record, at);
    const now = version === null ? null : await lookAgain(source, version, options);
    if (version === null || now === null || now.kind === 'changed') return null;
    const { etag, mtimeMs } = now.kind === 'same' ? now : version;
    times.push(new Date(mtimeMs).toISOString());
    etags.push(etag);
  }
  const source_mtime = times.length === 1 ? (times[0] ?? null) : times;
  if (etags.every((etag) => etag === null)) return { source_mtime };
  return { source_mtime, source_etag: etags.length === 1 ? (etags[0] ?? null) : etags };
}

async function lookAgain(source: FoundSource, version: ReadVersion, options: CarryOverOptions): Promise<Rechecked> {
  const { open, recheck = null, sha256, signal } = options;
  const { ref } = source;
  if (recheck !== null && 'url' in ref && isUnseenUrl(source)) return await recheck.look(ref.url, version);
  try {
    const now = await afterRest(() => open(ref, { signal, seen: source }), { signal });
    if ((await sha256(now.bytes)) !== version.sha256) return { kind: 'changed' };
    return { kind: 'same', mtimeMs: now.mtimeMs, etag: now.etag ?? null };
  } catch (thrown) {
    return afterFailure(toVisionError(thrown), options);
  }
}

/** A row that there is must not be lost because a disk or a site has a bad night. */
function afterFailure(error: VisionError, { onUnread, signal }: CarryOverOptions): Rechecked {
  if (signal.aborted) return { kind: 'unanswered' };
  if (error.code === 'STORAGE_FORBIDDEN') throw unanswered(error);
  if (error.code === 'IMAGE_MISSING' || !isEnvironmental(error.code)) return { kind: 'changed' };
  onUnread();
  return { kind: 'unanswered' };
}
