import { Buffer } from 'node:buffer';
import { EXIT, ExitError } from '../core/exit.js';
import { KeySet } from '../core/key-set.js';
import { sourceNames } from '../core/outcome-record.js';
import type { VisionRecord } from '../core/record.js';
import { inOnePlaceOrder } from './merge-order.js';
import type { OutputState, RunMeta } from './run-meta.js';
import type { RowPlace, StoreReader } from './store-reader.js';

/** One of several runs whose rows are put together. */
export interface MergedRun {
  /** As the user named it. */
  readonly name: string;
  readonly reader: StoreReader;
  readonly meta: RunMeta;
}

/** How much of a run there is. */
export interface RunShare {
  readonly items: number;
  readonly rows: number;
}

interface Merged extends MergedRun {
  /** Runs that may have the same items; shards of one number cannot. */
  readonly peers: readonly MergedRun[];
}

/**
 * The rows of several runs: one an item, in input order. Shards, and other runs over the same inputs, interleave into the
 * order of these inputs; what only a later run has follows. Where two runs have a row of an item, `ok` and `blank` come
 * before the rest, then the newer. Memory is flat, but for a KeySet where runs may overlap.
 */
export class MergedRows {
  readonly #runs: readonly Merged[];
  #shares: readonly RunShare[] = [];

  constructor(runs: readonly MergedRun[]) {
    this.#runs = runs.map((run) => ({ ...run, peers: runs.filter((other) => other !== run && mayShare(run, other)) }));
  }

  /** What the last look at {@link lines} has found, by run. */
  get shares(): readonly RunShare[] {
    return this.#shares;
  }

  /** As of the least complete of the runs, with what was merged into files before. */
  meta(): Pick<RunMeta, 'generation' | 'outputs'> {
    const generation = Math.min(...this.#runs.map(({ meta }) => (meta.discovered ? meta.generation : 0)));
    return { generation, outputs: this.#runs.flatMap(({ reader }) => reader.mergedOutputs()) };
  }

  /** Every run remembers the file, so that any of them vouches for it. */
  async noteOutput(state: OutputState): Promise<void> {
    for (const { reader } of this.#runs) await reader.noteMergedOutput(state);
  }

  /**
   * For each item its record's line, or null where no run has one. A line is valid until the next step.
   *
   * @throws ExitError 2 where two runs have different images under one key
   */
  *lines(): Generator<Uint8Array | null> {
    const met = this.#runs.some(({ peers }) => peers.length > 0) ? new KeySet() : null;
    const counted = this.#runs.map((run) => ({ ...run, share: { items: 0, rows: 0 } }));
    this.#shares = counted.map(({ share }) => share);
    for (const { at, run } of inOnePlaceOrder(counted)) {
      const line = run.reader.line(at.hash);
      run.share.items += 1;
      if (line !== null) run.share.rows += 1;
      if (met !== null && !met.add(at.hash)) continue;
      yield run.peers.length === 0 ? line : best(run, at);
    }
  }
}

/** Shards of one number have no item in common, whatever the inputs. */
function mayShare({ meta: { shard: a = null } }: MergedRun, { meta: { shard: b = null } }: MergedRun): boolean {
  return a === null || b === null || a.of !== b.of || a.index === b.index;
}

/** The best line that any run has of an item. */
function best(run: Merged, at: RowPlace): Uint8Array | null {
  let chosen: { readonly line: Uint8Array; readonly record: VisionRecord } | null = null;
  for (const other of [run, ...run.peers]) {
    const found = other.reader.line(at.hash);
    if (found === null) continue;
    const line = Buffer.from(found); // the next look overwrites it
    const record = JSON.parse(line.toString()) as VisionRecord;
    if (other.meta.root.path !== run.meta.root.path) refuseOtherImage(record, { run, other, at });
    if (chosen === null || isBetter(record, chosen.record)) chosen = { line, record };
  }
  return chosen?.line ?? null;
}

function isBetter(record: VisionRecord, than: VisionRecord): boolean {
  const [isOk, wasOk] = [record.error === null, than.error === null];
  return isOk === wasOk ? record.finished_at > than.finished_at : isOk;
}

/** Ids are relative to a run's folder: in two folders they can name two images, and a row would be lost in silence. */
function refuseOtherImage(
  record: VisionRecord,
  { at, other, run }: { readonly run: MergedRun; readonly other: MergedRun; readonly at: RowPlace },
): void {
  const item = at.item();
  const sizes = [record.source_bytes].flat();
  const isSame =
    JSON.stringify(sourceNames(item)) === JSON.stringify(record.source) &&
    item.sources.every(({ size }, index) => size === null || sizes[index] === null || sizes[index] === size);
  if (isSame) return;
  throw new ExitError(
    EXIT.usage,
    `Expected ${JSON.stringify(item.key)} to name one image, got one below ${run.meta.root.path} (${run.name}) and another below ${other.meta.root.path} (${other.name}).`,
    { fix: 'Export these runs one by one; or run one command over all their folders, which tells their files apart.' },
  );
}
