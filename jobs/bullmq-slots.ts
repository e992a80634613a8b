import type { Redis } from 'ioredis';
import { z } from 'zod';
import type { BullmqRegistry } from './bullmq-registry.js';
import { CLAIM_SLOTS } from './bullmq-slots-script.js';
import { type Fleet, GRANT_TTL_MS, type SlotClaim, TURN_MS } from './fleet.js';
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
  const claimOnce = ({ host, model, ...claim }: SlotClaim) =>
    memory.claim({ host, holder: claim.holder }, async (had) => {
      const asked = JSON.stringify({ ...claim, model: model ?? '', had: had ?? -1 });
      const answer = await registry.do((redis) =>
        redis.eval(CLAIM_SLOTS, 1, slotsKey(host), asked, String(GRANT_TTL_MS), String(TURN_MS)),
      );
      const { first, ...granted } = verdictSchema.parse(JSON.parse(String(answer)));
      return { ...granted, waitsFor: first === null ? null : waitsForWords(first) };
    });
  const forget = (host: string, holder: string) => {
    memory.forget(host, holder);
    return (redis: Redis) => redis.hdel(slotsKey(host), holder);
  };
  return {
    async claim(claim) {
      const calledMs = now();
      const grant = await claimOnce(claim);
      if (now() - calledMs < GRANT_TTL_MS) return grant;
      // It waited for Redis, and what it said of an earlier grant was true no more when it was heard.
      await registry.do(forget(claim.host, claim.holder));
      return await claimOnce(claim);
    },

    async giveUp(host, holder) {
      await registry.soon(forget(host, holder));
    },
  };
}
