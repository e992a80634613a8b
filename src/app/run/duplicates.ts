import { fillTemplate, templateNames, templateValues } from '../../../jobs/tasks/template.js';
import { questionsOf } from '../../../workers/conversation.js';
import type { Ask } from '../../core/ask.js';
import { sha256Of } from '../../core/bytes.js';
import { duplicateRecord } from '../../core/duplicate-record.js';
import { isFileClaim } from '../../core/errors.js';
import type { FoundItem, FoundSource, SourceReader } from '../../core/item.js';
import type { VisionRecord } from '../../core/record.js';
import type { RunStore } from '../../results/store.js';

/** SHA-256 of a source's bytes; null where they cannot be read, or are not what discovery saw. */
export async function sourceSha256(source: FoundSource, open: SourceReader): Promise<string | null> {
  const { mtimeMs, ref, size } = source;
  const read = await open(ref, { seen: source }).catch(() => null); // asked itself, it says in its row why
  if (read === null || read.size !== size || read.mtimeMs !== mtimeMs) return null;
  return await sha256Of(read.bytes);
}

/** The words that an item is asked with, filled in; nothing where every item is asked with the same. */
export function wordsOf(ask: Ask): (item: FoundItem) => string {
  const texts = [ask.system ?? '', ...questionsOf(ask)];
  if (texts.every((text) => templateNames(text).length === 0)) return () => '';
  return ({ key, page, row, sources }) => {
    const job = { key, page, sources: sources.map(({ ref }) => ref), ...(row === undefined ? {} : { vars: row }) };
    const values = templateValues(job);
    return JSON.stringify(texts.map((text) => fillTemplate(text, values)));
  };
}

/**
 * The record of a duplicate, made of its original's; null where that one does not stand for it: there is none, its file
 * was not there, or was not the one that was compared. Such a duplicate is asked itself.
 */
export function derivedRecord(item: FoundItem, store: RunStore, nowMs: number): VisionRecord | null {
  const original = item.duplicateOf === undefined ? undefined : store.record(item.duplicateOf);
  const [source] = item.sources;
  if (original === undefined || source === undefined) return null;
  if (original.error !== null && isFileClaim(original.error.code)) return null;
  if (original.source_bytes !== null && original.source_bytes !== source.size) return null;
  const image = [original.image].flat()[0] ?? null;
  if (image !== null && image.sha256 !== store.contents.sha256(source)) return null;
  return duplicateRecord(original, item, nowMs);
}
