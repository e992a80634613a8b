import type { FailureCode, Status } from './errors.js';
import type { RunCounts } from './telling.js';

/** What a row counts as. */
export interface Counted {
  readonly status: Status;
  readonly code: FailureCode | null;
  /**
   * Whether it was made of another item's row.
   *
   * @defaultValue false
   */
  readonly isDuplicate?: boolean;
}

/** Counts a run so that its numbers balance at any moment: `items = ok + blank + notOk + skipped + left`. */
export class Tally {
  #items = 0;
  #skipped = 0;
  #rows = 0;
  #duplicates = 0;
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
    this.#rows += 1;
    if (row.isDuplicate) this.#duplicates += 1;
    increment(this.#statuses, row.status);
    if (row.code !== null) increment(this.#codes, row.code);
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
      ...(this.#duplicates === 0 ? {} : { duplicates: this.#duplicates }),
      statuses: Object.fromEntries(this.#statuses),
      codes: Object.fromEntries(this.#codes),
    };
  }
}

function increment<K>(counts: Map<K, number>, key: K): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}
