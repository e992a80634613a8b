import { isDeepStrictEqual } from 'node:util';
import { templateNames } from '../../../jobs/tasks/template.js';
import type { Ask } from '../../core/ask.js';
import { sha256Hex } from '../../core/fingerprint.js';
import type { FoundItem, FoundSource, SourceReader } from '../../core/item.js';
import type { VisionRecord } from '../../core/record.js';
import { isUnseenUrl } from '../../producer/standing.js';
import type { RunStore } from '../../results/store.js';
import { type ReadVersion, type Recheck, type Rechecked, versionAt } from './recheck.js';

export interface CarryOverOptions {
  readonly store: RunStore;
  readonly open: SourceReader;
  /** What is asked now. */
  readonly ask: Ask;
  /** Whether discovery saw new times of the item's files. */
  readonly touched: boolean;
  /** Of bytes, as hex digits. */
  readonly sha256: (bytes: Uint8Array) => string;
  /**
   * Asks about URLs, at which discovery cannot look.
   *
   * @defaultValue none: they count as unchanged
   */
  readonly recheck?: Recheck | null;
}

/** SHA-256 of bytes, worked out once for each array of them: a document is asked for once a page. */
export function rememberedSha256(): CarryOverOptions['sha256'] {
  const known = new WeakMap<Uint8Array, string>();
  return (bytes) => {
    const sha256 = known.get(bytes) ?? sha256Hex(bytes);
    known.set(bytes, sha256);
    return sha256;
  };
}

/**
 * Whether the record of an item still answers although its files have new times, or its row in the manifest may have
 * other words. It does where the files have the bytes they had and no word that changed was part of the question; the
 * record then takes the new times and words, and nothing is asked.
 */
export async function carryOver(item: FoundItem, options: CarryOverOptions): Promise<boolean> {
  const { ask, store, touched } = options;
  const record = store.record(item.key);
  if (record === undefined || isAskedOtherwise(record, item, ask)) return false;
  const { row: _, source_etag, source_mtime, ...rest } = record;
  const versions = touched ? await unchangedVersions(record, item, options) : versionsOf({ source_etag, source_mtime });
  if (versions === null) return false;
  if (!touched && isDeepStrictEqual(record.row, item.row)) return true;
  const row = item.row === undefined ? {} : { row: { ...item.row } };
  await store.put([{ record: { ...rest, ...versions, ...row }, attempts: store.attempts(item.key) }]);
  return true;
}

/** Whether a column that the question is made with says something else now. */
function isAskedOtherwise(record: VisionRecord, item: FoundItem, { form, prompt, system }: Ask): boolean {
  const texts = [prompt, system ?? '', ...(form.kind === 'answers' ? form.questions : [])];
  return texts.flatMap(templateNames).some((name) => wordOf(record.row, name) !== wordOf(item.row, name));
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
  const { open, recheck = null, sha256 } = options;
  const { ref } = source;
  if (recheck !== null && 'url' in ref && isUnseenUrl(source)) return await recheck.look(ref.url, version);
  const now = await open(ref).catch(() => null);
  if (now === null || sha256(now.bytes) !== version.sha256) return { kind: 'changed' };
  return { kind: 'same', mtimeMs: now.mtimeMs, etag: now.etag ?? null };
}
