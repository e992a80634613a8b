import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isOfShard } from '../../../src/core/shard.js';
import type { Found } from '../../../src/inputs/found.js';
import { expandPages } from '../../../src/inputs/pages.js';
import { resolveInputs } from '../../../src/inputs/resolve.js';
import { ShardItems } from '../../../src/inputs/shard-items.js';
import type { Manifest } from '../../../src/inputs/tables/manifest.js';
import { discoverInto } from '../../../src/producer/discover-into.js';
import type { Discovery } from '../../../src/results/discovery.js';
import { PLAIN, temporaryFolder } from './folders.js';

const ORIGINALS = ['a', 'b', 'b~2', 'c', 'c.pdf'] as const;

/** A folder begins, or a row of this id, or a document of so many pages. */
type Step = 'folder' | { readonly row: string } | { readonly name: string; readonly pages: number };

const steps = fc.array(
  fc.oneof(
    fc.constant<Step>('folder'),
    fc.record({ row: fc.constantFrom(...ORIGINALS) }),
    fc.record({ name: fc.nat({ max: 99 }).map((n) => `${n}.pdf`), pages: fc.integer({ min: 1, max: 4 }) }),
  ),
  { maxLength: 60 },
);

describe('shards', () => {
  it('are a partition: each key belongs to exactly one', () => {
    fc.assert(
      fc.property(fc.string(), fc.integer({ min: 1, max: 300 }), (key, of) => {
        const all = Array.from({ length: of }, (_, at) => ({ index: at + 1, of }));
        expect(all.filter((shard) => isOfShard(key, shard))).toHaveLength(1);
      }),
    );
  });

  it('stay what they are: another version that deals keys otherwise would ask a finished fleet again', () => {
    const keys = ['a.jpg', 'scans/page-7.jpg', 'b.pdf', 'ä', ''];
    expect(keys.map((key) => [1, 2, 3].find((index) => isOfShard(key, { index, of: 3 })))).toEqual([2, 2, 1, 1, 2]);
  });

  it('together have the items of the whole, each in its place, whatever is found', async () => {
    const manifest = await aManifest();
    await fc.assert(
      fc.asyncProperty(steps, fc.integer({ min: 1, max: 5 }), async (found, of) => {
        const whole = await itemsOf(found, { manifest, shard: null });
        const parts = [];
        for (let index = 1; index <= of; index += 1)
          parts.push(...(await itemsOf(found, { manifest, shard: { index, of } })));
        expect(parts.toSorted(byPlace)).toEqual(whole);
      }),
      { numRuns: 25 },
    );
  });

  it('open only documents of their own, and count all', async () => {
    const found = Array.from({ length: 40 }, (_, n): Step => ({ name: `${n}.pdf`, pages: 2 }));
    const shards = [1, 2, 3].map((index) => new ShardItems({ index, of: 3 }));
    const opened: string[] = [];
    for (const shard of shards) for await (const _ of expanded(shard.mark(all(found, null)), found, opened));
    expect(opened.toSorted()).toEqual(found.map((_, n) => `${n}.pdf`).sort());
    expect(shards.map(({ count }) => count.all)).toEqual([40, 40, 40]);
    expect(shards.reduce((sum, { count }) => sum + count.own, 0)).toBe(40);
  });
});

async function aManifest(): Promise<Manifest> {
  await using folder = await temporaryFolder();
  folder.writeAs('l.csv', 'id,image\n');
  const [input] = await resolveInputs(['l.csv'], { cwd: folder.path, ...PLAIN });
  if (input?.kind !== 'manifest') throw new Error('Expected a manifest');
  return input.manifest;
}

interface OfOptions {
  readonly manifest: Manifest;
  readonly shard: { readonly index: number; readonly of: number } | null;
}

interface Placed {
  readonly place: string;
  readonly key: string;
}

/** What a store would hold of these, in input order. */
async function itemsOf(found: readonly Step[], { manifest, shard }: OfOptions): Promise<readonly Placed[]> {
  const marked = shard === null ? all(found, manifest) : new ShardItems(shard).mark(all(found, manifest));
  const items = new Map<string, Placed>();
  let folders = 0;
  const discovery: Discovery = {
    folder: () => folders++,
    add: async (entries) => {
      for (const { folder, item, name } of entries) {
        const place = [folder, Buffer.from(name).toString(), item.page].map((part) => String(part).padStart(3, '0'));
        if (!items.has(item.key)) items.set(item.key, { place: place.join(' '), key: item.key });
      }
    },
    replace: () => Promise.reject(new Error('Expected no item to be replaced')),
    shrinkage: async () => ({ done: 0, gone: 0 }),
    finish: async () => ({ items: items.size }),
    abandon: async () => {},
  };
  await discoverInto({
    found: expanded(marked, found, []),
    ...{ discovery, onRepeat: 'number', isMixed: true, onFrontier: () => {}, signal: new AbortController().signal },
  });
  return [...items.values()].toSorted(byPlace);
}

async function* all(found: readonly Step[], manifest: Manifest | null): AsyncGenerator<Found> {
  yield { kind: 'folder', input: 0 };
  for (const [at, step] of found.entries()) {
    if (step === 'folder') yield { kind: 'folder', input: 0 };
    else if ('row' in step) {
      if (manifest === null) throw new Error('Expected a manifest');
      yield { ...anItem(step.row, `${at}.jpg`, at), row: { manifest, line: at + 2 } };
    } else yield anItem(step.name, step.name, at);
  }
}

function anItem(key: string, path: string, at: number): Extract<Found, { readonly kind: 'item' }> {
  const sources = [{ ref: { root: 'r', path }, size: 1, mtimeMs: 1 }];
  return {
    kind: 'item',
    input: 0,
    name: Buffer.from(`${String(at).padStart(3, '0')}`),
    item: { key, sources, page: 1 },
  };
}

/** Documents page by page; notes what was opened. */
function expanded(marked: AsyncIterable<Found>, found: readonly Step[], opened: string[]): AsyncGenerator<Found> {
  const pagesOf = new Map(
    found.flatMap((step) => (step !== 'folder' && 'name' in step ? [[step.name, step.pages]] : [])),
  );
  return expandPages(marked, {
    ranges: null,
    frames: 'first',
    open: async (source) => {
      const path = 'path' in source ? source.path : '';
      opened.push(path);
      return { bytes: Buffer.from(`%PDF-${path}`), size: 1, mtimeMs: 1 };
    },
    count: async (bytes) => pagesOf.get(Buffer.from(bytes).toString().slice('%PDF-'.length)) ?? 1,
    known: () => undefined,
    isUnchanged: async () => true,
    onNone: () => {},
  });
}

function byPlace(a: Placed, b: Placed): number {
  return a.place < b.place ? -1 : 1;
}
