import { describe, expect, it } from 'vitest';
import { GRANT_TTL_MS, type SlotClaim, TURN_MS } from '../../jobs/fleet.js';
import { aGrant } from '../support/builders.js';
import type { FleetFixture, OpenFleet } from './fleet-conformance.js';

const HOST = 'http://gpu1:11434';

/** A claim on four slots by `holder`, which wants all of them. */
export function aClaim(holder: string, changes: Partial<SlotClaim> = {}): SlotClaim {
  return {
    host: HOST,
    holder,
    runId: 'run1',
    startedMs: 1_000,
    priority: 0,
    model: 'tiny',
    slots: 4,
    using: 0,
    wants: 4,
    alone: false,
    ...changes,
  };
}

/** The promises of claims on slots, which every adapter keeps. */
export function slotsConformance(name: string, open: OpenFleet): void {
  describe(`slots of a host in the ${name} fleet`, () => {
    shares(open);
    ends(open);
    models(open);
    turns(open);
    singles(open);
  });
}

/** Claims until a grant stays the same, as a holder does that closes requests at once where it has too many. */
async function settle({ fleet }: FleetFixture, claims: readonly SlotClaim[]): Promise<readonly number[]> {
  const using = claims.map((claim) => claim.using);
  for (let round = 0; round < 4; round += 1) {
    for (const [at, claim] of claims.entries()) {
      const { slots } = await fleet.claim({ ...claim, using: using[at] ?? 0 });
      using[at] = Math.min(slots, claim.wants);
    }
  }
  return using;
}

function shares(open: OpenFleet): void {
  it('gives one holder what it wants, and no more than the host has', async () => {
    await using fixture = await open();
    const { fleet } = fixture;
    expect(await fleet.claim(aClaim('a', { wants: 3 }))).toEqual(aGrant(3));
    expect(await fleet.claim(aClaim('a', { using: 3, wants: 9 }))).toMatchObject({ slots: 4 });
    expect(await fleet.claim(aClaim('b', { host: 'http://gpu2:11434' }))).toMatchObject({ slots: 4, shared: false });
  });

  it('lowers a grant in two steps: what it frees is another’s when its holder has said that it knows', async () => {
    await using fixture = await open();
    const { fleet } = fixture;
    await fleet.claim(aClaim('a'));
    expect(await fleet.claim(aClaim('b'))).toEqual(aGrant(0, { shared: true }));
    expect(await fleet.claim(aClaim('a', { using: 1 }))).toEqual(aGrant(2, { shared: true }));
    expect(await fleet.claim(aClaim('b'))).toMatchObject({ slots: 0 });
    expect(await fleet.claim(aClaim('a', { using: 3 }))).toMatchObject({ slots: 2 });
    expect(await fleet.claim(aClaim('b'))).toMatchObject({ slots: 1 });
    expect(await fleet.claim(aClaim('a', { using: 2 }))).toMatchObject({ slots: 2 });
    expect(await fleet.claim(aClaim('b', { using: 1 }))).toMatchObject({ slots: 2 });
  });

  it('shares evenly, and leaves to others what a holder does not want', async () => {
    await using fixture = await open();
    const claims = [aClaim('a', { wants: 1 }), aClaim('b', { wants: 8 }), aClaim('c', { wants: 8 })];
    expect(await settle(fixture, claims)).toEqual([1, 2, 1]);
    expect(await settle(fixture, [aClaim('a', { wants: 0 }), ...claims.slice(1)])).toEqual([0, 2, 2]);
  });

  it('believes the holder that knows of the fewest slots', async () => {
    await using fixture = await open();
    expect(await settle(fixture, [aClaim('a'), aClaim('b', { slots: 2 })])).toEqual([1, 1]);
  });

  it('gives a run of higher priority what it wants before one of the same model', async () => {
    await using fixture = await open();
    const urgent = aClaim('b', { runId: 'run2', startedMs: 2_000, priority: 5, wants: 3 });
    expect(await settle(fixture, [aClaim('a'), urgent])).toEqual([1, 3]);
  });
}

function ends(open: OpenFleet): void {
  it('has the slots of a holder free that gives up', async () => {
    await using fixture = await open();
    const { fleet } = fixture;
    await fleet.claim(aClaim('a'));
    expect(await fleet.claim(aClaim('b'))).toMatchObject({ slots: 0 });
    await fleet.giveUp(HOST, 'a');
    expect(await fleet.claim(aClaim('b'))).toMatchObject({ slots: 4, shared: false });
  });

  it('has the slots of a killed holder free when its grant has lapsed', async () => {
    await using fixture = await open();
    const { fleet } = fixture;
    await fleet.claim(aClaim('a'));
    await fixture.pass(GRANT_TTL_MS - 2_000);
    expect(await fleet.claim(aClaim('b'))).toMatchObject({ slots: 0 });
    await fixture.pass(2_000);
    expect(await fleet.claim(aClaim('b'))).toMatchObject({ slots: 4 });
  });

  it('counts what a frozen holder comes back with, and gives it nothing until others make room', async () => {
    await using fixture = await open();
    const { fleet } = fixture;
    await fleet.claim(aClaim('a'));
    await fixture.pass(GRANT_TTL_MS);
    expect(await fleet.claim(aClaim('b'))).toMatchObject({ slots: 4 });
    expect(await fleet.claim(aClaim('a', { using: 4 }))).toMatchObject({ slots: 0 });
    expect(await fleet.claim(aClaim('b', { using: 1 }))).toMatchObject({ slots: 0 });
    expect(await fleet.claim(aClaim('a', { using: 1, wants: 1 }))).toMatchObject({ slots: 0 });
    expect(await fleet.claim(aClaim('b', { using: 1 }))).toMatchObject({ slots: 3 });
    expect(await fleet.claim(aClaim('a', { using: 1, wants: 1 }))).toMatchObject({ slots: 1 });
  });
}

const OTHER = { runId: 'run2', startedMs: 2_000, model: 'other' } as const;

function models(open: OpenFleet): void {
  it('serves one model at a time, to the end of what is wanted and used', async () => {
    await using fixture = await open();
    const { fleet } = fixture;
    const waits = aGrant(0, { shared: true, waitsFor: 'tiny of run run1' });
    expect(await fleet.claim(aClaim('a', { wants: 1 }))).toMatchObject({ slots: 1 });
    expect(await fleet.claim(aClaim('b', OTHER))).toEqual(waits);
    await fleet.claim(aClaim('a', { using: 1, wants: 0 }));
    expect(await fleet.claim(aClaim('b', OTHER))).toEqual(waits);
    await fleet.claim(aClaim('a', { wants: 0 }));
    expect(await fleet.claim(aClaim('b', OTHER))).toEqual(aGrant(4, { shared: true }));
    expect(await fleet.claim(aClaim('a'))).toEqual(aGrant(0, { shared: true, waitsFor: 'other of run run2' }));
  });

  it('serves next the model of the highest priority, then that of the oldest run', async () => {
    await using fixture = await open();
    const { fleet } = fixture;
    const oldest = aClaim('o', { runId: 'run0', startedMs: 500, model: 'old' });
    const urgent = aClaim('u', { runId: 'run3', startedMs: 3_000, model: 'urgent', priority: 1 });
    const waiting = aClaim('b', OTHER);
    await fleet.claim(aClaim('a'));
    for (const claim of [waiting, oldest, urgent]) {
      expect(await fleet.claim(claim)).toMatchObject({ slots: 0, waitsFor: 'tiny of run run1' });
    }
    await fleet.giveUp(HOST, 'a');
    expect(await fleet.claim(waiting)).toMatchObject({ slots: 0, waitsFor: 'urgent of run run3' });
    expect(await fleet.claim(urgent)).toMatchObject({ slots: 4 });
    await fleet.giveUp(HOST, 'u');
    expect(await fleet.claim(waiting)).toMatchObject({ slots: 0, waitsFor: 'old of run run0' });
    expect(await fleet.claim(oldest)).toMatchObject({ slots: 4 });
  });

  it('is not taken from a model by a run of equal priority, be it older', async () => {
    await using fixture = await open();
    const { fleet } = fixture;
    await fleet.claim(aClaim('b', OTHER));
    expect(await fleet.claim(aClaim('a'))).toMatchObject({ slots: 0, waitsFor: 'other of run run2' });
    expect(await fleet.claim(aClaim('b', { ...OTHER, using: 4 }))).toMatchObject({ slots: 4 });
  });

  it('is drained of a model by a run of strictly higher priority', async () => {
    await using fixture = await open();
    const { fleet } = fixture;
    const urgent = aClaim('u', { ...OTHER, priority: 1 });
    await fleet.claim(aClaim('a'));
    expect(await fleet.claim(urgent)).toMatchObject({ slots: 0, waitsFor: 'tiny of run run1' });
    expect(await fleet.claim(aClaim('a', { using: 2 }))).toEqual(
      aGrant(0, { shared: true, waitsFor: 'other of run run2' }),
    );
    await fleet.claim(aClaim('a', { using: 1 }));
    expect(await fleet.claim(urgent)).toMatchObject({ slots: 0 });
    await fleet.claim(aClaim('a'));
    expect(await fleet.claim(urgent)).toMatchObject({ slots: 4 });
    expect(await fleet.claim({ ...urgent, using: 1, wants: 0 })).toMatchObject({ slots: 0 });
    await fleet.claim({ ...urgent, wants: 0 });
    expect(await fleet.claim(aClaim('a'))).toMatchObject({ slots: 4 });
  });

  it('goes on with its model when the run that drained it is gone', async () => {
    await using fixture = await open();
    const { fleet } = fixture;
    await fleet.claim(aClaim('a'));
    await fleet.claim(aClaim('u', { ...OTHER, priority: 1 }));
    expect(await fleet.claim(aClaim('a', { using: 4 }))).toMatchObject({ slots: 0 });
    await fleet.giveUp(HOST, 'u');
    expect(await fleet.claim(aClaim('a', { using: 4 }))).toMatchObject({ slots: 4 });
  });

  it('serves engines that have no model', async () => {
    await using fixture = await open();
    expect(await fixture.fleet.claim(aClaim('a', { model: null }))).toMatchObject({ slots: 4 });
    expect(await fixture.fleet.claim(aClaim('b'))).toMatchObject({ slots: 0, waitsFor: 'run run1' });
  });
}

function turns(open: OpenFleet): void {
  it('lets three holders take turns on one slot, none of them twice before another', async () => {
    await using fixture = await open();
    const names = ['a', 'b', 'c'];
    const claims = names.map((name) => aClaim(name, { slots: 1 }));
    const served: (string | undefined)[] = [];
    for (let turn = 0; turn < 6; turn += 1) {
      const slots = await settle(fixture, claims);
      expect(slots.toSorted()).toEqual([0, 0, 1]);
      served.push(names[slots.indexOf(1)]);
      for (let passedMs = 0; passedMs < TURN_MS; passedMs += 10_000) {
        await fixture.pass(10_000);
        for (const [at, claim] of claims.entries()) await fixture.fleet.claim({ ...claim, using: slots[at] ?? 0 });
      }
    }
    expect(served).toEqual(['a', 'b', 'c', 'a', 'b', 'c']);
  });
}

function singles(open: OpenFleet): void {
  it('lets a holder be alone when nobody else has anything open, nor may open anything, until it is done', async () => {
    await using fixture = await open();
    const { fleet } = fixture;
    const suspect = aClaim('b', { wants: 1, alone: true });
    const held = aGrant(1, { shared: true, alone: true });
    await fleet.claim(aClaim('a'));
    expect(await fleet.claim(suspect)).toMatchObject({ slots: 0, alone: false });
    expect(await fleet.claim(aClaim('a', { using: 4 }))).toMatchObject({ slots: 0 });
    expect(await fleet.claim(aClaim('a', { using: 1 }))).toMatchObject({ slots: 0 });
    expect(await fleet.claim(suspect)).toMatchObject({ slots: 1, alone: false });
    expect(await fleet.claim(aClaim('a'))).toMatchObject({ slots: 0 });
    expect(await fleet.claim(suspect)).toEqual(held);
    expect(await fleet.claim(aClaim('a'))).toMatchObject({ slots: 0 });
    expect(await fleet.claim({ ...suspect, using: 1 })).toEqual(held);
    await fleet.claim(aClaim('b', { wants: 1 }));
    expect(await fleet.claim(aClaim('a'))).toMatchObject({ slots: 3, alone: false });
  });

  it('lets one after another be alone, whoever asked for it first', async () => {
    await using fixture = await open();
    const { fleet } = fixture;
    const [first, second] = ['b', 'a'].map((holder) => aClaim(holder, { wants: 1, alone: true }));
    if (first === undefined || second === undefined) throw new Error('two');
    expect(await fleet.claim(first)).toEqual(aGrant(1, { alone: true }));
    await fixture.pass(1_000);
    expect(await fleet.claim(second)).toMatchObject({ slots: 0, alone: false });
    expect(await fleet.claim({ ...first, using: 1 })).toMatchObject({ slots: 1, alone: true });
    await fleet.giveUp(HOST, 'b');
    expect(await fleet.claim(second)).toEqual(aGrant(1, { alone: true }));
  });

  it('keeps a holder alone to its end while a run of higher priority drains its model, and lets that one go next', async () => {
    await using fixture = await open();
    const { fleet } = fixture;
    const suspect = aClaim('a', { wants: 1, alone: true });
    const urgent = aClaim('u', { ...OTHER, priority: 1 });
    expect(await fleet.claim(suspect)).toMatchObject({ slots: 1, alone: true });
    await fleet.claim(urgent);
    expect(await fleet.claim({ ...suspect, using: 1 })).toMatchObject({ slots: 0, alone: true });
    expect(await fleet.claim(urgent)).toMatchObject({ slots: 0 });
    expect(await fleet.claim(suspect)).toMatchObject({ slots: 0, alone: false });
    expect(await fleet.claim(urgent)).toMatchObject({ slots: 4, alone: false });
    expect(await fleet.claim(suspect)).toMatchObject({ slots: 0, alone: false });
  });
}

/** What an adapter promises whose tables may be lost. */
export function lostSlotsConformance(name: string, open: OpenFleet): void {
  describe(`slots of a host in a ${name} fleet that lost its data`, () => {
    it('gives nobody more than it had, after its table was lost, until every holder has spoken or lapsed', async () => {
      await using fixture = await open();
      const { fleet } = fixture;
      const claims = [aClaim('a', { wants: 3 }), aClaim('b', { wants: 1 })];
      expect(await settle(fixture, claims)).toEqual([3, 1]);
      await fixture.loseSlots?.();
      expect(await fleet.claim(aClaim('b', { using: 1, wants: 4 }))).toMatchObject({ slots: 1 });
      expect(await fleet.claim(aClaim('c'))).toMatchObject({ slots: 0 });
      expect(await fleet.claim(aClaim('a', { using: 3, wants: 3 }))).toMatchObject({ slots: 2 });
      await fixture.pass(GRANT_TTL_MS - 5_000);
      await fleet.claim(aClaim('b', { using: 1, wants: 4 }));
      await fixture.pass(5_000);
      expect(await fleet.claim(aClaim('b', { using: 1, wants: 4 }))).toMatchObject({ slots: 4 });
    });
  });
}
