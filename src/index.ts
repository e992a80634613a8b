/**
 * The library: `runBatch` runs a batch as the command line does, `askImage` asks one question, `defineTask` gives both a
 * task of your own with a typed result.
 */
export { askImage } from './app/library/ask-image.js';
export type { AskImageOptions, AskImageResult } from './app/library/ask-image-options.js';
export { type Batch, runBatch } from './app/library/batch.js';
export type { BatchOptions, BatchOutput, BatchSummary } from './app/library/batch-options.js';
export { type ErrorExitCode, VisionBatchError, type VisionBatchErrorOptions } from './app/library/errors.js';
export type { ChatMessage } from './app/library/history.js';
export type { Image } from './app/library/image.js';
export type { BatchItem } from './app/library/items.js';
export type { Json } from './app/library/json.js';
export type { AskOptions, Duration, HostEntry, RunOptions, SecretSource } from './app/library/options.js';
export type { FailedStatus, RecordOf } from './app/library/record.js';
export { type BuiltInTask, defineTask, type Schema, type Task } from './app/library/task.js';
export { type FailureCode, STATUSES, type Status } from './core/errors.js';
export type { VisionRecord } from './core/record.js';
export type { Logger, RunCounts } from './core/telling.js';
export type { Snapshot } from './telemetry/snapshot.js';
