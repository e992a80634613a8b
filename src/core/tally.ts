import type { FailureCode, Status } from './errors.js';
import type { RunCounts } from './telling.js';

/** What a row counts as. */
export interface Counted {
  readonly status: Status;
  readonly code: FailureCode | null;
}

/** Counts a run so that its numbers balance at any moment: `items = ok + blank + notOk + skipped + left`. */
export class Tally {
  #items = 0;
  #skipped = 0;
  #rows = 0;
  readonly #statuses = new Map<Status, number>();
  readonly #codes = new Map<FailureCode, number>();

  /** An item that belongs to the run. */
  found(): void {
    this.#items += 1;
  }

  /** An item left unasked on purpose. */
  skip(): void {
    this.#skipped += 1;
  }

  /** An item's row. */
  add(row: Counted): void {
    this.#count(row, 1);
  }

  /** A row that took the place of one that was counted. */
  replace(before: Counted, after: Counted): void {
    this.#count(before, -1);
    this.#count(after, 1);
  }

  get left(): number {
    return this.#items - this.#rows - this.#skipped;
  }

  counts(): RunCounts {
    const ok = this.#statuses.get('ok') ?? 0;
    const blank = this.#statuses.get('blank') ?? 0;
    return {
      items: this.#items,
      ok,
      blank,
      notOk: this.#rows - ok - blank,
      skipped: this.#skipped,
      left: this.left,
      statuses: Object.fromEntries(this.#statuses),
      codes: Object.fromEntries(this.#codes),
    };
  }

  #count(row: Counted, by: 1 | -1): void {
    this.#rows += by;
    add(this.#statuses, row.status, by);
    if (row.code !== null) add(this.#codes, row.code, by);
  }
}

function add<K>(map: Map<K, number>, key: K, by: number): void {
  const sum = (map.get(key) ?? 0) + by;
  if (sum === 0) map.delete(key);
  else map.set(key, sum);
}
