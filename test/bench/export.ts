import { mkdtempSync, rmSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'csv-stringify/sync';
import type { VisionRecord } from '../../src/core/record.js';
import { DEFAULT_DIALECT } from '../../src/core/table-dialect.js';
import { SILENT } from '../../src/core/telling.js';
import { tableColumns } from '../../src/results/columns.js';
import { exportRun } from '../../src/results/export.js';
import { cellsOf } from '../../src/results/rows.js';
import { FOLDER_CHECK_MS, openStore, type RunStore } from '../../src/results/store.js';
import { thisProcess } from '../../src/results/store-lock.js';
import { aRecord, aRunMeta } from '../support/builders.js';
import type { BenchOptions, BenchResult } from './bench.js';

const BATCH = 1_000;
const ATTEMPTS = [{ host: 'http://127.0.0.1:11434', code: null, message: null, ms: 1_234, change: null }];
const COLUMNS = tableColumns({ columns: 'people', result: [{ header: 'text', path: ['text'] }], carried: [] });
const ROW = aRecord({ source_bytes: 123_456 });
const PAGE = 'The quick brown fox, it is said, jumps over the "lazy" dog.\n'.repeat(20);

/** A scanned page of 1,200 characters. */
function page(index: number): VisionRecord {
  const id = `scans/${Math.floor(index / 1_000)}/page-${index}.jpg`;
  return { ...ROW, id, source: id, text: `${index} ${PAGE}` };
}

type BareLoop = (rows: readonly VisionRecord[]) => string;

/** What an export is held against, by format: a loop that serialises the same rows from memory. */
const BARE: Readonly<Record<'csv' | 'jsonl', BareLoop>> = {
  jsonl: (rows) => rows.map((row) => `${JSON.stringify(row)}\n`).join(''),
  csv: (rows) =>
    stringify(
      rows.map((row) => cellsOf(row, COLUMNS)),
      { escape_formulas: true },
    ),
};

/** Exports of 1,000,000 records: the bare loop's time ÷ ours; with the speed of discovering, putting and checking them. */
export async function exporting({ quick }: BenchOptions): Promise<readonly BenchResult[]> {
  const rows = quick ? 100_000 : 1_000_000;
  const dir = mkdtempSync(join(tmpdir(), 'visionbatch-export-'));
  try {
    const store = await openStore(join(dir, 'store'), {
      coordinator: thisProcess(),
      logger: SILENT,
      now: Date.now,
      folderCheckMs: FOLDER_CHECK_MS,
      onLost: (error) => {
        throw error;
      },
    });
    const rates = await fill(store, rows);
    const results: BenchResult[] = [];
    for (const format of ['jsonl', 'csv'] as const) {
      const ours = await oursSeconds(store, join(dir, `ours.${format}`), format);
      const bare = await bareSeconds(rows, join(dir, `bare.${format}`), BARE[format]);
      const detail = { rows, 'ours s': ours.toFixed(2), 'bare s': bare.toFixed(2), ...rates };
      results.push({ name: `export ${format}`, ratio: bare / ours, reach: 0.7, better: 'higher', detail });
    }
    await store.close();
    return results;
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

function oursSeconds(store: RunStore, path: string, format: 'csv' | 'jsonl'): Promise<number> {
  const output = { path, format, csv: { columns: COLUMNS, explode: null, dialect: DEFAULT_DIALECT } };
  return seconds(async () => {
    const { rows, of } = await exportRun({ reader: store, output, overwrite: false });
    if (rows !== of) throw new Error(`Expected ${of} rows, got ${rows}`);
  });
}

async function bareSeconds(count: number, path: string, bare: BareLoop): Promise<number> {
  const file = await open(path, 'w');
  let total = 0;
  for (let at = 0; at < count; at += BATCH) {
    // Rows are made outside the clock, and only a batch of them is held.
    const rows = batchAt(at, count);
    total += await seconds(() => file.appendFile(bare(rows)));
  }
  total += await seconds(() => file.sync());
  await file.close();
  return total;
}

function batchAt(at: number, count: number): readonly VisionRecord[] {
  return Array.from({ length: Math.min(BATCH, count - at) }, (_, index) => page(at + index));
}

/** Brings the items and a record for each into the store; says how fast that and the done-check were. */
async function fill(store: RunStore, count: number): Promise<Readonly<Record<string, number>>> {
  await store.writeMeta(aRunMeta());
  const discovering = await seconds(() => discoverAll(store, count));
  const putting = await seconds(async () => {
    for (let at = 0; at < count; at += BATCH) {
      await store.put(batchAt(at, count).map((record) => ({ record, attempts: ATTEMPTS })));
    }
  });
  const checking = await seconds(async () => {
    let done = 0;
    for (const { item } of store.items()) if (store.outcome(item.key)?.status === 'ok') done += 1;
    if (done !== count) throw new Error(`Expected ${count} items to be done, got ${done}`);
  });
  return {
    'discovered/s': Math.round(count / discovering),
    'put/s': Math.round(count / putting),
    'checked/s': Math.round(count / checking),
  };
}

async function discoverAll(store: RunStore, count: number): Promise<void> {
  const discovery = await store.discovery();
  for (let at = 0; at < count; at += BATCH) {
    const folder = discovery.folder(0);
    await discovery.add(
      batchAt(at, count).map(({ id }) => ({
        input: 0,
        folder,
        name: Buffer.from(id.slice(id.lastIndexOf('/') + 1)),
        item: {
          key: id,
          sources: [{ ref: { root: 'scans', path: id }, size: 123_456, mtimeMs: 1_767_323_045_678 }],
          page: 1,
        },
      })),
    );
  }
  await discovery.finish();
}

async function seconds(work: () => Promise<void>): Promise<number> {
  const start = performance.now();
  await work();
  return (performance.now() - start) / 1_000;
}
