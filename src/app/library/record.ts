import type { FailureCode, Status } from '../../core/errors.js';
import type { VisionRecord } from '../../core/record.js';
import type { Json } from './json.js';

/** Every status of an answer that is no good. */
export type FailedStatus = Exclude<Status, 'ok' | 'blank'>;

/** What differs by status: `data` is only what the schema says where the answer is good. */
type Outcome<T> =
  | { readonly status: 'ok'; readonly data: Json<T>; readonly error: null }
  /** There is nothing to read on it. */
  | { readonly status: 'blank'; readonly data: null; readonly error: null }
  | {
      readonly status: FailedStatus;
      /** What there is of an answer that is no good, for people. It does not have the schema's shape. */
      readonly data: VisionRecord['data'];
      readonly error: { readonly code: FailureCode; readonly message: string };
    };

/**
 * A record whose `data` is of type `T` where its `status` is `ok`: ask for the status first, and TypeScript knows.
 * `T` is null for tasks that answer with `text`, a `label` or `answers`.
 *
 * @example
 * ```ts
 * for await (const record of runBatch({ task: receipt, inputs: 'scans', model: 'qwen2.5vl' })) {
 *   if (record.status === 'ok') console.log(record.id, record.data.total);
 *   else console.error(record.id, record.status, record.error?.message);
 * }
 * ```
 */
export type RecordOf<T> = Omit<VisionRecord, 'status' | 'data' | 'error'> & Outcome<T>;

/**
 * A record with the type that its schema promises. The worker held `data` to the very zod type that `T` comes from, or to
 * its JSON Schema, before it wrote `ok`.
 */
export function typedRecord<T>(record: VisionRecord): RecordOf<T> {
  return record as RecordOf<T>;
}
