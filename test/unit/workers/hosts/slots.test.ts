import { afterEach, describe, expect, it, vi } from 'vitest';
import { GRANT_TTL_MS, type SlotClaim, type SlotGrant } from '../../../../jobs/fleet.js';
import type { ModelAnswer } from '../../../../src/core/ask.js';
import { VisionError } from '../../../../src/core/errors.js';
import { SILENT } from '../../../../src/core/telling.js';
import type { Room } from '../../../../workers/hosts/asker.js';
import { HostSlots, type HostSlotsOptions } from '../../../../workers/hosts/host-slots.js';
import { Latch } from '../../../../workers/hosts/latch.js';
import { HostShare } from '../../../../workers/hosts/share.js';
import { SlotWatch } from '../../../../workers/hosts/slot-watch.js';
import { aGrant } from '../../../support/builders.js';

const CLAIMANT = { host: 'gpu1', holder: 'lane', runId: 'run', startedMs: 0, priority: 0, model: 'tiny' };

const REFUSED = new VisionError('HOST_BUSY', '503');
const OUT_OF_MEMORY = new VisionError('HOST_CRASHED', 'CUDA error: out of memory');

/** Good answers until the host gets more slots; null where a thousand change nothing. */
function raisedAfter(slots: HostSlots): number | null {
  const before = slots.room.slots;
  for (let answers = 1; answers <= 1_000; answers += 1) {
    slots.observe(answered(1_000, 1_000));
    if (slots.room.slots > before) return answers;
  }
  return null;
}

function answered(workMs: number, elapsedMs: number): { readonly answer: ModelAnswer; readonly elapsedMs: number } {
  const timingMs = { load: 0, prompt: workMs / 2, generate: workMs / 2 };
  return {
    elapsedMs,
    answer: { text: '', end: 'complete', tokens: { prompt: 1, output: 1 }, timingMs, confidence: null },
  };
}

describe('what answers say of the slots', () => {
  it('is that there are fewer where requests wait for each other, and nothing before enough were answered', () => {
    const watch = new SlotWatch();
    const seen = Array.from({ length: 16 }, () => watch.observe(answered(1_000, 2_000), 4));
    expect(seen).toEqual([...Array.from({ length: 15 }, () => null), 2]);
  });

  it('is said once, until the host was away', () => {
    const watch = new SlotWatch();
    const seen = () => Array.from({ length: 64 }, () => watch.observe(answered(1_000, 2_000), 4)).filter(Boolean);
    expect(seen()).toEqual([2]);
    expect(seen()).toEqual([]);
    watch.forget();
    expect(seen()).toEqual([2]);
  });

  it('is nothing where the rest of the time is no more than decoding and the way there', () => {
    const watch = new SlotWatch();
    const seen = Array.from({ length: 64 }, () => watch.observe(answered(1_000, 1_400), 4));
    expect(seen.every((fewer) => fewer === null)).toBe(true);
  });
});

describe('the slots of a host', () => {
  function some(changes: Partial<HostSlotsOptions> = {}): {
    readonly slots: HostSlots;
    readonly rooms: Room[];
    readonly told: string[];
  } {
    const rooms: Room[] = [];
    const told: string[] = [];
    const slots = new HostSlots({
      host: 'gpu1',
      slots: null,
      guess: 1,
      ahead: 1,
      sharing: null,
      using: () => 0,
      onRoom: (room) => rooms.push(room),
      onAllowed: () => {},
      logger: { ...SILENT, info: (message) => told.push(message) },
      ...changes,
    });
    return { slots, rooms, told };
  }

  it('are as many as were found, and more is taken only while enough waits', () => {
    const { slots, rooms } = some();
    void slots.become(4);
    slots.demand({ sendsAhead: false, prepares: false, items: 2 });
    slots.demand({ sendsAhead: true, prepares: false, items: 5 });
    slots.demand({ sendsAhead: true, prepares: true, items: 200 });
    expect(rooms).toEqual([
      { slots: 4, ahead: 1, prepared: 0 },
      { slots: 4, ahead: 0, prepared: 0 },
      { slots: 4, ahead: 1, prepared: 0 },
      { slots: 4, ahead: 1, prepared: 4 },
    ]);
  });

  it('are one fewer after a refusal and half as many after memory ran out, and stay where the user gave them', () => {
    const { slots, rooms } = some();
    void slots.become(8);
    slots.lower(REFUSED);
    slots.lower(OUT_OF_MEMORY);
    slots.lower(new VisionError('HOST_UNREACHABLE', 'gone'));
    expect(rooms.map((room) => room.slots)).toEqual([8, 7, 3]);
    const fixed = some({ slots: 8 });
    fixed.slots.lower(REFUSED);
    expect(fixed.slots.room.slots).toBe(8);
  });

  it('come back one by one with good answers, up to those that were found, and each change is told', async () => {
    const { slots, told } = some();
    await slots.become(4);
    slots.lower(OUT_OF_MEMORY);
    expect(slots.known(0)).toBe(4); // no search while it gets fewer
    expect(raisedAfter(slots)).toBe(32);
    expect(raisedAfter(slots)).toBe(32);
    expect(slots.room.slots).toBe(4);
    expect(raisedAfter(slots)).toBeNull();
    expect(told).toEqual([
      'gpu1 gets 2 at once, not 4: its memory ran out.',
      'gpu1 gets 3 at once, not 2: it answered without trouble.',
      'gpu1 gets 4 at once, not 3: it answered without trouble.',
    ]);
  });

  it('come back later where one more was too many before', async () => {
    const { slots } = some();
    await slots.become(8);
    slots.lower(OUT_OF_MEMORY);
    expect(raisedAfter(slots)).toBe(32);
    slots.lower(OUT_OF_MEMORY);
    expect(slots.room.slots).toBe(4); // as many as had worked, not half of five
    expect(raisedAfter(slots)).toBe(64);
  });

  it('are found anew, without a limit, where the host was away', async () => {
    const { slots, told } = some();
    await slots.become(8);
    slots.lower(OUT_OF_MEMORY);
    slots.forget();
    expect(slots.known(0)).toBeNull();
    await slots.become(6);
    expect(slots.room.slots).toBe(6);
    expect(told.at(-1)).toBe('gpu1 gets 6 at once, not 4: it was looked at anew.');
  });

  it('are not looked for while requests of ours hide some', async () => {
    const { slots } = some();
    expect(slots.known(3)).toBeNull();
    await slots.become(4);
    expect([slots.known(3), slots.known(0)]).toEqual([4, null]);
  });

  it('are doubted, and not lowered, where answers say that fewer are at work', async () => {
    const { slots } = some();
    await slots.become(4);
    for (let nth = 0; nth < 64; nth += 1) slots.observe(answered(1_000, 2_000));
    expect(slots.room.slots).toBe(4);
    expect(slots.isDoubted).toBe(true);
    slots.settle();
    await slots.become(4);
    for (let nth = 0; nth < 64; nth += 1) slots.observe(answered(1_000, 2_000));
    expect(slots.isDoubted).toBe(false);
  });

  it('are not doubted where others use the host, whose requests ours wait for', async () => {
    const fleet = { claim: async () => aGrant(4, { shared: true }), giveUp: async () => {} };
    const { slots } = some({ sharing: { claimant: CLAIMANT, fleet } });
    slots.start();
    await slots.become(4);
    expect(slots.most).toBe(4);
    for (let nth = 0; nth < 64; nth += 1) slots.observe(answered(1_000, 2_000));
    expect(slots.isDoubted).toBe(false);
    await slots.close();
  });

  it('are those that others leave, without one ahead, and none where they leave none', async () => {
    const grants: SlotGrant[] = [aGrant(2, { shared: true }), aGrant(0, { shared: true, waitsFor: 'other of run b' })];
    const claims: SlotClaim[] = [];
    const reasons: (string | null)[] = [];
    const { slots } = some({
      sharing: {
        claimant: CLAIMANT,
        fleet: {
          claim: async (claim) => {
            claims.push(claim);
            return grants.shift() ?? aGrant(0, { shared: true, waitsFor: 'other of run b' });
          },
          giveUp: async () => {},
        },
      },
      onAllowed: (whyNot) => {
        reasons.push(whyNot);
        if (whyNot === null) expect(slots.most).toBe(2);
      },
    });
    await slots.become(4);
    expect(slots.most).toBe(0);
    slots.start();
    await expect.poll(() => reasons.length).toBe(1);
    slots.demand({ sendsAhead: true, prepares: true, items: 4 });
    await expect.poll(() => reasons.length).toBe(2);
    expect(reasons).toEqual([null, 'it serves other of run b first.']);
    expect(slots.room).toEqual({ slots: 1, ahead: 0, prepared: 0 });
    expect(claims[0]).toMatchObject({ slots: 4, wants: 1 });
    await slots.close();
  });
});

describe('a share of a host', () => {
  it('is claimed again at once where it was lowered or more is wanted, and given back at the end', async () => {
    const said: string[] = [];
    const grants = [4, 2];
    const share = new HostShare({
      claimant: CLAIMANT,
      slots: null,
      using: () => 3,
      onChange: ({ slots }) => said.push(`allowed ${slots}`),
      logger: SILENT,
      fleet: {
        claim: async ({ using, wants }) => {
          said.push(`using ${using} wants ${wants}`);
          return aGrant(grants.shift() ?? Math.min(2, wants));
        },
        giveUp: async (host, holder) => void said.push(`gave up ${host} ${holder}`),
      },
    });
    share.want(2);
    share.start();
    await expect.poll(() => said.length).toBe(2);
    share.want(6);
    await expect.poll(() => said.length).toBe(5);
    await share.close();
    expect(said.slice(0, 5)).toEqual([
      'using 3 wants 2',
      'allowed 4',
      'using 3 wants 6',
      'allowed 2',
      'using 3 wants 6',
    ]);
    expect(said.at(-1)).toBe('gave up gpu1 lane');
  });

  describe('of which one request is to be alone', () => {
    /** A share whose claims are answered as the last of `grants` says. */
    function some(grants: SlotGrant[]) {
      const claims: SlotClaim[] = [];
      const share = new HostShare({
        claimant: CLAIMANT,
        slots: 4,
        using: () => 0,
        onChange: () => {},
        logger: SILENT,
        fleet: {
          claim: async (claim) => {
            claims.push(claim);
            return grants.at(-1) ?? aGrant(4);
          },
          giveUp: async () => {},
        },
      });
      share.start();
      return { share, claims, [Symbol.asyncDispose]: () => share.close() };
    }
    const forever = new AbortController().signal;

    it('is held from the answer on that says so to its end, and claimed until then', async () => {
      const grants = [aGrant(1, { shared: true })];
      await using on = some(grants);
      let isHeld = false;
      const held = on.share.hold(forever).then((hold) => {
        isHeld = true;
        return hold;
      });
      await expect.poll(() => on.claims.filter(({ alone }) => alone).length).toBeGreaterThan(1); // it is in a hurry
      expect(isHeld).toBe(false);
      grants.push(aGrant(1, { shared: true, alone: true }));
      const hold = await held;
      hold?.end();
      await expect.poll(() => on.claims.at(-1)?.alone).toBe(false);
      expect(hold?.isBroken).toBe(false);
    });

    it('is broken for good by an answer that says otherwise', async () => {
      const grants = [aGrant(1, { shared: true, alone: true })];
      await using on = some(grants);
      const hold = await on.share.hold(forever);
      grants.push(aGrant(1, { shared: true }));
      on.share.want(3);
      await expect.poll(() => hold?.isBroken).toBe(true);
      grants.push(aGrant(1, { shared: true, alone: true }));
      on.share.want(4);
      await expect.poll(() => on.claims.at(-1)?.wants).toBe(4);
      expect(hold?.isBroken).toBe(true);
    });

    it('is given up when its item is', async () => {
      await using on = some([aGrant(1, { shared: true })]);
      const ending = new AbortController();
      const held = on.share.hold(ending.signal);
      await expect.poll(() => on.claims.at(-1)?.alone).toBe(true);
      ending.abort(new Error('stopped'));
      await expect(held).rejects.toThrow('stopped');
      await expect.poll(() => on.claims.at(-1)?.alone).toBe(false);
    });

    it('is refused where the host goes to another model first, or is left alone', async () => {
      const grants = [aGrant(1, { shared: true })];
      await using on = some(grants);
      const held = on.share.hold(forever);
      await expect.poll(() => on.claims.at(-1)?.alone).toBe(true);
      grants.push(aGrant(0, { shared: true, waitsFor: 'other of run b' }));
      expect(await held).toBeNull();
      await expect.poll(() => on.claims.at(-1)?.alone).toBe(false);
      on.share.rest();
      expect(await on.share.hold(forever)).toBeNull();
    });

    it('ends for the fleet, too, before it is held again', async () => {
      await using on = some([aGrant(1, { alone: true })]);
      (await on.share.hold(forever))?.end();
      await on.share.hold(forever);
      const words = on.claims.map(({ alone }) => (alone ? 'alone' : 'not')).join(' ');
      expect(words).toMatch(/alone( alone)* not( not)* alone/);
    });
  });

  describe('of which the fleet says nothing any more', () => {
    afterEach(() => {
      vi.useRealTimers();
    });

    /** A share that was granted two slots, and has no answer to its next claim. */
    async function granted() {
      const told: number[] = [];
      const silent = new Promise<never>(() => {});
      const first = new Latch();
      const grants = [aGrant(2)];
      const share = new HostShare({
        claimant: CLAIMANT,
        slots: 4,
        using: () => 0,
        onChange: ({ slots }) => {
          told.push(slots);
          first.open();
        },
        logger: SILENT,
        fleet: { claim: async () => grants.shift() ?? silent, giveUp: async () => {} },
      });
      share.start();
      await first.opened;
      share.want(4);
      return { share, told, [Symbol.asyncDispose]: () => share.close() };
    }

    it('lapses as long after the claim as the fleet keeps it', async () => {
      vi.useFakeTimers({ toFake: ['performance', 'setTimeout', 'clearTimeout'] });
      await using on = await granted();
      vi.advanceTimersByTime(GRANT_TTL_MS - 1);
      expect(on.share.allowed.slots).toBe(2);
      vi.advanceTimersByTime(1);
      expect(on.share.allowed.slots).toBe(0);
      expect(on.told).toEqual([2, 0]);
    });

    it('has lapsed in a process that was frozen, before any timer tells it', async () => {
      vi.useFakeTimers({ toFake: ['performance'] });
      await using on = await granted();
      vi.advanceTimersByTime(GRANT_TTL_MS);
      expect(on.share.allowed.slots).toBe(0);
      expect(on.told).toEqual([2]);
    });
  });

  it('is given back where its lane has no use for the host, but for what is open there, and claimed again', async () => {
    const said: string[] = [];
    let open = 2;
    const share = new HostShare({
      claimant: CLAIMANT,
      slots: 4,
      using: () => open,
      onChange: () => {},
      logger: SILENT,
      fleet: {
        claim: async ({ using, wants }) => {
          said.push(`using ${using} wants ${wants}`);
          return aGrant(wants);
        },
        giveUp: async () => void said.push('gave up'),
      },
    });
    share.start();
    await expect.poll(() => said.at(-1)).toBe('using 2 wants 1');
    share.rest();
    await expect.poll(() => said.at(-1)).toBe('using 2 wants 0');
    open = 0;
    await expect.poll(() => said.at(-1)).toBe('gave up');
    expect(share.allowed.slots).toBe(0);
    share.start();
    await expect.poll(() => said.at(-1)).toBe('using 0 wants 1');
    await share.close();
    expect(said.slice(-2)).toEqual(['using 0 wants 1', 'gave up']);
  });

  it('is none where the fleet cannot be asked', async () => {
    let asked = 0;
    const share = new HostShare({
      claimant: CLAIMANT,
      slots: null,
      using: () => 0,
      onChange: () => {},
      logger: SILENT,
      fleet: {
        claim: () => {
          asked += 1;
          return Promise.reject(new Error('Redis is away'));
        },
        giveUp: async () => {},
      },
    });
    share.start();
    await expect.poll(() => asked).toBeGreaterThan(0);
    expect(share.allowed.slots).toBe(0);
    await share.close();
  });
});
