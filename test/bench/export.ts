import { mkdtempSync, rmSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'csv-stringify/sync';
import type { VisionRecord } from '../../src/core/record.js';
import { SILENT } from '../../src/core/telling.js';
import { exportRun } from '../../src/results/export.js';
import { cellsOf, tableColumns } from '../../src/results/rows.js';
import { FOLDER_CHECK_MS, openStore, type RunStore } from '../../src/results/store.js';
import { thisProcess } from '../../src/results/store-lock.js';
import { anAsk, aRecord, aRunMeta } from '../support/builders.js';
import type { BenchResult } from './bench.js';

const ROWS = 1_000_000;
const BATCH = 1_000;
const ATTEMPTS = [{ host: 'http://127.0.0.1:11434', code: null, message: null, ms: 1_234 }];
const COLUMNS = tableColumns({ columns: 'people', task: [{ header: 'text', path: ['text'] }], carried: [] });
const ROW = aRecord({ source_bytes: 123_456 });
const PAGE = 'The quick brown fox, it is said, jumps over the "lazy" dog.\n'.repeat(20);

/** A scanned page of 1,200 characters. */
function page(index: number): VisionRecord {
  const id = `scans/${Math.floor(index / 1_000)}/page-${index}.jpg`;
  return { ...ROW, id, source: id, text: `${index} ${PAGE}` };
}

/** 1,000,000 records as JSONL: a JSON.stringify loop's time ÷ ours. */
export const exportJsonl = (): Promise<BenchResult> =>
  benchExport('jsonl', (rows) => rows.map((row) => `${JSON.stringify(row)}\n`).join(''));

/** 1,000,000 records as CSV: a csv-stringify loop's time ÷ ours. */
export const exportCsv = (): Promise<BenchResult> =>
  benchExport('csv', (rows) =>
    stringify(
      rows.map((row) => cellsOf(row, COLUMNS)),
      { escape_formulas: true },
    ),
  );

type BareLoop = (rows: readonly VisionRecord[]) => string;

/** An export against a loop that serialises the same rows from memory, a batch at a time, and writes them to a file. */
async function benchExport(format: 'csv' | 'jsonl', bare: BareLoop): Promise<BenchResult> {
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
    const rates = await fill(store);
    const path = join(dir, `ours.${format}`);
    const ours = await seconds(async () => {
      const output = { path, format, columns: COLUMNS, bom: false };
      const { rows } = await exportRun({ reader: store, output, overwrite: false });
      if (rows !== ROWS) throw new Error(`Expected ${ROWS} rows, got ${rows}`);
    });
    await store.close();
    const theirs = await bareSeconds(join(dir, `bare.${format}`), bare);
    const detail = { rows: ROWS, 'ours s': ours.toFixed(2), 'bare s': theirs.toFixed(2), ...rates };
    return { name: `export ${format}`, ratio: theirs / ours, reach: 0.7, better: 'higher', detail };
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

async function bareSeconds(path: string, bare: BareLoop): Promise<number> {
  const file = await open(path, 'w');
  let total = 0;
  for (let at = 0; at < ROWS; at += BATCH) {
    // Rows are made outside the clock, and only a batch of them is held.
    const rows = batchAt(at);
    total += await seconds(() => file.appendFile(bare(rows)));
  }
  total += await seconds(() => file.sync());
  await file.close();
  return total;
}

function batchAt(at: number): readonly VisionRecord[] {
  return Array.from({ length: Math.min(BATCH, ROWS - at) }, (_, index) => page(at + index));
}

/** Brings the items and a record for each into the store; says how fast that and the done-check were. */
async function fill(store: RunStore): Promise<Readonly<Record<string, number>>> {
  await store.writeMeta(aRunMeta());
  const discovering = await seconds(() => discoverAll(store));
  const putting = await seconds(async () => {
    for (let at = 0; at < ROWS; at += BATCH) {
      await store.put(batchAt(at).map((record) => ({ record, attempts: ATTEMPTS })));
    }
  });
  const checking = await seconds(async () => {
    let done = 0;
    for (const { item } of store.items()) if (store.outcome(item.key)?.status === 'ok') done += 1;
    if (done !== ROWS) throw new Error(`Expected ${ROWS} items to be done, got ${done}`);
  });
  return {
    'discovered/s': Math.round(ROWS / discovering),
    'put/s': Math.round(ROWS / putting),
    'checked/s': Math.round(ROWS / checking),
  };
}

async function discoverAll(store: RunStore): Promise<void> {
  const discovery = await store.discovery();
  for (let at = 0; at < ROWS; at += BATCH) {
    const folder = discovery.folder(0);
    await discovery.add(
      batchAt(at).map(({ id }) => ({
        input: 0,
        folder,
        name: Buffer.from(id.slice(id.lastIndexOf('/') + 1)),
        item: { key: id, source: { root: 'scans', path: id }, page: 1, size: 123_456, mtimeMs: 1_767_323_045_678 },
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
