import { z } from 'zod';
import { ANSWERED_BY } from './ask.js';
import { FAILURE_CODES, STATUSES } from './errors.js';

const oneOrMore = <T extends z.ZodType>(one: T) => z.union([one, z.array(one)]);
const count = z.number().int().nonnegative();
const milliseconds = z.number().nonnegative();

const sentImage = z.strictObject({
  /** Of the source's bytes, before any change. */
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  /** Upright, after EXIF. */
  width: count,
  height: count,
  sent_width: count,
  sent_height: count,
  sent_bytes: count,
});

/** An item's outcome, as one JSON line of JSONL output. Field names are the output's own. */
export const visionRecordSchema = z
  .strictObject({
    schema_version: z.literal(1),
    /** The item key. */
    id: z.string().min(1),
    source: oneOrMore(z.string()),
    page: count,
    pages: count.nullable(),
    status: z.enum(STATUSES),
    /** The task's name, or that of the user's own. */
    task: z.string().min(1),
    engine: z.enum(ANSWERED_BY),
    model: z.string().nullable(),
    model_digest: z.string().nullable(),
    /** The answer; kept, with its status, where it is not complete. */
    text: z.string().nullable(),
    /** classify: the label, or with several allowed the list of them. */
    label: oneOrMore(z.string()).nullable(),
    /** The value of a task with a schema, as it was validated. */
    data: z.json().nullable(),
    /** Several questions: those that were answered, in order. */
    answers: z.array(z.strictObject({ question: z.string(), text: z.string() })).nullable(),
    warnings: z.array(z.string()),
    error: z.strictObject({ code: z.enum(FAILURE_CODES), message: z.string().min(1) }).nullable(),
    /** Counted tries at a model, 0 where none was asked. */
    attempts: count,
    host: z.string().nullable(),
    /** Mean token probability, 0…1, where the engine gives one. */
    confidence: z.number().min(0).max(1).nullable(),
    /** The words the model was least sure of, and the mean probability of their tokens. */
    weakest: z.strictObject({ text: z.string(), confidence: z.number().min(0).max(1) }).nullable(),
    /** What a second engine that cannot invent read on the same page; null where none was asked. */
    verify: z
      .strictObject({
        /** Words that both have, of all words, 0…1. */
        agreement: z.number().min(0).max(1),
        /** Words that the model lacks and words that only it has; normalised, the first of them. */
        missing: z.array(z.string()),
        added: z.array(z.string()),
      })
      .nullable(),
    tokens: z.strictObject({ prompt: count.nullable(), output: count.nullable() }),
    timing_ms: z.strictObject({
      /** In the queue, until it was taken. */
      queued: milliseconds.nullable(),
      load: milliseconds.nullable(),
      prompt: milliseconds.nullable(),
      generate: milliseconds.nullable(),
      /** From there to its outcome: reading, waiting for a slot and every try. */
      total: milliseconds,
    }),
    source_bytes: oneOrMore(count).nullable(),
    /** ISO 8601, whole milliseconds, as read by the worker. */
    source_mtime: oneOrMore(z.iso.datetime()).nullable(),
    /** What servers call the versions that were read: of URLs, where a server sends one. */
    source_etag: oneOrMore(z.string().nullable()).optional(),
    image: oneOrMore(sentImage).nullable(),
    /** Share of the page that is ink, 0…1, where it was measured: such as on a page that was found blank. */
    blank_ink: z.number().min(0).max(1).nullable(),
    /** The item whose source has the same bytes, which was asked in this one's place. */
    duplicate_of: z.string().nullable(),
    ask_fingerprint: z.string().regex(/^[0-9a-f]{64}$/),
    finished_at: z.iso.datetime(),
    /** Columns carried from the manifest. */
    row: z.record(z.string(), z.string()).optional(),
  })
  .refine((record) => (record.status === 'ok' || record.status === 'blank') === (record.error === null), {
    message: 'Expected an error on every status but ok and blank, and on no other',
    path: ['error'],
  });

export type VisionRecord = z.infer<typeof visionRecordSchema>;
export type SentImage = z.infer<typeof sentImage>;
/** What an item's answer is made of; null where the task has no such part. */
export type TaskResult = Pick<VisionRecord, 'text' | 'label' | 'data' | 'answers'>;
export type Verification = NonNullable<VisionRecord['verify']>;

export const NO_RESULT: TaskResult = { text: null, label: null, data: null, answers: null };

/** One column of the CSV output: its header and where its value stands in a record. */
export interface ColumnSpec {
  readonly header: string;
  /** Member names from the record inwards, such as `['error', 'code']`. */
  readonly path: readonly string[];
}
