import { Buffer } from 'node:buffer';
import type { FoundItem, FoundSource } from '../../core/item.js';
import { bytePathOf, textOf } from '../byte-path.js';
import { lookAt } from '../folders/listing.js';
import type { Found } from '../found.js';
import { placeOf, type RunRoots } from '../roots.js';
import type { ListedInput, ListedItem, ListedSource } from './listed.js';

export interface ListedOptions {
  readonly roots: RunRoots;
  /** Ordinal among the inputs. */
  readonly input: number;
}

/** Enough in flight to keep Node's I/O threads busy, few enough to hold. */
const ITEMS_AT_ONCE = 64;
/** Bytes of an item's number, by which they are sorted. */
const NUMBER_BYTES = 6;
/** No record has this time: whether bytes are those of an earlier start is told by looking at them. */
const NO_TIME_MS = 1;

/** Finds listed items, in their order. They count as one folder. What cannot be read is a failed item. */
export async function* listedItems(
  { items }: ListedInput,
  { input, roots }: ListedOptions,
): AsyncGenerator<readonly Found[]> {
  yield [{ kind: 'folder', input }];
  for (let start = 0; start < items.length; start += ITEMS_AT_ONCE) {
    const batch = items.slice(start, start + ITEMS_AT_ONCE).map(async (listed, at): Promise<Found> => {
      const name = Buffer.alloc(NUMBER_BYTES);
      name.writeUIntBE(start + at, 0, NUMBER_BYTES);
      return { kind: 'item', input, name, item: await itemOf(listed, roots), isListed: true };
    });
    yield await Promise.all(batch);
  }
}

async function itemOf({ key, row, sources }: ListedItem, roots: RunRoots): Promise<FoundItem> {
  const looks = await Promise.all(sources.map((source) => sourceOf(source, roots)));
  const problem = looks.map((look) => look.problem).find((found) => found !== undefined);
  return {
    key,
    sources: looks.map(({ source }) => source),
    page: 1,
    ...(row === undefined ? {} : { row }),
    ...(problem === undefined ? {} : { problem }),
  };
}

async function sourceOf(
  listed: ListedSource,
  roots: RunRoots,
): Promise<{
  readonly source: FoundSource;
  readonly problem?: FoundItem['problem'];
}> {
  if ('size' in listed) return { source: { ref: { url: listed.url }, size: listed.size, mtimeMs: NO_TIME_MS } };
  if ('url' in listed) return { source: { ref: listed, size: null, mtimeMs: null } };
  const file = bytePathOf(listed.path);
  const place = placeOf(file, roots);
  const ref = { root: place.root, path: textOf(place.path) ?? listed.path };
  const look = await lookAt(file);
  if (look !== 'folder') {
    const { mtimeMs, problem, size } = look;
    return { source: { ref, size, mtimeMs }, ...(problem === undefined ? {} : { problem }) };
  }
  const problem = { code: 'IMAGE_UNREADABLE', message: 'This is a folder, not a file.' } as const;
  return { source: { ref, size: null, mtimeMs: null }, problem };
}
