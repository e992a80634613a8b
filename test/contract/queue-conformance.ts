import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it, vi } from 'vitest';
import type { Delivered, JobContext, LaneHandler, Queue } from '../../jobs/queue.js';
import { outstanding } from '../../jobs/queue.js';
import {
  type Carry,
  FRESH_CARRY,
  JOB_VERSION,
  type Outcome,
  type VisionJob,
  visionJob,
} from '../../jobs/vision-job.js';
import { fingerprint } from '../../src/core/fingerprint.js';
import { anAsk, anItem, aRecord } from '../support/builders.js';

/** A queue under test, with what the suite needs of its adapter. */
export interface QueueFixture extends AsyncDisposable {
  readonly queue: Queue;
  /** Puts a payload in that no `add` of this build would write. */
  plant(payload: unknown): Promise<void>;
}

/** Opens a queue of a run of its own. Hand-backs wait 50 ms, doubling to 400 ms. */
export type OpenQueue = () => Promise<QueueFixture>;

const RUN = 'run1';
const ASK = fingerprint(anAsk());

export function aJob(key: string): VisionJob {
  return visionJob(RUN, ASK, anItem({ key, sources: [{ root: 'scans', path: key }] }));
}

export function jobs(count: number, from = 0): VisionJob[] {
  return Array.from({ length: count }, (_, index) => aJob(`${String(from + index).padStart(6, '0')}.png`));
}

export function done(job: VisionJob): Outcome {
  return {
    record: aRecord({ id: job.key }),
    attempts: [{ host: 'h', code: null, message: null, ms: 1, change: null }],
  };
}

/** A handler that is done with every job, changed where a test cares. */
export function aHandler(changes: Partial<LaneHandler> = {}): LaneHandler {
  return { name: 'lane', slots: 1, handle: async (job) => done(job), refused: () => {}, ...changes };
}

/** A handler whose jobs end when the test says so. */
export function aGate(slots: number) {
  const waiting = new Map<string, (outcome: Outcome) => void>();
  const seen: string[] = [];
  let most = 0;
  const handler = aHandler({
    slots,
    handle: (job, context) => {
      seen.push(job.key);
      return new Promise((resolve) => {
        waiting.set(job.key, resolve);
        most = Math.max(most, waiting.size);
        context.signal.addEventListener('abort', () => end(job.key, handedBack()));
      });
    },
  });
  const end = (key: string, outcome = done(aJob(key))) => {
    waiting.get(key)?.(outcome);
    waiting.delete(key);
  };
  return {
    handler,
    /** Keys in the order in which they were handed over. */
    seen,
    /** The most that were in hand at once since the last look. */
    mostInHand: () => {
      const high = most;
      most = waiting.size;
      return high;
    },
    inHand: () => waiting.size,
    endOne: () => end([...waiting.keys()][0] ?? ''),
    endAll: () => {
      for (const key of [...waiting.keys()]) end(key);
    },
  };
}

function handedBack(carry: Carry = FRESH_CARRY): Outcome {
  return { handBack: { reason: 'HOST_BUSY' }, carry };
}

/** Reads and acknowledges until so many deliveries came. */
export async function collect(queue: Queue, count: number): Promise<Delivered[]> {
  const stop = new AbortController();
  const all: Delivered[] = [];
  for await (const { batch, ack } of queue.records(stop.signal)) {
    all.push(...batch);
    await ack();
    if (all.length >= count) break;
  }
  return all;
}

export function keysOf(delivered: readonly Delivered[]): string[] {
  return delivered.map((each) => ('record' in each ? each.record.id : each.job.key));
}

const soon = { timeout: 10_000, interval: 5 };

/** The promises of the queue port, which every adapter keeps. */
export function queueConformance(name: string, open: OpenQueue): void {
  describe(`the ${name} queue`, () => {
    order(open);
    slots(open);
    pausing(open);
    handBacks(open);
    records(open);
    adding(open);
    closing(open);
    removing(open);
    refusing(open);
  });
}

function order(open: OpenQueue): void {
  it('serves jobs in the order in which they were added', async () => {
    await using fixture = await open();
    const seen: string[] = [];
    await fixture.queue.add(jobs(50));
    const handle = async (job: VisionJob) => {
      seen.push(job.key);
      return done(job);
    };
    const lane = fixture.queue.serve(aHandler({ handle }));
    await collect(fixture.queue, 50);
    await lane.close();
    expect(seen).toEqual(jobs(50).map((job) => job.key));
  });

  it('tells a handler how long its job waited', async () => {
    await using fixture = await open();
    const waits: number[] = [];
    await fixture.queue.add(jobs(1));
    await sleep(300);
    const handle = async (job: VisionJob, context: JobContext) => {
      waits.push(context.queuedMs ?? Number.NaN);
      return waits.length === 1 ? handedBack() : done(job);
    };
    const lane = fixture.queue.serve(aHandler({ handle }));
    await collect(fixture.queue, 1);
    await lane.close();
    expect(waits[0]).toBeGreaterThanOrEqual(295);
    expect(waits[1]).toBeGreaterThanOrEqual(45);
    expect(waits[1]).toBeLessThan(waits[0] ?? 0);
  });

  it('tells it rightly though the clock of who added the job is hours behind', async () => {
    await using fixture = await open();
    const waits: (number | null)[] = [];
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() - 7_200_000 });
    await fixture.queue.add(jobs(1)).finally(() => vi.useRealTimers());
    const handle = async (job: VisionJob, { queuedMs }: JobContext) => {
      waits.push(queuedMs);
      return done(job);
    };
    const lane = fixture.queue.serve(aHandler({ handle }));
    await collect(fixture.queue, 1);
    await lane.close();
    expect(waits).toEqual([expect.closeTo(0, -5)]);
  });
}

function slots(open: OpenQueue): void {
  it('fills its slots and never more, and follows when they are set anew', async () => {
    await using fixture = await open();
    const gate = aGate(2);
    await fixture.queue.add(jobs(40));
    const lane = fixture.queue.serve(gate.handler);
    await vi.waitFor(() => expect(gate.inHand()).toBe(2), soon);

    lane.setSlots(5);
    await vi.waitFor(() => expect(gate.inHand()).toBe(5), soon);

    lane.setSlots(1);
    for (let left = 4; left >= 1; left -= 1) {
      gate.endOne();
      await vi.waitFor(async () => expect((await fixture.queue.counts()).active).toBe(left), soon);
      expect(gate.inHand()).toBe(left);
    }
    gate.mostInHand();
    for (let ended = 0; ended < 5; ended += 1) {
      const before = gate.seen.length;
      gate.endOne();
      await vi.waitFor(() => expect(gate.seen.length).toBe(before + 1), soon);
    }
    expect(gate.mostInHand()).toBe(1);
    expect((await fixture.queue.counts()).active).toBe(1);
    await lane.close({ abort: true });
  });

  it('spreads few jobs over all lanes', async () => {
    await using fixture = await open();
    const gates = [aGate(4), aGate(4), aGate(4), aGate(4)];
    const lanes = gates.map((gate) => fixture.queue.serve(gate.handler));
    await fixture.queue.add(jobs(16));
    await vi.waitFor(() => expect(gates.map((gate) => gate.inHand())).toEqual([4, 4, 4, 4]), soon);
    await Promise.all(lanes.map((lane) => lane.close({ abort: true })));
  });
}

function pausing(open: OpenQueue): void {
  it('takes nothing while it is paused, lets jobs in hand end, and goes on when resumed', async () => {
    await using fixture = await open();
    const gate = aGate(2);
    await fixture.queue.add(jobs(6));
    const lane = fixture.queue.serve(gate.handler);
    await vi.waitFor(() => expect(gate.inHand()).toBe(2), soon);

    await lane.pause();
    gate.endAll();
    await vi.waitFor(async () => expect((await fixture.queue.counts()).completed).toBe(2), soon);
    await fixture.queue.add(jobs(1, 100));
    await sleep(200);
    expect(gate.seen).toHaveLength(2);

    await lane.resume();
    await vi.waitFor(() => expect(gate.inHand()).toBe(2), soon);
    await lane.close({ abort: true });
  });

  it('hands a job to no handler of a lane that was idle when it was paused', async () => {
    await using fixture = await open();
    const gate = aGate(2);
    const lane = fixture.queue.serve(gate.handler);
    await fixture.queue.add(jobs(1));
    await vi.waitFor(() => expect(gate.inHand()).toBe(1), soon);
    gate.endAll();
    await vi.waitFor(async () => expect((await fixture.queue.counts()).completed).toBe(1), soon);
    await sleep(200); // time to settle into waiting for a job

    await lane.pause();
    await fixture.queue.add(jobs(10, 10));
    await vi.waitFor(async () => expect(await fixture.queue.counts()).toMatchObject({ waiting: 10, active: 0 }), soon);
    expect(gate.seen).toHaveLength(1);
    await lane.resume();
    await vi.waitFor(() => expect(gate.inHand()).toBe(2), soon);
    await lane.close({ abort: true });
  });
}

function handBacks(open: OpenQueue): void {
  it('brings a handed-back job again later, without spinning, and keeps what it carries', async () => {
    await using fixture = await open();
    const carries: (Carry | undefined)[] = [];
    const times: number[] = [];
    const handle = async (job: VisionJob): Promise<Outcome> => {
      carries.push(job.carry);
      times.push(performance.now());
      const handBacks = (job.carry?.handBacks ?? 0) + 1;
      return handBacks > 3 ? done(job) : handedBack({ ...FRESH_CARRY, handBacks, avoidHosts: [`host${handBacks}`] });
    };
    await fixture.queue.add(jobs(1));
    const lane = fixture.queue.serve(aHandler({ handle, slots: 2 }));
    const delivered = await collect(fixture.queue, 1);
    await lane.close();

    expect(carries.map((carry) => carry?.avoidHosts)).toEqual([undefined, ['host1'], ['host2'], ['host3']]);
    const gaps = times.slice(1).map((at, index) => at - (times[index] ?? 0));
    for (const [index, least] of [50, 100, 200].entries()) expect(gaps[index]).toBeGreaterThanOrEqual(least - 5);
    expect(delivered).toMatchObject([{ record: { id: '000000.png' }, lane: 'lane' }]);
    expect(outstanding(await fixture.queue.counts())).toBe(0);
  });

  it('comes to every lane in time, however often one of them hands it back', async () => {
    await using fixture = await open();
    const handle: LaneHandler['handle'] = async () => handedBack({ ...FRESH_CARRY, handBacks: 1 });
    const unwilling = fixture.queue.serve(aHandler({ name: 'unwilling', slots: 3, handle }));
    const willing = fixture.queue.serve(aHandler({ name: 'willing', slots: 3 }));
    await fixture.queue.add([aJob('a.png')]);
    const records = await collect(fixture.queue, 1);
    expect(records.map((delivered) => 'lane' in delivered && delivered.lane)).toEqual(['willing']);
    await Promise.all([unwilling.close(), willing.close()]);
  });

  it('brings jobs that each avoid another lane to the one that serves them', async () => {
    await using fixture = await open();
    const avoiding = (avoided: string): LaneHandler['handle'] => {
      return async (job) => (job.key === avoided ? handedBack({ ...FRESH_CARRY, handBacks: 1 }) : done(job));
    };
    await fixture.queue.add([aJob('a.png'), aJob('b.png')]);
    const lanes = ['a.png', 'b.png'].map((key) =>
      fixture.queue.serve(aHandler({ name: `not ${key}`, handle: avoiding(key) })),
    );
    const records = await collect(fixture.queue, 2);
    const served = records.map((delivered) => 'lane' in delivered && [delivered.record.id, delivered.lane]);
    expect(served.sort()).toEqual([
      ['a.png', 'not b.png'],
      ['b.png', 'not a.png'],
    ]);
    await Promise.all(lanes.map((lane) => lane.close()));
  });

  it('serves other jobs while one that was handed back waits', async () => {
    await using fixture = await open();
    const seen: string[] = [];
    const handle = async (job: VisionJob): Promise<Outcome> => {
      seen.push(job.key);
      return job.carry === undefined
        ? { handBack: { reason: 'HOST_BUSY', delayMs: 300 }, carry: FRESH_CARRY }
        : done(job);
    };
    await fixture.queue.add(jobs(3));
    const lane = fixture.queue.serve(aHandler({ handle }));
    await vi.waitFor(async () => expect((await fixture.queue.counts()).delayed).toBe(3), soon);
    expect(seen).toHaveLength(3);
    await collect(fixture.queue, 3);
    await lane.close();
    expect(seen).toHaveLength(6);
  });

  it.each([
    ['leave', { leave: { code: 'MODEL_MISSING', message: 'no model' } }],
    ['stop', { stop: { code: 'ASK_REFUSED', message: 'no' } }],
  ] as const)('puts a job back as it was on a %s, and the lane takes no other', async (_name, outcome) => {
    await using fixture = await open();
    let handled = 0;
    const handle = async (): Promise<Outcome> => {
      handled += 1;
      return outcome;
    };
    await fixture.queue.add(jobs(3));
    const lane = fixture.queue.serve(aHandler({ handle }));
    const untouched = { waiting: 3, active: 0, delayed: 0, completed: 0, failed: 0 };
    await vi.waitFor(() => expect(handled).toBe(1), soon);
    await vi.waitFor(async () => expect(await fixture.queue.counts()).toEqual(untouched), soon);
    await sleep(200);
    expect(handled).toBe(1);
    await lane.close();

    const other = fixture.queue.serve(aHandler());
    expect(keysOf(await collect(fixture.queue, 3)).sort()).toEqual(jobs(3).map((job) => job.key));
    await other.close();
  });
}

function records(open: OpenQueue): void {
  it('delivers records again until they are acknowledged', async () => {
    await using fixture = await open();
    await fixture.queue.add(jobs(3));
    const lane = fixture.queue.serve(aHandler());
    await vi.waitFor(async () => expect((await fixture.queue.counts()).completed).toBe(3), soon);
    await lane.close();

    for (let reader = 0; reader < 2; reader += 1) {
      for await (const { batch } of fixture.queue.records(new AbortController().signal)) {
        expect(keysOf(batch).sort()).toEqual(jobs(3).map((job) => job.key));
        break;
      }
    }
    await collect(fixture.queue, 3);
    expect(outstanding(await fixture.queue.counts())).toBe(0);
  });

  it('ends when its signal fires', async () => {
    await using fixture = await open();
    const stop = new AbortController();
    const reading = (async () => {
      for await (const _delivery of fixture.queue.records(stop.signal)) throw new Error('Expected nothing');
      return 'ended';
    })();
    await sleep(50);
    stop.abort();
    expect(await reading).toBe('ended');
  });

  it('delivers batches of at most 500', async () => {
    await using fixture = await open();
    await fixture.queue.add(jobs(500));
    await fixture.queue.add(jobs(101, 500));
    const lane = fixture.queue.serve(aHandler({ slots: 20 }));
    await vi.waitFor(async () => expect((await fixture.queue.counts()).completed).toBe(601), soon);
    const sizes: number[] = [];
    for await (const { batch, ack } of fixture.queue.records(new AbortController().signal)) {
      sizes.push(batch.length);
      await ack();
      if (sizes.length === 2) break;
    }
    expect(sizes).toEqual([500, 101]);
    await lane.close();
  });

  it('delivers a job whose handler threw as an accident', async () => {
    await using fixture = await open();
    const handle = () => Promise.reject(new Error('a bug'));
    await fixture.queue.add(jobs(1));
    const lane = fixture.queue.serve(aHandler({ handle }));
    const delivered = await collect(fixture.queue, 1);
    expect(delivered).toMatchObject([
      { accident: { code: 'UNEXPECTED', message: 'a bug' }, job: { key: '000000.png' } },
    ]);
    await lane.close();
  });
}

function adding(open: OpenQueue): void {
  it('ignores a job that waits, is in hand, or is completed', async () => {
    await using fixture = await open();
    const gate = aGate(1);
    await fixture.queue.add(jobs(2));
    await fixture.queue.add(jobs(2));
    expect((await fixture.queue.counts()).waiting).toBe(2);

    const lane = fixture.queue.serve(gate.handler);
    await vi.waitFor(() => expect(gate.inHand()).toBe(1), soon);
    await fixture.queue.add(jobs(2));
    expect(await fixture.queue.counts()).toMatchObject({ waiting: 1, active: 1 });

    gate.endAll();
    await vi.waitFor(() => expect(gate.seen).toHaveLength(2), soon);
    gate.endAll();
    await vi.waitFor(async () => expect((await fixture.queue.counts()).completed).toBe(2), soon);
    await fixture.queue.add(jobs(2));
    expect(await fixture.queue.counts()).toMatchObject({ waiting: 0, completed: 2 });

    expect(await collect(fixture.queue, 2)).toHaveLength(2);
    await fixture.queue.add(jobs(2));
    await vi.waitFor(() => expect(gate.seen).toHaveLength(3), soon);
    await lane.close({ abort: true });
  });

  it('replaces what it knows of a job, and leaves one in hand alone', async () => {
    await using fixture = await open();
    const gate = aGate(1);
    await fixture.queue.add(jobs(3));
    const lane = fixture.queue.serve(gate.handler);
    await vi.waitFor(() => expect(gate.inHand()).toBe(1), soon);
    gate.endAll();
    await vi.waitFor(() => expect(gate.seen).toHaveLength(2), soon);
    const before = { waiting: 1, active: 1, delayed: 0, completed: 1, failed: 0 };
    await vi.waitFor(async () => expect(await fixture.queue.counts()).toEqual(before), soon);

    await fixture.queue.add(jobs(3), { replace: true });
    expect(await fixture.queue.counts()).toEqual({ waiting: 2, active: 1, delayed: 0, completed: 0, failed: 0 });
    await lane.close({ abort: true });
  });
}

function closing(open: OpenQueue): void {
  it('waits on close for what is in hand, and takes nothing more', async () => {
    await using fixture = await open();
    const gate = aGate(3);
    await fixture.queue.add(jobs(10));
    const lane = fixture.queue.serve(gate.handler);
    await vi.waitFor(() => expect(gate.inHand()).toBe(3), soon);
    let closed = false;
    const closing = lane.close().then(() => {
      closed = true;
    });
    await sleep(100);
    expect(closed).toBe(false);
    gate.endAll();
    await closing;
    expect(await fixture.queue.counts()).toMatchObject({ waiting: 7, active: 0, completed: 3 });
  });

  it('loses nothing and doubles nothing when lanes are closed under load, with and without abort', async () => {
    await using fixture = await open();
    const total = 300;
    await fixture.queue.add(jobs(total));
    const handle = async (job: VisionJob, context: JobContext): Promise<Outcome> => {
      const aborted = await sleep(5, false, { signal: context.signal }).catch(() => true);
      return aborted ? handedBack() : done(job);
    };
    const collecting = collect(fixture.queue, total);
    for (let round = 0; round < 6; round += 1) {
      const lane = fixture.queue.serve(aHandler({ handle, slots: 5 }));
      await sleep(40);
      await lane.close({ abort: round % 2 === 0 });
      expect((await fixture.queue.counts()).active).toBe(0);
    }
    const last = fixture.queue.serve(aHandler({ handle, slots: 10 }));
    const keys = keysOf(await collecting);
    await last.close();
    expect(keys.sort()).toEqual(jobs(total).map((job) => job.key));
    expect(outstanding(await fixture.queue.counts())).toBe(0);
  });

  it('fires the signal of what is in hand on abort, and puts it back with what it carries', async () => {
    await using fixture = await open();
    const carry = { ...FRESH_CARRY, avoidHosts: ['a'] };
    let started = 0;
    const handle = (_job: VisionJob, context: JobContext): Promise<Outcome> => {
      started += 1;
      return new Promise((resolve) => {
        context.signal.addEventListener('abort', () => resolve(handedBack(carry)));
      });
    };
    await fixture.queue.add(jobs(2));
    const lane = fixture.queue.serve(aHandler({ handle, slots: 2 }));
    await vi.waitFor(() => expect(started).toBe(2), soon);
    await lane.close({ abort: true });
    expect(await fixture.queue.counts()).toMatchObject({ waiting: 2, active: 0, delayed: 0 });

    const carried: (Carry | undefined)[] = [];
    const next = fixture.queue.serve(
      aHandler({
        handle: async (job) => {
          carried.push(job.carry);
          return done(job);
        },
      }),
    );
    await collect(fixture.queue, 2);
    await next.close();
    expect(carried).toEqual([carry, carry]);
  });
}

function removing(open: OpenQueue): void {
  it('withdraws what waits and is delayed, and leaves what is in hand or not yet collected', async () => {
    await using fixture = await open();
    const gate = aGate(1);
    let first = true;
    const handle = async (job: VisionJob, context: JobContext): Promise<Outcome> => {
      if (job.key === '000000.png') return done(job);
      if (!first) return gate.handler.handle(job, context);
      first = false;
      return { handBack: { reason: 'HOST_BUSY', delayMs: 60_000 }, carry: FRESH_CARRY };
    };
    await fixture.queue.add(jobs(1_500));
    const lane = fixture.queue.serve(aHandler({ handle }));
    await vi.waitFor(() => expect(gate.inHand()).toBe(1), soon);
    const before = { waiting: 1_497, active: 1, delayed: 1, completed: 1, failed: 0 };
    await vi.waitFor(async () => expect(await fixture.queue.counts()).toEqual(before), soon);

    await fixture.queue.withdraw();
    expect(await fixture.queue.counts()).toEqual({ waiting: 0, active: 1, delayed: 0, completed: 1, failed: 0 });
    gate.endAll();
    expect(await collect(fixture.queue, 2)).toHaveLength(2);
    await lane.close();
  });

  it('purges everything, and can be used again', async () => {
    await using fixture = await open();
    await fixture.queue.add(jobs(50));
    const lane = fixture.queue.serve(aHandler());
    await vi.waitFor(async () => expect((await fixture.queue.counts()).completed).toBe(50), soon);
    await lane.close();
    await fixture.queue.add(jobs(50, 50));
    await fixture.queue.purge();
    expect(outstanding(await fixture.queue.counts())).toBe(0);

    await fixture.queue.add(jobs(50));
    const again = fixture.queue.serve(aHandler());
    expect(await collect(fixture.queue, 50)).toHaveLength(50);
    await again.close();
  });
}

function refusing(open: OpenQueue): void {
  it('refuses a payload of another version: it goes back, and its lane is told once that it must leave', async () => {
    await using fixture = await open();
    const refusals: string[] = [];
    const gate = aGate(2);
    const refused = (message: string) => void refusals.push(message);
    const lane = fixture.queue.serve({ ...gate.handler, refused });
    await fixture.plant({ ...aJob('a.png'), v: JOB_VERSION + 1 });
    await fixture.plant({ ...aJob('b.png'), v: JOB_VERSION + 1 });
    await vi.waitFor(() => expect(refusals).toHaveLength(1), soon);
    await vi.waitFor(async () => expect(await fixture.queue.counts()).toMatchObject({ waiting: 2, active: 0 }), soon);
    await sleep(200);
    expect(refusals).toEqual([`Expected a job of version ${JOB_VERSION}, got ${JOB_VERSION + 1}`]);
    expect(gate.seen).toEqual([]);
    await lane.close();
  });

  it('drops a payload of another shape, so that the reconcile can add the item again', async () => {
    await using fixture = await open();
    const gate = aGate(2);
    await fixture.plant({ ...aJob('a.png'), sources: 'nothing' });
    const lane = fixture.queue.serve(gate.handler);
    const stop = new AbortController();
    const reading = (async () => {
      for await (const delivery of fixture.queue.records(stop.signal)) return delivery;
      return null;
    })();
    await vi.waitFor(async () => expect(outstanding(await fixture.queue.counts())).toBe(0), soon);
    stop.abort();
    expect(await reading).toBeNull();

    await fixture.queue.add([aJob('a.png')]);
    await vi.waitFor(() => expect(gate.seen).toEqual(['a.png']), soon);
    await lane.close({ abort: true });
  });
}
