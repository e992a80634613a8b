import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { derivedRecord, sourceSha256, wordsOf } from '../../../../src/app/run/duplicates.js';
import type { VisionRecord } from '../../../../src/core/record.js';
import { anAsk, aRecord } from '../../../support/builders.js';
import { aFoundItem, openTestStore, TestFolder } from '../../results/stores.js';

const source = { ref: { root: 'r', path: 'b.png' }, size: 4, mtimeMs: 1_000 };
const duplicate = aFoundItem('b.png', { sources: [source], duplicateOf: 'a.png', row: { shelf: '7' } });
const image = { width: 1, height: 1, sent_width: 1, sent_height: 1, sent_bytes: 1 };
const SHA = 'a'.repeat(64);
const original = (changes: Partial<VisionRecord> = {}): VisionRecord =>
  aRecord({ id: 'a.png', source_bytes: 4, image: { sha256: SHA, ...image }, ...changes });

/** What becomes of the duplicate where its original has this record. */
async function derived(record: VisionRecord): Promise<VisionRecord | null> {
  using folder = new TestFolder();
  const store = await openTestStore(folder.at('store'));
  try {
    await store.contents.keep({ digests: [{ source, sha256: SHA }], firsts: new Map() });
    await store.put([{ record, attempts: [] }]);
    return derivedRecord(duplicate, store, 2_000);
  } finally {
    await store.close();
  }
}

describe("a duplicate's record", () => {
  it("is its original's, under its own name and columns, and cost nothing", async () => {
    const { row: _, ...answered } = original({ row: { shelf: '1' } });
    expect(await derived({ ...answered, row: { shelf: '1' } })).toEqual({
      ...answered,
      id: 'b.png',
      source: 'b.png',
      attempts: 0,
      host: null,
      tokens: { prompt: null, output: null },
      timing_ms: { queued: null, load: null, prompt: null, generate: null, total: 0 },
      source_mtime: '1970-01-01T00:00:01.000Z',
      duplicate_of: 'a.png',
      finished_at: '1970-01-01T00:00:02.000Z',
      row: { shelf: '7' },
    });
  });

  it.each([
    ['has no record', original({ id: 'other.png' })],
    ['was gone when it was read', missing()],
    ['had other bytes when it was read', original({ image: { sha256: 'b'.repeat(64), ...image } })],
    ['had another size when it was read', original({ source_bytes: 5, image: null })],
  ])('is not made where its original %s', async (_, record) => {
    expect(await derived(record)).toBeNull();
  });
});

function missing(): VisionRecord {
  const error = { code: 'IMAGE_MISSING', message: 'It is gone.' } as const;
  return original({ status: 'failed', error, source_bytes: null, image: null });
}

describe('the words that an item is asked with', () => {
  const items = ['red', 'blue'].map((colour) => ({ ...duplicate, key: colour, row: { colour } }));

  it('are the same for all where nothing is filled in', () => {
    expect(new Set(items.map(wordsOf(anAsk({ prompt: 'Read it.' }))))).toHaveProperty('size', 1);
  });

  it.each(['Is it {{colour}}?', 'What is {{id}}?'])('differ where what is filled in does: %s', (prompt) => {
    expect(new Set(items.map(wordsOf(anAsk({ prompt }))))).toHaveProperty('size', 2);
  });
});

describe('the digest of a source', () => {
  const bytes = new Uint8Array(5_000_000).fill(7);
  const seen = { ...source, size: bytes.length };
  const read = { bytes, size: bytes.length, mtimeMs: 1_000 };

  it('is that of its bytes, however many', async () => {
    expect(await sourceSha256(seen, async () => read)).toBe(createHash('sha256').update(bytes).digest('hex'));
  });

  it('is none where the source cannot be read or has changed since it was found', async () => {
    expect(await sourceSha256(seen, () => Promise.reject(new Error('gone')))).toBeNull();
    expect(await sourceSha256({ ...seen, mtimeMs: 999 }, async () => read)).toBeNull();
  });
});
