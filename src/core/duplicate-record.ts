import type { FoundItem } from './item.js';
import { sourceName } from './outcome-record.js';
import type { VisionRecord } from './record.js';

/**
 * The record of an item whose source has the bytes of another's, made of that one's record. It cost nothing: no try, no
 * host, no tokens, no time.
 *
 * @param nowMs - milliseconds since 1970
 */
export function duplicateRecord(original: VisionRecord, item: FoundItem, nowMs: number): VisionRecord {
  const { row: _, ...rest } = original;
  const [source] = item.sources;
  if (source === undefined) throw new TypeError('Expected `item` to have a source, got none');
  const { mtimeMs, ref, size } = source;
  return {
    ...rest,
    id: item.key,
    source: sourceName(ref),
    page: item.page,
    pages: item.pages ?? null,
    attempts: 0,
    host: null,
    tokens: { prompt: null, output: null },
    timing_ms: { queued: null, load: null, prompt: null, generate: null, total: 0 },
    source_bytes: size,
    source_mtime: mtimeMs === null ? null : new Date(mtimeMs).toISOString(),
    duplicate_of: original.id,
    finished_at: new Date(nowMs).toISOString(),
    ...(item.row === undefined ? {} : { row: { ...item.row } }),
  };
}
