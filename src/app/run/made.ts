import type { VisionRecord } from '../../core/record.js';
import type { UnwrittenPages } from '../../telemetry/summary.js';

/** Pages without ink that the summary names. */
const MOST_NAMED = 5;

/** What this start has made. */
export class Made {
  readonly #blank: string[] = [];
  #blankRows = 0;
  #rows = 0;

  add(records: readonly VisionRecord[]): void {
    this.#rows += records.length;
    for (const { attempts, id, status } of records) {
      if (status !== 'blank' || attempts > 0) continue;
      this.#blankRows += 1;
      if (this.#blank.length < MOST_NAMED) this.#blank.push(id);
    }
  }

  get rows(): number {
    return this.#rows;
  }

  /** Pages on which no ink was found, so that no model was asked. */
  get unwritten(): UnwrittenPages {
    return { rows: this.#blankRows, first: [...this.#blank] };
  }
}
