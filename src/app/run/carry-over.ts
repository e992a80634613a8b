import { isDeepStrictEqual } from 'node:util';
import { templateNames } from '../../../jobs/tasks/template.js';
import type { Ask } from '../../core/ask.js';
import { sha256Hex } from '../../core/fingerprint.js';
import type { FoundItem, SourceReader } from '../../core/item.js';
import type { VisionRecord } from '../../core/record.js';
import type { RunStore } from '../../results/store.js';

export interface CarryOverOptions {
  readonly store: RunStore;
  readonly open: SourceReader;
  /** What is asked now. */
  readonly ask: Ask;
  /** Whether discovery saw new times of the item's files. */
  readonly touched: boolean;
}

/**
 * Whether the record of an item still answers although its files have new times, or its row in the manifest may have
 * other words. It does where the files have the bytes they had and no word that changed was part of the question; the
 * record then takes the new times and words, and nothing is asked.
 */
export async function carryOver(item: FoundItem, options: CarryOverOptions): Promise<boolean> {
  const { ask, open, store, touched } = options;
  const record = store.record(item.key);
  if (record === undefined || isAskedOtherwise(record, item, ask)) return false;
  const source_mtime = touched ? await unchangedTimes(record, item, open) : record.source_mtime;
  if (source_mtime === undefined) return false;
  if (!touched && isDeepStrictEqual(record.row, item.row)) return true;
  const { row: _, ...rest } = record;
  const row = item.row === undefined ? {} : { row: { ...item.row } };
  await store.put([{ record: { ...rest, source_mtime, ...row }, attempts: store.attempts(item.key) }]);
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

/** The new times of files that have the bytes they had; undefined where one has not. */
async function unchangedTimes(
  record: VisionRecord,
  item: FoundItem,
  open: SourceReader,
): Promise<VisionRecord['source_mtime'] | undefined> {
  const images = record.image === null ? [] : [record.image].flat();
  const times: string[] = [];
  for (const [at, { ref }] of item.sources.entries()) {
    const source = await open(ref).catch(() => null);
    if (source === null || sha256Hex(source.bytes) !== images[at]?.sha256) return undefined;
    times.push(new Date(source.mtimeMs).toISOString());
  }
  return times.length === 1 ? times[0] : times;
}
