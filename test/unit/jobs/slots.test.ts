import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { REWRITE_MS } from '../../../jobs/fleet.js';
import { grantSlots, type SlotEntry } from '../../../jobs/slots.js';

/** A lane as it may behave: it opens what it may as soon as it hears so, which is long after it was granted. */
interface Holder {
  readonly name: string;
  readonly run: number;
  readonly priority: number;
  had: number;
  /** The answer that is on its way. */
  coming: number;
  using: number;
  work: number;
  claimedMs: number;
  /** Its next request is to be alone at the host: until then it opens none. */
  hasSuspect: boolean;
  /** By its last answer. */
  isAlone: boolean;
}

const HOST_SLOTS = 4;
const MODELS = ['one', 'two', 'three'];

class Host {
  readonly holders: Holder[];
  readonly slots: number;
  /** The most that were to be seen at any time. */
  readonly most = { open: 0, models: 0, besideOneAlone: 0 };
  /** Models as they were served, each once in a row. */
  readonly served: string[] = [];
  #table: readonly SlotEntry[] = [];
  #nowMs = 1;

  constructor(holders: readonly Holder[], slots: number) {
    this.holders = holders.map((holder) => ({ ...holder }));
    this.slots = slots;
  }

  claim(holder: Holder): void {
    this.#hear(holder);
    const { had, hasSuspect, name, priority, run, using, work } = holder;
    const model = modelOf(holder);
    const claim = { host: 'http://gpu1', holder: name, runId: `run${run}`, startedMs: run, priority, model };
    const { grant, table } = grantSlots(
      this.#table,
      { ...claim, slots: this.slots, using, wants: work, alone: hasSuspect },
      { had, nowMs: this.#nowMs },
    );
    this.#table = table;
    holder.coming = grant.slots;
    holder.isAlone = grant.alone;
    holder.claimedMs = this.#nowMs;
    this.most.open = Math.max(this.most.open, this.#open());
    this.most.models = Math.max(this.most.models, this.#models().size);
    this.most.besideOneAlone = Math.max(this.most.besideOneAlone, this.#besideOneAlone());
  }

  #hear(holder: Holder): void {
    holder.had = holder.coming;
    const may = holder.hasSuspect && !holder.isAlone ? 0 : Math.min(holder.had, holder.work);
    holder.using = Math.max(holder.using, may);
    const model = modelOf(holder);
    if (holder.using > 0 && this.served.at(-1) !== model) this.served.push(model);
  }

  /** So many requests of a holder are answered. */
  answer(holder: Holder, requests: number): void {
    const answered = Math.min(requests, holder.using);
    holder.using -= answered;
    holder.work -= answered;
    if (answered > 0 && holder.isAlone) holder.hasSuspect = false;
  }

  /** Time passes; nobody's grant lapses. */
  pass(ms: number): void {
    this.#nowMs += ms;
    for (const holder of this.holders) if (this.#nowMs - holder.claimedMs > REWRITE_MS) this.claim(holder);
  }

  /** Requests that may be open at once, by what every holder knows or is about to hear. */
  #open(): number {
    return this.holders.reduce((sum, { coming, had, using }) => sum + Math.max(coming, had, using), 0);
  }

  /** The same of others while one is alone. */
  #besideOneAlone(): number {
    const single = this.holders.find(({ hasSuspect, isAlone }) => hasSuspect && isAlone);
    return this.holders
      .filter((holder) => single !== undefined && holder !== single)
      .reduce((sum, { coming, had, using }) => sum + coming + had + using, 0);
  }

  #models(): ReadonlySet<string> {
    return new Set(this.holders.filter(({ coming, had, using }) => coming + had + using > 0).map(modelOf));
  }
}

function modelOf({ run }: Holder): string {
  return MODELS[run] ?? '';
}

/** Up to six lanes of up to three runs; run by run of one priority. */
function holders(priority: fc.Arbitrary<number>): fc.Arbitrary<readonly Holder[]> {
  const lane = fc.record({
    run: fc.nat(MODELS.length - 1),
    work: fc.integer({ min: 1, max: 12 }),
    hasSuspect: fc.boolean(),
  });
  return fc
    .tuple(fc.array(lane, { minLength: 1, maxLength: 6 }), fc.array(priority, { minLength: 3, maxLength: 3 }))
    .map(([lanes, priorities]) =>
      lanes.map(({ hasSuspect, run, work }, at) => ({
        name: `lane${at}`,
        run,
        priority: priorities[run] ?? 0,
        had: 0,
        coming: 0,
        using: 0,
        work,
        claimedMs: 0,
        hasSuspect,
        isAlone: false,
      })),
    );
}

const ANY_PRIORITY = fc.integer({ min: -2, max: 2 });

describe('slots of a host', () => {
  it('are never exceeded, and never shared by two models, in whatever order holders claim and requests end', () => {
    const turn = fc.record({
      at: fc.nat(5),
      answered: fc.nat(HOST_SLOTS),
      more: fc.nat(3),
      ms: fc.nat(4_000),
      suspect: fc.boolean(),
    });
    fc.assert(
      fc.property(holders(ANY_PRIORITY), fc.array(turn, { minLength: 10, maxLength: 80 }), (lanes, turns) => {
        const host = new Host(lanes, HOST_SLOTS);
        for (const { answered, at, more, ms, suspect } of turns) {
          const holder = host.holders[at % host.holders.length];
          if (holder === undefined) continue;
          host.answer(holder, answered);
          holder.work += more;
          holder.hasSuspect ||= suspect && holder.work > 0;
          host.claim(holder);
          host.pass(ms);
        }
        expect(host.most.open).toBeLessThanOrEqual(HOST_SLOTS);
        expect(host.most.models).toBeLessThanOrEqual(1);
        expect(host.most.besideOneAlone).toBe(0);
      }),
      { numRuns: 80 },
    );
  });

  it('are had by every holder in the end', () => {
    fc.assert(
      fc.property(holders(ANY_PRIORITY), fc.integer({ min: 1, max: HOST_SLOTS }), (lanes, slots) => {
        const host = new Host(lanes, slots);
        workOff(host);
        expect(host.holders.filter(({ work }) => work > 0)).toEqual([]);
      }),
      { numRuns: 40 },
    );
  });

  it('change their model once a run, where no run has a higher priority than another', () => {
    fc.assert(
      fc.property(holders(fc.constant(0)), (lanes) => {
        const host = new Host(lanes, 2);
        workOff(host);
        expect(host.served).toHaveLength(new Set(lanes.map(({ run }) => run)).size);
      }),
      { numRuns: 40 },
    );
  });
});

/** Every holder claims, and one request of each is answered, round by round. */
function workOff(host: Host): void {
  for (let round = 0; round < 1_000 && host.holders.some(({ work }) => work > 0); round += 1) {
    for (const holder of host.holders) {
      host.answer(holder, 1);
      host.claim(holder);
    }
    host.pass(5_000);
  }
}
