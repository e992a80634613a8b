import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type BullmqConnection, createBullmqConnection } from '../../jobs/bullmq-connection.js';
import { createBullmqFleet } from '../../jobs/bullmq-fleet.js';
import { GRANT_TTL_MS, type SlotClaim } from '../../jobs/fleet.js';
import { grantSlots, type SlotEntry } from '../../jobs/slots.js';
import { SILENT } from '../../src/core/telling.js';
import { removeKeys, sharedRedis } from '../support/redis.js';
import { loseSlots, older, passSlots, slotTable } from './redis-slots.js';
import { aClaim } from './slots-conformance.js';

const PREFIX = `{test-${randomUUID()}}`;

let redis: Awaited<ReturnType<typeof sharedRedis>>;
let connection: BullmqConnection;
beforeAll(async () => {
  redis = await sharedRedis();
  connection = await createBullmqConnection({ url: redis.url, logger: SILENT });
});
afterAll(async () => {
  await connection.close();
  await removeKeys(redis.url, PREFIX);
  await redis[Symbol.asyncDispose]();
});

const claims: fc.Arbitrary<SlotClaim> = fc
  .record({
    at: fc.nat(4),
    model: fc.constantFrom('tiny', 'other', null),
    priority: fc.integer({ min: -1, max: 1 }),
    slots: fc.integer({ min: 1, max: 5 }),
    using: fc.nat(3),
    wants: fc.nat(6),
    alone: fc.boolean(),
  })
  .map(({ at, ...claim }) => aClaim(`holder${at}`, { ...claim, runId: `run${at % 3}`, startedMs: 1_000 * (at % 2) }));

/** What happens: a claim, a loss of all tables, or time that passes. */
const steps = fc.array(
  fc.oneof(
    { weight: 8, arbitrary: claims },
    { weight: 3, arbitrary: fc.constantFrom(5_000, 15_000, 30_000) },
    { weight: 1, arbitrary: fc.constant('lost' as const) },
  ),
  { minLength: 5, maxLength: 40 },
);

describe('claims in Redis', () => {
  it('are judged as grantSlots judges them, whatever happens', async () => {
    await fc.assert(
      fc.asyncProperty(steps, async (happening) => {
        const prefix = `${PREFIX}:${randomUUID()}`;
        const ours = new Twin(prefix);
        for (const step of happening) {
          if (step === 'lost') await ours.lose();
          else if (typeof step === 'number') await ours.pass(step);
          else await ours.claim(step);
        }
      }),
      { numRuns: 25 },
    );
  });

  it('do not depend on the clocks of the machines that make them', async () => {
    const prefix = `${PREFIX}:${randomUUID()}`;
    const [early, late] = [-1e9, 1e9].map((offMs) =>
      createBullmqFleet({ connection, prefix, now: () => performance.now() + offMs }),
    );
    expect(await early?.claim(aClaim('a', { wants: 3 }))).toMatchObject({ slots: 3 });
    expect(await late?.claim(aClaim('b'))).toMatchObject({ slots: 1 });
    expect(await early?.claim(aClaim('a', { using: 3, wants: 3 }))).toMatchObject({ slots: 2 });
  });
});

describe('a claim that waited for Redis longer than a grant holds', () => {
  it('gets its slots at once, though Redis has lost the table meanwhile', async () => {
    const prefix = `${PREFIX}:${randomUUID()}`;
    let clockMs = 0;
    const fleet = createBullmqFleet({ connection, prefix, now: () => clockMs });
    expect(await fleet.claim(aClaim('a'))).toMatchObject({ slots: 4 });
    await loseSlots(connection.redis, prefix);
    clockMs += 5_000;
    const waiting = fleet.claim(aClaim('a'));
    clockMs += GRANT_TTL_MS;
    expect(await waiting).toMatchObject({ slots: 4 });
    expect(await fleet.claim(aClaim('a', { using: 4 }))).toMatchObject({ slots: 4 });
    clockMs += 2 * GRANT_TTL_MS;
    expect(await fleet.claim(aClaim('a'))).toMatchObject({ slots: 4 });
  });
});

it('a claim is judged beside entries of an older version, which say nothing of being alone', async () => {
  const prefix = `${PREFIX}:${randomUUID()}`;
  const fleet = createBullmqFleet({ connection, prefix });
  const key = `${prefix}:slots:${aClaim('a').host}`;
  await fleet.claim(aClaim('a', { wants: 1 }));
  await fleet.claim(aClaim('b', { wants: 1 }));
  for (const [holder, text] of Object.entries(await connection.redis.hgetall(key))) {
    const { aloneSinceMs: _, ...older } = JSON.parse(text) as SlotEntry;
    await connection.redis.hset(key, holder, JSON.stringify(older));
  }
  expect(await fleet.claim(aClaim('a', { using: 1, wants: 1 }))).toMatchObject({ slots: 1, alone: false });
  expect(await fleet.claim(aClaim('c', { wants: 1, alone: true }))).toMatchObject({ slots: 1, alone: false });
});

/** A host's table in Redis, and the one that it has to be. */
class Twin {
  readonly #prefix: string;
  readonly #fleet: ReturnType<typeof createBullmqFleet>;
  readonly #had = new Map<string, { readonly slots: number; readonly atMs: number }>();
  #clockMs = 0;
  #table: readonly SlotEntry[] = [];

  constructor(prefix: string) {
    this.#prefix = prefix;
    this.#fleet = createBullmqFleet({ connection, prefix, now: () => this.#clockMs });
  }

  async claim(claim: SlotClaim): Promise<void> {
    const known = this.#had.get(claim.holder);
    const had = known !== undefined && this.#clockMs - known.atMs < GRANT_TTL_MS ? known.slots : null;
    const grant = await this.#fleet.claim(claim);
    this.#had.set(claim.holder, { slots: grant.slots, atMs: this.#clockMs });
    const table = await slotTable(connection.redis, `${this.#prefix}:slots:${claim.host}`);
    const nowMs = (table.find(({ holder }) => holder === claim.holder)?.untilMs ?? 0) - GRANT_TTL_MS;
    const expected = grantSlots(this.#table, claim, { had, nowMs });
    expect(grant).toEqual(expected.grant);
    expect(byHolder(table)).toEqual(byHolder(expected.table));
    this.#table = expected.table;
  }

  async pass(ms: number): Promise<void> {
    this.#clockMs += ms;
    this.#table = this.#table.map((entry) => older(entry, ms));
    await passSlots(connection.redis, { prefix: this.#prefix, ms });
  }

  async lose(): Promise<void> {
    this.#table = [];
    await loseSlots(connection.redis, this.#prefix);
  }
}

function byHolder(table: readonly SlotEntry[]): readonly SlotEntry[] {
  return table.toSorted((a, b) => (a.holder < b.holder ? -1 : 1));
}
