import type { Buffer } from 'node:buffer';
import pLimit from 'p-limit';
import type { FoundItem, FoundSource } from '../core/item.js';
import { KeySet } from '../core/key-set.js';
import { sourceName } from '../core/outcome-record.js';
import type { Contents, SourceDigest } from '../results/contents.js';
import { keyHash } from '../results/layout.js';
import type { PlacedItem } from '../results/store-reader.js';
import { BATCH } from './window.js';

export interface DuplicatesOptions {
  /** Every item in input order; every call begins anew. */
  readonly items: () => Iterable<PlacedItem>;
  readonly contents: Contents;
  /** SHA-256 of a source's bytes as hex digits; null where they cannot be read, or are not what discovery saw. */
  readonly sha256: (source: FoundSource) => Promise<string | null>;
  /** The words that an item is asked with: equal bytes with other words are no duplicates. */
  readonly wordsOf: (item: FoundItem) => string;
  /** Whether files are read again that look as they did when they were read. */
  readonly anew: boolean;
  /** Puts items back that are duplicates. */
  readonly replace: (items: readonly PlacedItem[]) => Promise<void>;
  readonly signal: AbortSignal;
}

/** Files that are read at once. */
const READ_AT_ONCE = 4;
/** Steps of a long scan between two turns of the event loop. */
const STEPS = 5_000;

/**
 * Finds items whose source has the bytes of an earlier item's, and marks them. Only files that share their size with
 * another are read, and only once while they stay as they are. Holds 16 bytes for each size that occurs.
 */
export async function markDuplicates(options: DuplicatesOptions): Promise<void> {
  const { anew, contents, items, signal } = options;
  const sizes = await sharedSizes(options);
  await contents.forget(anew ? 'all' : 'firsts');
  let batch: Candidate[] = [];
  for await (const placed of steps(items())) {
    if (signal.aborted) return;
    const source = onlySource(placed.item);
    if (source === null || !sizes.has(sizeMark(source.size))) continue;
    batch.push({ placed, source });
    if (batch.length < BATCH) continue;
    await markBatch(batch, options);
    batch = [];
  }
  await markBatch(batch, options);
}

interface SizedSource extends FoundSource {
  readonly size: number;
}

interface Candidate {
  readonly placed: PlacedItem;
  readonly source: SizedSource;
}

/** The one source of an item that can be compared: one that shows by its time whether it is still the same. */
function onlySource({ problem, sources }: FoundItem): SizedSource | null {
  const [source, another] = sources;
  if (source === undefined || another !== undefined || problem !== undefined || 'bytes' in source.ref) return null;
  const { mtimeMs, size } = source;
  return size === null || mtimeMs === null ? null : { ...source, size };
}

/** Sizes that several sources have. The pages of one source follow each other and count once. */
async function sharedSizes({ items, signal }: DuplicatesOptions): Promise<KeySet> {
  const met = new KeySet();
  const shared = new KeySet();
  let last = '';
  for await (const { item } of steps(items())) {
    if (signal.aborted) break;
    const source = onlySource(item);
    if (source === null) continue;
    const name = sourceName(source.ref);
    const mark = sizeMark(source.size);
    if (name !== last && !met.add(mark)) shared.add(mark);
    last = name;
  }
  return shared;
}

/** A hash: sizes themselves share their last bits, as those of raw images and padded scans do. */
function sizeMark(size: number): Buffer {
  return keyHash(`${size}`);
}

async function markBatch(batch: readonly Candidate[], options: DuplicatesOptions): Promise<void> {
  const { contents, replace, signal, wordsOf } = options;
  const { digests, sha256Of } = await digestsOf(batch, options);
  if (signal.aborted) return;
  const firsts = new Map<string, string>();
  const duplicates: PlacedItem[] = [];
  for (const { placed, source } of batch) {
    const sha256 = sha256Of(source);
    if (sha256 === null) continue;
    const { item, position } = placed;
    const content = JSON.stringify([sha256, item.page, wordsOf(item)]);
    const first = firsts.get(content) ?? contents.firstWith(content);
    if (first === undefined) firsts.set(content, item.key);
    else duplicates.push({ position, item: { ...item, duplicateOf: first } });
  }
  await contents.keep({ digests, firsts });
  await replace(duplicates);
}

/** The digests of a batch: those that are known, and those that had to be made, each source once. */
async function digestsOf(batch: readonly Candidate[], { contents, sha256, signal }: DuplicatesOptions) {
  const limit = pLimit(READ_AT_ONCE);
  const all = new Map<string, string | null>();
  const digests: SourceDigest[] = [];
  const look = async (name: string, source: SizedSource) => {
    const made = signal.aborted ? null : await sha256(source);
    all.set(name, made);
    if (made !== null) digests.push({ source, sha256: made });
  };
  const nameOf = ({ ref }: FoundSource) => JSON.stringify(ref);
  const reading: Promise<void>[] = [];
  for (const { source } of batch) {
    const name = nameOf(source);
    if (all.has(name)) continue;
    const known = contents.sha256(source) ?? null;
    all.set(name, known);
    if (known === null) reading.push(limit(look, name, source));
  }
  await Promise.all(reading);
  return { digests, sha256Of: (source: FoundSource) => all.get(nameOf(source)) ?? null };
}

async function* steps<T>(all: Iterable<T>): AsyncGenerator<T> {
  let taken = 0;
  for (const one of all) {
    if (++taken % STEPS === 0) await new Promise((resolve) => setImmediate(resolve));
    yield one;
  }
}
