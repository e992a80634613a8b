import type { Queue } from '../../../jobs/queue.js';
import type { SourceReader } from '../../core/item.js';
import type { VisionRecord } from '../../core/record.js';
import type { Logger } from '../../core/telling.js';
import { type RunRoots, sourceOfKey } from '../../inputs/roots.js';
import { jobOf } from '../../producer/produce.js';
import type { Herald } from './herald.js';
import type { RunState } from './run-state.js';

export interface BlindLanesOptions {
  readonly roots: RunRoots;
  readonly open: SourceReader;
  /** Whether a lane is of this process. */
  readonly isOwn: (lane: string) => boolean;
  readonly herald: Herald;
  readonly state: RunState;
  readonly queue: Queue;
  readonly logger: Logger;
}

/** Verifies what workers elsewhere say of missing files: a lane that cannot see the run's files must not fail them. */
export class BlindLanes {
  readonly #options: BlindLanesOptions;

  constructor(options: BlindLanesOptions) {
    this.#options = options;
  }

  /** Whether a file that a worker elsewhere could not open can be opened here. */
  async isThere({ id }: VisionRecord, lane: string): Promise<boolean> {
    const { isOwn, open } = this.#options;
    const source = isOwn(lane) ? null : sourceOfKey(id, this.#options.roots);
    if (source === null) return false;
    return open(source).then(
      () => true,
      () => false,
    );
  }

  /** Puts the lane out of the run, and its item back. */
  async expel(lane: string, { id, page }: VisionRecord): Promise<void> {
    const { herald, logger, queue, state } = this.#options;
    if (await herald.expel(lane)) logger.warn(`${lane} cannot see the run's files (${id}): it is put out of the run.`);
    const job = jobOf(
      { key: id, source: sourceOfKey(id, this.#options.roots), page, size: null, mtimeMs: null },
      state.meta,
    );
    await queue.add([job], { replace: true });
  }
}
