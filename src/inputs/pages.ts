import pLimit from 'p-limit';
import { type FailureCode, isEnvironmental, toVisionError } from '../core/errors.js';
import { isHeldUrl } from '../core/held-url.js';
import type { FoundItem, FoundSource, PageCounter, SourceReader } from '../core/item.js';
import { pageKey } from '../core/keys.js';
import { sourceName } from '../core/outcome-record.js';
import { sniff } from '../core/sniff.js';
import { sourceMark } from '../core/source-mark.js';
import { bytePathOf } from './byte-path.js';
import type { Found } from './found.js';
import { extensionOf } from './patterns.js';
import { unanswered } from './unanswered.js';

/** Pages from one to another, both included, counted from 1; `last` null is to the end. */
export interface PageRange {
  readonly first: number;
  readonly last: number | null;
}

/** What an earlier start wrote down of a page. */
export interface KnownPage {
  readonly pages: number | null;
  /** Bytes of its source. */
  readonly size: number | null;
  /** Whole milliseconds since 1970. */
  readonly mtimeMs: number | null;
  /** Of its source (`sourceMark`). */
  readonly mark: string;
}

type FoundOne = Extract<Found, { readonly kind: 'item' }>;

export interface PagesOptions {
  /** Null: every page. */
  readonly ranges: readonly PageRange[] | null;
  /** `all`: the frames of animations are pages, too. */
  readonly frames: 'first' | 'all';
  readonly open: SourceReader;
  readonly count: PageCounter;
  /** The record of an item, where an earlier start has made one. */
  readonly known: (key: string) => KnownPage | undefined;
  /**
   * Whether a source at which discovery cannot look, such as a URL, still is what an earlier start read for the item of
   * this key.
   */
  readonly isUnchanged: (source: FoundSource, key: string) => Promise<boolean>;
  /** Told of every file that has none of the pages. */
  readonly onNone: (found: FoundOne, pages: number) => void;
}

/** Files that are counted at once: reading one overlaps with counting another. */
const COUNTS_AT_ONCE = 2;
/** What is held while the first of it is being counted. */
const MOST_HELD = 16;

/**
 * Makes an item of every page of the files that can hold several, by their extension: PDF and TIFF, with `frames: 'all'`
 * GIF, WebP and PNG as well. A PDF's items are called `b.pdf#1`…, of the others those of more than one page. The rest
 * passes as it is, all in the order in which it was found. A file that cannot be counted is one failed item, page 0.
 */
export async function* expandPages(found: AsyncIterable<Found>, options: PagesOptions): AsyncGenerator<Found> {
  const limit = pLimit(COUNTS_AT_ONCE);
  const held: (Found | Promise<Counted>)[] = [];
  for await (const one of found) {
    const source = one.kind === 'item' && one.isElsewhere !== true ? severalPages(one.item, options) : null;
    if (one.kind !== 'item' || source === null) {
      if (held.length === 0) yield one;
      else held.push(one);
    } else held.push(limit(() => counted(one, source, options)));
    while (held.length > MOST_HELD) yield* told(held.shift(), options);
  }
  while (held.length > 0) yield* told(held.shift(), options);
}

/** A file and its pages, or the failed item that it is. */
type Counted = CountedFile | Found;

interface CountedFile {
  readonly one: FoundOne;
  readonly pages: number;
  /** Whether its items have their page in their keys. */
  readonly isNumbered: boolean;
}

async function* told(held: Found | Promise<Counted> | undefined, options: PagesOptions): AsyncGenerator<Found> {
  if (held === undefined) return;
  const counted = await held;
  if ('kind' in counted) yield counted;
  else yield* pagesOf(counted, options);
}

function* pagesOf({ isNumbered, one, pages }: CountedFile, { onNone, ranges }: PagesOptions): Generator<Found> {
  const { item } = one;
  let told = 0;
  for (let page = 1; page <= pages; page += 1) {
    if (!isWanted(page, ranges)) continue;
    told += 1;
    const key = isNumbered ? pageKey(item.key, page) : item.key;
    yield { ...one, item: { ...item, key, page, pages } };
  }
  if (told === 0) onNone(one, pages);
}

function isWanted(page: number, ranges: PagesOptions['ranges']): boolean {
  return ranges === null || ranges.some(({ first, last }) => page >= first && (last === null || page <= last));
}

const ALWAYS: ReadonlySet<string> = new Set(['pdf', 'tif', 'tiff']);
const ANIMATED: ReadonlySet<string> = new Set(['gif', 'webp', 'png', 'apng']);

/** The one source of an item that may hold several pages; null for any other item. */
function severalPages(item: FoundItem, { frames }: PagesOptions): FoundSource | null {
  const [source, ...others] = item.sources;
  if (source === undefined || others.length > 0 || item.problem !== undefined || item.page !== 1) return null;
  const extension = extensionOf(bytePathOf(nameOf(source.ref)));
  const several = ALWAYS.has(extension) || (frames === 'all' && ANIMATED.has(extension)) || isNameless(source.ref);
  return several ? source : null;
}

function nameOf(ref: FoundSource['ref']): string {
  if ('bytes' in ref) return '';
  if (ref.part !== undefined) return ref.part.member;
  if ('path' in ref) return ref.path;
  return URL.canParse(ref.url) ? new URL(ref.url).pathname : '';
}

/** Bytes that a program holds, which are at hand: what they are is looked at. */
function isNameless(ref: FoundSource['ref']): boolean {
  return 'bytes' in ref || ('url' in ref && isHeldUrl(ref.url));
}

/** How many pages a file had when its first wanted page was asked; null where nobody knows. */
function knownCount(one: FoundOne, { mtimeMs, ref, size }: FoundSource, options: PagesOptions): KnownCount | null {
  const first = Math.min(...(options.ranges ?? [{ first: 1 }]).map((range) => range.first));
  const numberedKey = pageKey(one.item.key, first);
  const numbered = options.known(numberedKey);
  const known = numbered ?? options.known(one.item.key);
  if (known === undefined || known.pages === null || known.mark !== sourceMark(sourceName(ref))) return null;
  const isSeen = size !== null && mtimeMs !== null;
  const isOther = isSeen && (known.size !== size || known.mtimeMs !== mtimeMs);
  const isNumbered = numbered !== undefined;
  return { one, pages: known.pages, isNumbered, key: isNumbered ? numberedKey : one.item.key, isSeen, isOther };
}

interface KnownCount extends CountedFile {
  /** Of the item that the number is known of. */
  readonly key: string;
  /** Whether discovery has seen that the file is unchanged. */
  readonly isSeen: boolean;
  /** Whether discovery has seen that it is another file by now, or the same at another time. */
  readonly isOther: boolean;
}

/** Rows of what cannot be counted again, as a site does not answer, stay: each page says itself what there is of it. */
async function counted(one: FoundOne, source: FoundSource, options: PagesOptions): Promise<Counted> {
  const known = knownCount(one, source, options);
  if (known !== null && !known.isOther && (known.isSeen || (await options.isUnchanged(source, known.key))))
    return known;
  try {
    const { bytes } = await options.open(source.ref);
    const pages = await options.count(bytes);
    return { one, pages, isNumbered: pages > 1 || sniff(bytes) === 'pdf' };
  } catch (thrown) {
    const error = toVisionError(thrown);
    if (error.code === 'STORAGE_FORBIDDEN') throw unanswered(error);
    if (known !== null && (!known.isOther || isOfMoment(error.code))) return known;
    return { ...one, item: { ...one.item, page: 0, problem: error.toFailure() } };
  }
}

/** Whether a failure says nothing of the file. */
function isOfMoment(code: FailureCode): boolean {
  return code !== 'IMAGE_MISSING' && isEnvironmental(code);
}
