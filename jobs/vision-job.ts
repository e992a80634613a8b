import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { Attempt } from '../src/core/ask.js';
import { CHANGES } from '../src/core/changes.js';
import { FAILURE_CODES, type Failure, type FailureCode } from '../src/core/errors.js';
import type { Item } from '../src/core/item.js';
import type { VisionRecord } from '../src/core/record.js';

/** The payload version this build writes and understands. */
export const JOB_VERSION = 3;

/** One try at an item, as it travels in a job and beside its record. */
export const attemptSchema = z.strictObject({
  host: z.string(),
  code: z.enum(FAILURE_CODES).nullable(),
  message: z.string().nullable(),
  ms: z.number(),
  change: z.enum(CHANGES).nullable(),
});

const carrySchema = z.strictObject({
  /** Counted attempts so far, in order. */
  attempts: z.array(attemptSchema),
  /** Hand-backs for reasons of the item itself; waiting for hosts does not count. */
  handBacks: z.number().int().nonnegative(),
  /** What hosts said when they crashed on this item. */
  crashes: z.array(z.string()),
  /** Hosts to pass by while another live one can take the item. */
  avoidHosts: z.array(z.string()),
  /** The best partial answer so far. */
  best: z.string().optional(),
  /** What the tries at the question at hand changed, that of the next try last. */
  changes: z.array(z.enum(CHANGES)),
  /** The answer that does not fit, and what is wrong with it, for the turn that says so. */
  complaint: z.strictObject({ answer: z.string(), problem: z.string() }).optional(),
  /** Answers to the questions before the one at hand, and what is to be said of them. */
  answers: z.array(z.string()),
  warnings: z.array(z.string()),
  /** Time spent so far, counted against the item's budget. */
  spentMs: z.number().nonnegative(),
});

const count = z.number().int().nonnegative();

const partSchema = z.strictObject({
  member: z.string(),
  offset: count,
  length: count,
  packing: z.enum(['stored', 'deflate']),
  size: count,
  crc32: count.exactOptional(),
  version: z.strictObject({ size: count, etag: z.string().exactOptional() }).exactOptional(),
});

const tableBytes = count;
const cellSchema = z.union([
  z.strictObject({
    table: z.literal('csv'),
    tableBytes,
    offset: count,
    length: count,
    packed: z.boolean(),
    column: count,
    delimiter: z.string(),
    quote: z.string(),
  }),
  z.strictObject({
    table: z.literal('jsonl'),
    tableBytes,
    offset: count,
    length: count,
    packed: z.boolean(),
    column: z.string(),
  }),
  z.strictObject({ table: z.literal('parquet'), tableBytes, row: count, column: z.string() }),
]);

const sourceSchema = z.union([
  z.strictObject({
    root: z.string(),
    path: z.string(),
    part: partSchema.exactOptional(),
    cell: cellSchema.exactOptional(),
  }),
  z.strictObject({ url: z.string(), part: partSchema.exactOptional() }),
  z.strictObject({ bytes: z.custom<Uint8Array>((value) => value instanceof Uint8Array) }),
]);

export const visionJobSchema = z.strictObject({
  v: z.literal(JOB_VERSION),
  run: z.string().min(1),
  /** Fingerprint of the ask. */
  ask: z.string().regex(/^[0-9a-f]{64}$/),
  key: z.string().min(1),
  page: count,
  /** How many the source has, where they were counted. */
  pages: count.exactOptional(),
  sources: z.array(sourceSchema).min(1),
  /** What discovery saw of each source. */
  seen: z.array(z.strictObject({ size: count.nullable(), mtimeMs: z.number().nullable() })).exactOptional(),
  vars: z.record(z.string(), z.string()).optional(),
  carry: carrySchema.optional(),
});

/** An item in a queue. What it says of the item is enough for any worker that has the run's ask and roots. */
export type VisionJob = z.infer<typeof visionJobSchema>;

/** What an item has been through, kept over hand-backs. */
export type Carry = z.infer<typeof carrySchema>;

export const FRESH_CARRY: Carry = {
  attempts: [],
  handBacks: 0,
  crashes: [],
  avoidHosts: [],
  changes: [],
  answers: [],
  warnings: [],
  spentMs: 0,
};

/** What came of serving a job. Only `record` ends it. */
export type Outcome =
  | { readonly record: VisionRecord; readonly attempts: readonly Attempt[] }
  | {
      readonly handBack: { readonly reason: FailureCode; readonly avoidHost?: string; readonly delayMs?: number };
      readonly carry: Carry;
    }
  /** The host leaves the run; the item goes back as it was. */
  | { readonly leave: Failure }
  /** The run cannot go on; the item goes back as it was. */
  | { readonly stop: Failure };

/** Why a payload was refused: written by another version, or not a job at all. */
export type Refusal = { readonly refused: 'version' | 'shape'; readonly message: string };

/** Parses a payload again at the worker's end. */
export function parseVisionJob(payload: unknown): VisionJob | Refusal {
  const parsed = visionJobSchema.safeParse(payload);
  if (parsed.success) return parsed.data;
  const version = typeof payload === 'object' && payload !== null && 'v' in payload ? payload.v : undefined;
  if (typeof version === 'number' && version !== JOB_VERSION) {
    return { refused: 'version', message: `Expected a job of version ${JOB_VERSION}, got ${version}` };
  }
  return { refused: 'shape', message: z.prettifyError(parsed.error) };
}

export function visionJob(run: string, ask: string, item: Item): VisionJob {
  return {
    v: JOB_VERSION,
    run,
    ask,
    key: item.key,
    page: item.page,
    ...(item.pages === undefined ? {} : { pages: item.pages }),
    sources: item.sources.map((source) => ({ ...source })),
    ...(item.seen === undefined ? {} : { seen: item.seen.map((source) => ({ ...source })) }),
    ...(item.row === undefined ? {} : { vars: { ...item.row } }),
  };
}

/** The job's id, a pure function of the work: `<runId>-<20 hex of SHA-256(item key, ask fingerprint)>`. */
export function jobId(job: Pick<VisionJob, 'run' | 'key' | 'ask'>): string {
  const hash = createHash('sha256').update(job.key).update('\0').update(job.ask).digest('hex');
  return `${job.run}-${hash.slice(0, 20)}`;
}
