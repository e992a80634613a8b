import type { FoundItem } from '../core/item.js';
import type { ItemPosition } from '../results/run-meta.js';
import { BATCH } from './window.js';

/** Reads the items back that discovery has written: those after a position, in folders before an ordinal. */
export type ItemReader = (range: {
  readonly after?: ItemPosition;
  readonly beforeFolder?: number;
}) => Iterable<{ readonly position: ItemPosition; readonly item: FoundItem }>;

/** How far discovery has come. Items behind it can be produced while it goes on. */
export class Frontier {
  #folder = 0;
  #complete = false;
  #moved: () => void = () => {};

  /** Folders before this ordinal are complete. */
  moveTo(folder: number): void {
    this.#folder = folder;
    this.#moved();
  }

  /** Nothing further will come. */
  complete(): void {
    this.#complete = true;
    this.#moved();
  }

  /** Items in input order, in batches that never wait for discovery. */
  async *batches(read: ItemReader): AsyncGenerator<readonly FoundItem[]> {
    let after: ItemPosition | undefined;
    for (;;) {
      const complete = this.#complete;
      const moved = new Promise<void>((resolve) => {
        this.#moved = resolve;
      });
      const range = { ...(after === undefined ? {} : { after }), ...(complete ? {} : { beforeFolder: this.#folder }) };
      let batch: FoundItem[] = [];
      for (const { position, item } of read(range)) {
        after = position;
        batch.push(item);
        if (batch.length < BATCH) continue;
        yield batch;
        batch = [];
      }
      if (batch.length > 0) yield batch;
      if (complete) return;
      await moved;
    }
  }
}
