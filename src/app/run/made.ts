import { FirstFew } from '../../core/first-few.js';
import type { VisionRecord } from '../../core/record.js';
import type { LaneStatus } from '../../core/telling.js';
import type { NamedRows } from '../../telemetry/summary.js';

/** Rows of a kind that the summary names. */
const MOST_NAMED = 5;

/** What this start has made. */
export class Made {
  readonly #withoutInk = new FirstFew(MOST_NAMED);
  readonly #inPart = new FirstFew(MOST_NAMED);
  readonly #byHost = new Map<string, { done: number; failed: number }>();
  #rows = 0;

  add(records: readonly VisionRecord[]): void {
    this.#rows += records.length;
    for (const record of records) {
      this.#count(record);
      if (isWithoutInk(record)) this.#withoutInk.add(record.id);
      if (record.warnings.includes('first-frame-only')) this.#inPart.add(record.id);
    }
  }

  get rows(): number {
    return this.#rows;
  }

  /**
   * Lanes with the rows of their host that came here: what a lane says of itself is its last word, and a worker that has
   * gone says nothing any more.
   */
  counted(lanes: readonly LaneStatus[]): readonly LaneStatus[] {
    const left = new Map(this.#byHost);
    return lanes.map((lane) => {
      const { done, failed } = left.get(lane.host) ?? { done: 0, failed: 0 };
      left.delete(lane.host); // of several lanes of a host, the first has them all
      return { ...lane, done, failed };
    });
  }

  #count({ error, host }: VisionRecord): void {
    if (host === null) return;
    const known = this.#byHost.get(host) ?? { done: 0, failed: 0 };
    const is = error === null ? 'done' : 'failed';
    this.#byHost.set(host, { ...known, [is]: known[is] + 1 });
  }

  /** Pages on which no ink was found, so that no model was asked. */
  get unwritten(): NamedRows {
    return { rows: this.#withoutInk.total, first: this.#withoutInk.names };
  }

  /** Files of several pages or frames, of which the first alone was seen. */
  get inPart(): NamedRows {
    return { rows: this.#inPart.total, first: this.#inPart.names };
  }
}

/** Whether this is the row of a page on which no ink was found, so that no model was asked. */
export function isWithoutInk(record: VisionRecord | undefined): boolean {
  return record?.status === 'blank' && record.blank_ink !== null && record.attempts === 0;
}
