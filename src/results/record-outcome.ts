import type { FailureCode, Status } from '../core/errors.js';

/** What the done-check needs of a record, without reading the rest of it: `RunStore.outcome(key)`. */
export interface RecordOutcome {
  readonly status: Status;
  readonly code: FailureCode | null;
  readonly fingerprint: string;
  readonly digest: string | null;
  /** As read by the worker; null where the source was never opened. */
  readonly sourceBytes: number | null;
  /** Whole milliseconds since 1970. */
  readonly sourceMtimeMs: number | null;
  /** Number of the start that wrote it, as given to `RunStore.put(batch, start)`. */
  readonly start: number;
}
