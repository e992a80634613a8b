import { Buffer } from 'node:buffer';
import { isAbsolute, relative } from 'node:path';
import type { RunMeta } from './run-meta.js';
import type { RowPlace, StoreReader } from './store-reader.js';

/** What the order of a run's rows is known by. */
export interface OrderedRun {
  readonly meta: Pick<RunMeta, 'inputs' | 'root'>;
  readonly reader: Pick<StoreReader, 'places'>;
}

/** A run's next place. */
interface Cursor<R> {
  readonly run: R;
  readonly at: RowPlace;
  /** Ordinal of the first run over the same inputs. */
  readonly family: number;
  readonly rest: Iterator<RowPlace>;
}

/**
 * The places of several runs in one order: runs over the same inputs interleave by place, others follow each other as
 * they are given. Holds one place a run.
 */
export function* inOnePlaceOrder<R extends OrderedRun>(
  runs: readonly R[],
): Generator<{ readonly run: R; readonly at: RowPlace }> {
  const inputs = runs.map(({ meta }) => inputsUnderRoot(meta));
  const cursors: Cursor<R>[] = [];
  const insert = (cursor: Omit<Cursor<R>, 'at'>): void => {
    const next = cursor.rest.next();
    if (next.done !== true) insertSorted(cursors, { ...cursor, at: next.value });
  };
  for (const [index, run] of runs.entries()) {
    insert({ run, family: inputs.indexOf(inputs[index] ?? ''), rest: run.reader.places()[Symbol.iterator]() });
  }
  for (let first = cursors.shift(); first !== undefined; first = cursors.shift()) {
    yield first;
    insert(first);
  }
}

/** What a run is over, however its folders are reached: the same inputs may be mounted elsewhere on another machine. */
function inputsUnderRoot({ inputs, root }: OrderedRun['meta']): string {
  return JSON.stringify([root.name, inputs.map((input) => (isAbsolute(input) ? relative(root.path, input) : input))]);
}

/** Behind its equals: of two runs in one place, the one that was there first stays first. */
function insertSorted<R>(cursors: Cursor<R>[], cursor: Cursor<R>): void {
  let low = 0;
  let high = cursors.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const other = cursors[middle];
    if (other !== undefined && compare(other, cursor) <= 0) low = middle + 1;
    else high = middle;
  }
  cursors.splice(low, 0, cursor);
}

function compare<R>(a: Cursor<R>, b: Cursor<R>): number {
  return a.family - b.family || Buffer.compare(a.at.place, b.at.place);
}
