import type { Queue } from '../../../jobs/queue.js';
import type { VisionJob } from '../../../jobs/vision-job.js';
import type { SourceReader } from '../../core/item.js';
import type { Logger } from '../../core/telling.js';
import type { Herald } from './herald.js';

export interface BlindLanesOptions {
  readonly open: SourceReader;
  /** Whether a lane is of this process. */
  readonly isOwn: (lane: string) => boolean;
  readonly herald: Herald;
  readonly queue: Queue;
  readonly logger: Logger;
}

/** Verifies what workers elsewhere say of missing files: a lane that cannot see the run's files must not fail them. */
export class BlindLanes {
  readonly #options: BlindLanesOptions;

  constructor(options: BlindLanesOptions) {
    this.#options = options;
  }

  /** Whether files that a worker elsewhere could not open can all be opened here. */
  async isThere({ sources }: VisionJob, lane: string): Promise<boolean> {
    const { isOwn, open } = this.#options;
    if (isOwn(lane)) return false;
    return Promise.all(sources.map((source) => open(source))).then(
      () => true,
      () => false,
    );
  }

  /** Puts the lane out of the run, and its item back. */
  async expel(lane: string, job: VisionJob): Promise<void> {
    const { herald, logger, queue } = this.#options;
    if (await herald.expel(lane)) {
      logger.warn(`${lane} cannot see the run's files (${job.key}): it is put out of the run.`);
    }
    const { carry: _, ...fresh } = job;
    await queue.add([fresh], { replace: true });
  }
}
