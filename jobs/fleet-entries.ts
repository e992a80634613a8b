import { z } from 'zod';
import { ENGINE_NAMES } from '../src/core/ask.js';
import { FAILURE_CODES } from '../src/core/errors.js';
import { LANE_STATES, type LaneStatus } from '../src/core/telling.js';
import { type HostOrder, RUN_STATES, type RunEntry, WORKER_STATES, type WorkerStatus } from './fleet.js';

const milliseconds = z.number().nonnegative();

const runEntrySchema = z.object({
  v: z.literal(1),
  runId: z.string(),
  ask: z.string(),
  engine: z.enum(ENGINE_NAMES),
  model: z.string().nullable(),
  digest: z.string().nullable(),
  state: z.enum(RUN_STATES),
  roots: z.array(z.object({ name: z.string(), path: z.string() })),
  limits: z.object({
    numCtx: z.number(),
    attempts: z.number(),
    budgets: z.object({
      firstTokenMs: milliseconds,
      silenceMs: milliseconds,
      itemMs: milliseconds,
      loadMs: milliseconds,
      connectMs: milliseconds,
    }),
    wantsConfidence: z.boolean(),
    verifyShare: z.number().min(0).max(1).nullable(),
    allowMixed: z.boolean().default(false), // runs of earlier versions do not say
    allowRemote: z.boolean().default(false),
    recycleAfter: z.number().int().positive().nullable().default(null),
  }),
  expelled: z.array(z.string()),
  coordinator: z.string(),
  priority: z.number().default(0),
  startedMs: milliseconds,
  heartbeatMs: milliseconds,
}) satisfies z.ZodType<RunEntry>;

const laneStatusSchema = z
  .object({
    lane: z.string(),
    host: z.string(),
    worker: z.string().default('unknown'), // earlier versions do not say
    machine: z.string(),
    pid: z.number(),
    version: z.string(),
    slots: z.number(),
    hostSlots: z.number().optional(), // earlier versions shared no host
    busy: z.number(),
    done: z.number(),
    failed: z.number(),
    state: z.enum(LANE_STATES),
    code: z.enum(FAILURE_CODES).nullable(),
    reason: z.string().nullable(),
    atMs: milliseconds,
  })
  .transform((lane) => ({ ...lane, hostSlots: lane.hostSlots ?? lane.slots })) satisfies z.ZodType<LaneStatus>;

const workerStatusSchema = z.object({
  name: z.string(),
  machine: z.string(),
  pid: z.number(),
  version: z.string(),
  hosts: z.array(z.string()),
  state: z.enum(WORKER_STATES),
  atMs: milliseconds,
}) satisfies z.ZodType<WorkerStatus>;

const hostOrderSchema = z.discriminatedUnion('order', [
  z.object({ url: z.string(), order: z.literal('drain') }),
  z.object({ url: z.string(), order: z.literal('add'), description: z.string() }),
]) satisfies z.ZodType<HostOrder>;

/** A run as a hash's fields, each a JSON value, so that its digest can be pinned by itself. */
export function runFields(run: RunEntry): Record<string, string> {
  return Object.fromEntries(Object.entries(run).map(([name, value]) => [name, JSON.stringify(value)]));
}

/** The run that a hash holds; null where another version wrote it, or where it is incomplete. */
export function runOf(fields: Readonly<Record<string, string>>): RunEntry | null {
  const values = Object.entries(fields).map(([name, text]) => [name, jsonOf(text)] as const);
  return runEntrySchema.safeParse({ digest: null, ...Object.fromEntries(values) }).data ?? null;
}

/** The lane that a hash's field holds; null where another version wrote it. */
export function laneOf(text: string): LaneStatus | null {
  return laneStatusSchema.safeParse(jsonOf(text)).data ?? null;
}

/** The worker that a hash's field holds; null where another version wrote it. */
export function workerOf(text: string): WorkerStatus | null {
  return workerStatusSchema.safeParse(jsonOf(text)).data ?? null;
}

/** The order that a hash's field holds; null where another version wrote it. */
export function hostOrderOf(text: string): HostOrder | null {
  return hostOrderSchema.safeParse(jsonOf(text)).data ?? null;
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
