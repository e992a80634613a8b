import type { VisionRecord } from '../../core/record.js';
import type { BatchOptions, BatchSummary } from './batch-options.js';
import { usageError } from './errors.js';
import { Handover } from './handover.js';
import { type RecordOf, typedRecord } from './record.js';

/**
 * A batch. It begins with the first record that is asked for, or when `summary` is; it is iterated over once.
 *
 * Records come as they are done, those of earlier starts of the same run first. The run waits for whoever iterates.
 * Leaving the loop stops it in order: what is in hand ends, everything is released, and the same call continues it where
 * its `output` or `state` is kept. What ends a run early, such as a full disk, is thrown by the loop and by `summary`.
 */
export interface Batch<T> extends AsyncIterable<RecordOf<T>> {
  /** Resolves when the run has ended. Without an iteration the records are only counted and written to the outputs. */
  readonly summary: Promise<BatchSummary>;
}

/**
 * Runs a task over images, as the command line does: guarded, retried, on every host at once, and continued by the same
 * call. Without `output` and `state` nothing is kept. Nothing is written to the process's streams, and none of its
 * signals are handled.
 *
 * @throws VisionBatchError from the loop and from `summary`: 2 for options that cannot be meant, 3 where no host can
 * serve the run, 4 where the inputs hold no image, 5 where an output cannot be written, 6 where another process runs it
 * @example
 * ```ts
 * const batch = runBatch({ task: 'ocr', inputs: 'scans', model: 'qwen2.5vl', host: ['http://gpu1:11434,slots=4'] });
 * for await (const page of batch) {
 *   if (page.status === 'ok') await index(page.id, page.text);
 * }
 * const { counts } = await batch.summary;
 * ```
 */
export function runBatch<T = null>(options: BatchOptions<T>): Batch<T> {
  return new BatchRun(options);
}

class BatchRun<T> implements Batch<T> {
  readonly #options: BatchOptions<T>;
  readonly #records = new Handover<VisionRecord>();
  readonly #left = new AbortController();
  #running: Promise<BatchSummary> | null = null;
  #isIterated = false;
  /** Whether there were records before anybody iterated. */
  #hasMissed = false;

  constructor(options: BatchOptions<T>) {
    this.#options = options;
  }

  get summary(): Promise<BatchSummary> {
    this.#running ??= this.#run();
    return this.#running;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<RecordOf<T>, void, undefined> {
    if (this.#isIterated) throw usageError('Expected a batch to be iterated over once, got a second iteration');
    if (this.#hasMissed) throw usageError('Expected the iteration to begin before the first record, got it after');
    this.#isIterated = true;
    const { summary } = this;
    try {
      for (let record = await this.#records.take(); record !== null; record = await this.#records.take()) {
        yield typedRecord<T>(record);
      }
    } finally {
      this.#records.abandon();
      this.#left.abort();
      await summary;
    }
  }

  #run(): Promise<BatchSummary> {
    const { signal } = this.#options;
    const signals = signal === undefined ? [this.#left.signal] : [signal, this.#left.signal];
    const running = import('./perform.js') // what a run takes is loaded when there is one
      .then(({ perform }) => perform(this.#options, { signal: AbortSignal.any(signals), sink: this.#sink }))
      .finally(() => this.#records.close());
    running.catch(() => {}); // whoever iterates or asks for the summary hears of it
    return running;
  }

  readonly #sink = async (record: VisionRecord, signal: AbortSignal): Promise<void> => {
    if (this.#isIterated) await this.#records.give(record, signal);
    else this.#hasMissed = true;
  };
}
