import { describe, expect, it, vi } from 'vitest';
import { type Fleet, LANE_DEAD_MS, type RunEntry, type WorkerStatus } from '../../jobs/fleet.js';
import { fingerprint } from '../../src/core/fingerprint.js';
import type { LaneStatus } from '../../src/core/telling.js';
import { anAsk } from '../support/builders.js';

export interface FleetFixture extends AsyncDisposable {
  readonly fleet: Fleet;
  /** Makes what a lane wrote look as old as this. */
  age(runId: string, lane: string, ms: number): Promise<void>;
  /** Lets time pass for claims, here and on the server. */
  pass(ms: number): Promise<void>;
  /** Loses what is known of claims, as a Redis does that is flushed; absent where nothing can be lost. */
  loseSlots?(): Promise<void>;
}

export type OpenFleet = () => Promise<FleetFixture>;

const ASK = anAsk();

export function aRun(changes: Partial<RunEntry> = {}): RunEntry {
  return {
    v: 1,
    runId: 'run1',
    ask: fingerprint(ASK),
    engine: 'ollama',
    model: 'tiny',
    digest: null,
    state: 'producing',
    roots: [{ name: 'scans', path: '/data/scans' }],
    limits: {
      numCtx: 8192,
      attempts: 4,
      budgets: { firstTokenMs: 600_000, silenceMs: 60_000, itemMs: 1_200_000, loadMs: 900_000, connectMs: 5_000 },
      wantsConfidence: true,
      verifyShare: 0.1,
      allowMixed: false,
      allowRemote: false,
      recycleAfter: null,
    },
    expelled: ['gpu9@box:2'],
    coordinator: 'box:1',
    priority: 0,
    startedMs: 1_000,
    heartbeatMs: Date.now(),
    ...changes,
  };
}

export function aLane(changes: Partial<LaneStatus> = {}): LaneStatus {
  return {
    lane: 'gpu1@box:1',
    host: 'http://gpu1:11434',
    worker: 'box:1',
    machine: 'box',
    pid: 1,
    version: '0.1.0',
    slots: 4,
    hostSlots: 4,
    busy: 2,
    done: 10,
    failed: 1,
    state: 'serving',
    code: null,
    reason: null,
    atMs: Date.now(),
    ...changes,
  };
}

/** The promises of the fleet port, which every adapter keeps. */
export function fleetConformance(name: string, open: OpenFleet): void {
  describe(`the ${name} fleet`, () => {
    runs(open);
    lanes(open);
    leases(open);
    orders(open);
    workers(open);
  });
}

function runs(open: OpenFleet): void {
  it('tells of runs as they were published, oldest first, and of their asks', async () => {
    await using fixture = await open();
    const { fleet } = fixture;
    const newer = aRun({ runId: 'newer', startedMs: 2_000, model: null });
    await fleet.publish(newer, ASK);
    await fleet.publish(aRun(), ASK);
    const nearly = expect.closeTo(Date.now(), -4);
    expect(await fleet.runs()).toEqual([
      { ...aRun(), heartbeatMs: nearly },
      { ...newer, heartbeatMs: nearly },
    ]);
    expect(await fleet.ask(newer.ask)).toEqual(ASK);
    expect(await fleet.ask('0'.repeat(64))).toBeNull();
  });

  it('tells of runs of higher priority first', async () => {
    await using fixture = await open();
    const { fleet } = fixture;
    for (const [runId, startedMs, priority] of [
      ['old', 1, 0],
      ['low', 2, -1],
      ['high', 3, 5],
      ['new', 4, 0],
    ] as const) {
      await fleet.publish(aRun({ runId, startedMs, priority }), ASK);
    }
    expect((await fleet.runs()).map(({ runId }) => runId)).toEqual(['high', 'old', 'new', 'low']);
  });

  it('tells when a run began by its own clock, and by what was published once it was', async () => {
    await using fixture = await open();
    const { fleet } = fixture;
    expect(await fleet.began('run1', 3_600_000)).toEqual(expect.closeTo(Date.now() - 3_600_000, -4));
    expect(await fleet.began('run1', -3_600_000)).toEqual(expect.closeTo(Date.now(), -4)); // from a clock that was set back
    await fleet.publish(aRun({ startedMs: 7 }), ASK);
    expect(await fleet.began('run1', 3_600_000)).toBe(7);
  });

  it('rewrites a run without unpinning its digest', async () => {
    await using fixture = await open();
    const { fleet } = fixture;
    await fleet.publish(aRun(), ASK);
    expect(await fleet.pinDigest('run1', 'sha256:aaa')).toBe('sha256:aaa');
    expect(await fleet.pinDigest('run1', 'sha256:bbb')).toBe('sha256:aaa');
    await fleet.publish(aRun({ state: 'draining' }), ASK);
    await fleet.publish(aRun({ state: 'draining', digest: 'sha256:ccc' }), ASK);
    expect(await fleet.runs()).toMatchObject([{ state: 'draining', digest: 'sha256:aaa' }]);
  });

  it('pins anew after it was told to forget the digest', async () => {
    await using fixture = await open();
    const { fleet } = fixture;
    await fleet.publish(aRun({ digest: 'sha256:aaa' }), ASK);
    await fleet.unpinDigest('run1');
    expect(await fleet.runs()).toMatchObject([{ digest: null }]);
    expect(await fleet.pinDigest('run1', 'sha256:bbb')).toBe('sha256:bbb');
  });

  it('leaves nothing of a run behind that a late worker pins', async () => {
    await using fixture = await open();
    const { fleet } = fixture;
    await fleet.publish(aRun(), ASK);
    await fleet.remove('run1');
    expect(await fleet.pinDigest('run1', 'sha256:aaa')).toBe('sha256:aaa');
    await fleet.publish(aRun(), ASK);
    expect(await fleet.runs()).toMatchObject([{ digest: null }]);
  });

  it('takes over the digest that a coordinator already knows', async () => {
    await using fixture = await open();
    await fixture.fleet.publish(aRun({ digest: 'sha256:ccc' }), ASK);
    expect(await fixture.fleet.pinDigest('run1', 'sha256:ddd')).toBe('sha256:ccc');
  });

  it('goes on telling of a run that is done, and forgets it with its lanes and digest when it is removed', async () => {
    await using fixture = await open();
    const { fleet } = fixture;
    await fleet.publish(aRun({ state: 'done', digest: 'sha256:aaa' }), ASK);
    await fleet.writeLane('run1', aLane());
    expect(await fleet.runs()).toMatchObject([{ state: 'done' }]);
    await fleet.remove('run1');
    expect(await fleet.runs()).toEqual([]);
    expect(await fleet.lanes('run1')).toEqual([]);
    await fleet.publish(aRun(), ASK);
    expect(await fleet.runs()).toMatchObject([{ digest: null }]);
  });
}

function lanes(open: OpenFleet): void {
  it('tells of the lanes of one run that wrote lately', async () => {
    await using fixture = await open();
    const { fleet } = fixture;
    await fleet.writeLane('run1', aLane({ lane: 'a', code: 'HOST_BUSY', reason: 'busy' }));
    await fleet.writeLane('run1', aLane({ lane: 'b' }));
    await fleet.writeLane('run1', aLane({ lane: 'b', done: 11 }));
    await fleet.writeLane('run1', aLane({ lane: 'c' }));
    await fleet.writeLane('run2', aLane({ lane: 'd' }));
    await fleet.removeLane('run1', 'c');
    await fixture.age('run1', 'a', LANE_DEAD_MS - 2_000);
    expect((await fleet.lanes('run1')).map((lane) => [lane.lane, lane.done, lane.code])).toEqual([
      ['a', 10, 'HOST_BUSY'],
      ['b', 11, null],
    ]);
    await fixture.age('run1', 'a', LANE_DEAD_MS + 1);
    expect((await fleet.lanes('run1')).map((lane) => lane.lane)).toEqual(['b']);
  });

  it('does not take a lane for dead because its machine’s clock is wrong', async () => {
    await using fixture = await open();
    await fixture.fleet.writeLane('run1', aLane({ atMs: 12_345 }));
    expect(await fixture.fleet.lanes('run1')).toMatchObject([{ atMs: expect.closeTo(Date.now(), -4) }]);
  });
}

function leases(open: OpenFleet): void {
  it('leases a run to one holder, who may renew it and give it back', async () => {
    await using fixture = await open();
    const { fleet } = fixture;
    expect(await fleet.lease('run1', 'a', 60_000)).toBe('a');
    expect(await fleet.lease('run1', 'b', 60_000)).toBe('a');
    expect(await fleet.lease('run1', 'a', 60_000)).toBe('a');
    expect(await fleet.lease('run2', 'b', 60_000)).toBe('b');
    await fleet.release('run1', 'b');
    expect(await fleet.lease('run1', 'b', 60_000)).toBe('a');
    await fleet.release('run1', 'a');
    expect(await fleet.lease('run1', 'b', 60_000)).toBe('b');
  });

  it('leases a run anew when its holder has been silent for too long', async () => {
    await using fixture = await open();
    await fixture.fleet.lease('run1', 'a', 100);
    await vi.waitFor(async () => expect(await fixture.fleet.lease('run1', 'b', 60_000)).toBe('b'), { interval: 20 });
  });
}

function orders(open: OpenFleet): void {
  const drain = { url: 'http://gpu1:11434', order: 'drain' } as const;
  const add = { url: 'http://gpu1:11434', order: 'add', description: 'http://gpu1:11434,slots=2' } as const;
  const other = { url: 'http://gpu0:11434', order: 'drain' } as const;

  it('keeps what was ordered of hosts until it is taken back, a drain and an addition each by itself', async () => {
    await using fixture = await open();
    const { fleet } = fixture;
    for (const order of [drain, add, other, drain]) await fleet.orderHost(order);
    expect(await fleet.hostOrders()).toEqual([other, add, drain]);
    await fleet.orderHost({ url: drain.url, order: 'resume' });
    expect(await fleet.hostOrders()).toEqual([other, add]);
    await fleet.orderHost({ url: add.url, order: 'remove' });
    await fleet.orderHost({ url: add.url, order: 'remove' });
    expect(await fleet.hostOrders()).toEqual([other]);
  });
}

export function aWorker(changes: Partial<WorkerStatus> = {}): WorkerStatus {
  return {
    name: 'box:1',
    machine: 'box',
    pid: 1,
    version: '0.1.0',
    hosts: ['http://gpu1:11434'],
    state: 'serving',
    atMs: Date.now(),
    ...changes,
  };
}

function workers(open: OpenFleet): void {
  it('tells of worker processes by name, whatever their clocks say, until they are gone', async () => {
    await using fixture = await open();
    const { fleet } = fixture;
    await fleet.writeWorker(aWorker({ name: 'box:2', atMs: 12_345 }));
    await fleet.writeWorker(aWorker());
    await fleet.writeWorker(aWorker({ state: 'draining' }));
    const atMs = expect.closeTo(Date.now(), -4);
    expect(await fleet.workers()).toEqual([aWorker({ state: 'draining', atMs }), aWorker({ name: 'box:2', atMs })]);
    await fleet.removeWorker('box:1');
    expect(await fleet.workers()).toMatchObject([{ name: 'box:2' }]);
  });
}
