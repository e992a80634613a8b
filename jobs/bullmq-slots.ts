import { z } from 'zod';
import type { BullmqRegistry } from './bullmq-registry.js';
import { CLAIM_SLOTS } from './bullmq-slots-script.js';
import { type Fleet, GRANT_TTL_MS, TURN_MS } from './fleet.js';
import { GrantMemory } from './grant-memory.js';
import { waitsForWords } from './slots.js';

const verdictSchema = z.object({
  slots: z.number(),
  shared: z.boolean(),
  alone: z.boolean(),
  first: z.object({ model: z.string(), runId: z.string() }).nullable(),
});

/**
 * Slots that several processes share.
 *
 * @param now - this machine's clock in milliseconds, from any start
 */
export function bullmqSlots(registry: BullmqRegistry, now: () => number): Pick<Fleet, 'claim' | 'giveUp'> {
  const memory = new GrantMemory(now);
  const slotsKey = (host: string) => registry.key('slots', host);
  return {
    claim: ({ host, model, ...claim }) =>
      memory.claim({ host, holder: claim.holder }, async (had) => {
        const asked = JSON.stringify({ ...claim, model: model ?? '', had: had ?? -1 });
        const answer = await registry.do((redis) =>
          redis.eval(CLAIM_SLOTS, 1, slotsKey(host), asked, String(GRANT_TTL_MS), String(TURN_MS)),
        );
        const { first, ...granted } = verdictSchema.parse(JSON.parse(String(answer)));
        return { ...granted, waitsFor: first === null ? null : waitsForWords(first) };
      }),

    async giveUp(host, holder) {
      memory.forget(host, holder);
      await registry.soon((redis) => redis.hdel(slotsKey(host), holder));
    },
  };
}
