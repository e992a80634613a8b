import type { Logger, RunCounts } from '../../core/telling.js';
import type { Snapshot } from '../../telemetry/snapshot.js';
import type { BatchItem } from './items.js';
import type { RunOptions } from './options.js';
import type { BuiltInTask, Schema, Task } from './task.js';

/** What {@link runBatch} is to run: a task, and over which inputs. */
export type BatchOptions<T> = BatchTask<T> & BatchRunOptions;

/** `extract` takes a schema, and no other task does. */
type BatchTask<T> =
  | {
      readonly task: 'extract';
      /** What the data of every image is to be. */
      readonly schema: Schema<T>;
    }
  | {
      /** A task that {@link defineTask} made. */
      readonly task: Task<T>;
      readonly schema?: never;
    }
  | {
      /** A task that answers with text, a label or answers. */
      readonly task: Exclude<BuiltInTask, 'extract'>;
      readonly schema?: never;
    };

interface BatchRunOptions extends RunOptions {
  /** Folders, files, patterns and manifests, relative to the working directory; and items of your own. */
  readonly inputs: string | readonly (string | BatchItem)[];
  /** Stops the run as the first Ctrl-C does: what is in hand ends and is iterated over; nothing is thrown. */
  readonly signal?: AbortSignal;
  /** Hears what the command line says on stderr. @defaultValue nobody */
  readonly logger?: Logger;
  /** Told now and then how far the run is. @defaultValue nobody */
  readonly progress?: (progress: Snapshot) => void;
}

/** What stands in an output file. */
export interface BatchOutput {
  /** Relative to the working directory where it lies below. */
  readonly path: string;
  readonly rows: number;
  /** Whether it has every row of the run. */
  readonly finished: boolean;
}

/** How a batch ended. */
export interface BatchSummary {
  /** Whether every item has its row, or the run was stopped before. */
  readonly end: 'finished' | 'stopped';
  /** 0 where all rows are ok or blank, 1 where more than `failOn` of them are not, 130 where it was stopped. */
  readonly exitCode: 0 | 1 | 130;
  /** All items of the run, those of earlier starts too. */
  readonly counts: RunCounts;
  /** Rows that this start made. */
  readonly made: number;
  /** What stands in each output. */
  readonly outputs: readonly BatchOutput[];
  readonly elapsedMs: number;
}
