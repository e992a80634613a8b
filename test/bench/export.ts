import { mkdtempSync, rmSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'csv-stringify/sync';
import { fingerprint } from '../../src/core/fingerprint.js';
import type { VisionRecord } from '../../src/core/record.js';
import { SILENT } from '../../src/core/telling.js';
import { exportRun } from '../../src/results/export.js';
import { cellsOf, tableColumns } from '../../src/results/rows.js';
import { openStore, type RunStore } from '../../src/results/store.js';
import { thisProcess } from '../../src/results/store-lock.js';
import { anAsk, aRecord, aRunMeta } from '../support/builders.js';
import type { BenchResult } from './bench.js';

const BATCH = 1_000;
const COLUMNS = tableColumns({ columns: 'people', task: [{ header: 'text', path: ['text'] }], carried: [] });
const FINGERPRINT = fingerprint(anAsk());
const PAGE = 'The quick brown fox, it is said, jumps over the "lazy" dog.\n'.repeat(20);

/** A scanned page of 1,200 characters. */
function page(index: number): VisionRecord {
  const id = `scans/${Math.floor(index / 1_000)}/page-${index}.jpg`;
  return aRecord({ id, text: `${index} ${PAGE}`, source_bytes: 123_456, ask_fingerprint: FINGERPRINT });
}

/** Exports of `items` records against a loop that serialises the same rows from memory and writes them to one file. */
export async function benchExport(items: number): Promise<readonly BenchResult[]> {
  const dir = mkdtempSync(join(tmpdir(), 'visionbatch-export-'));
  try {
    const store = await openStore(join(dir, 'store'), {
      coordinator: thisProcess(),
      logger: SILENT,
      now: Date.now,
      folderCheckMs: 60_000,
      onLost: () => undefined,
    });
    const timings = await fill(store, items);
    const results = [
      await compare('jsonl', {
        dir,
        store,
        items,
        bare: (rows) => rows.map((row) => `${JSON.stringify(row)}\n`).join(''),
      }),
      await compare('csv', {
        dir,
        store,
        items,
        bare: (rows) =>
          stringify(
            rows.map((row) => cellsOf(row, COLUMNS)),
            { escape_formulas: true },
          ),
      }),
    ];
    await store.close();
    return results.map((result) => ({ ...result, detail: { ...result.detail, ...timings } }));
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

async function fill(store: RunStore, items: number): Promise<Record<string, number>> {
  await store.writeMeta(aRunMeta());
  const discovering = await seconds(async () => {
    const discovery = await store.discovery();
    let folder = 0;
    for (let at = 0; at < items; at += BATCH) {
      folder = discovery.folder(0);
      const batch = Array.from({ length: Math.min(BATCH, items - at) }, (_, index) => page(at + index));
      await discovery.add(
        batch.map(({ id }) => ({
          input: 0,
          folder,
          name: Buffer.from(id.slice(id.lastIndexOf('/') + 1)),
          item: { key: id, source: { root: 'scans', path: id }, page: 1, size: 123_456, mtimeMs: 1_767_323_045_678 },
        })),
      );
    }
    await discovery.finish();
  });
  const putting = await seconds(async () => {
    for (let at = 0; at < items; at += 500) {
      const batch = Array.from({ length: Math.min(500, items - at) }, (_, index) => page(at + index));
      await store.put(batch.map((record) => ({ record, attempts: [{ host: 'h', code: null, message: null, ms: 5 }] })));
    }
  });
  const checking = await seconds(async () => {
    let done = 0;
    for (const { item } of store.items()) if (store.outcome(item.key)?.status === 'ok') done += 1;
    if (done !== items) throw new Error(`Expected ${items} items to be done, got ${done}`);
  });
  return {
    'put, rows/s': Math.round(items / putting),
    'discovery, items/s': Math.round(items / discovering),
    'done-check, items/s': Math.round(items / checking),
  };
}

interface Comparison {
  readonly dir: string;
  readonly store: RunStore;
  readonly items: number;
  readonly bare: (rows: readonly VisionRecord[]) => string;
}

async function compare(format: 'csv' | 'jsonl', { dir, store, items, bare }: Comparison): Promise<BenchResult> {
  const path = join(dir, `ours.${format}`);
  const ours = await seconds(async () => {
    const output = { path, format, columns: COLUMNS, bom: false };
    const { rows } = await exportRun({ reader: store, output, overwrite: false });
    if (rows !== items) throw new Error(`Expected ${items} rows, got ${rows}`);
  });
  const file = await open(join(dir, `bare.${format}`), 'w');
  let theirs = 0;
  for (let at = 0; at < items; at += BATCH) {
    // Rows are made outside the clock, and only a batch of them is held.
    const rows = Array.from({ length: Math.min(BATCH, items - at) }, (_, index) => page(at + index));
    theirs += await seconds(async () => {
      await file.appendFile(bare(rows));
    });
  }
  theirs += await seconds(() => file.sync());
  await file.close();
  return {
    name: `export ${format}`,
    ratio: theirs / ours,
    reach: 0.7,
    better: 'higher',
    detail: { 'ours, s': ours, 'bare, s': theirs, rows: items, 'rss, MB': Math.round(process.memoryUsage.rss() / 1e6) },
  };
}

async function seconds(work: () => Promise<void>): Promise<number> {
  const start = performance.now();
  await work();
  return (performance.now() - start) / 1_000;
}
