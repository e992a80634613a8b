import type { Redis } from 'ioredis';
import { z } from 'zod';
import type { SlotEntry } from '../../jobs/slots.js';

const entrySchema = z.object({
  holder: z.string(),
  runId: z.string(),
  startedMs: z.number(),
  priority: z.number(),
  model: z.string(),
  slots: z.number(),
  using: z.number(),
  wants: z.number(),
  allowed: z.number(),
  held: z.number(),
  sinceMs: z.number(),
  untilMs: z.number(),
  healingMs: z.number(),
  aloneSinceMs: z.number(),
}) satisfies z.ZodType<SlotEntry>;

/** A host's table as it lies in Redis. */
export async function slotTable(redis: Redis, key: string): Promise<readonly SlotEntry[]> {
  return (await redis.hvals(key)).map((text) => entrySchema.parse(JSON.parse(text)));
}

/** An entry as it were if `ms` milliseconds had passed since. */
export function older(entry: SlotEntry, ms: number): SlotEntry {
  const { aloneSinceMs, healingMs, sinceMs, untilMs } = entry;
  return {
    ...entry,
    sinceMs: sinceMs - ms,
    untilMs: untilMs - ms,
    healingMs: healingMs - ms,
    aloneSinceMs: aloneSinceMs === 0 ? 0 : aloneSinceMs - ms,
  };
}

/** Makes all tables look as if time had passed. */
export async function passSlots(
  redis: Redis,
  { prefix, ms }: { readonly prefix: string; readonly ms: number },
): Promise<void> {
  for (const key of await redis.keys(`${prefix}:slots:*`)) {
    for (const entry of await slotTable(redis, key)) {
      await redis.hset(key, entry.holder, JSON.stringify(older(entry, ms)));
    }
  }
}

export async function loseSlots(redis: Redis, prefix: string): Promise<void> {
  const keys = await redis.keys(`${prefix}:slots:*`);
  if (keys.length > 0) await redis.del(keys);
}
