import { describe, expect, it } from 'vitest';
import { HostsDown, type HostsDownOptions } from '../../../../src/app/run/hosts-down.js';
import type { Workers } from '../../../../src/app/run/turn.js';
import type { LaneStatus, Logger } from '../../../../src/core/telling.js';
import { SILENT } from '../../../../src/core/telling.js';
import { aRun } from '../../../contract/fleet-conformance.js';
import { aLane } from '../../telemetry/snapshots.js';

const HOST = 'http://gpu1:11434';
const TIMEOUT_MS = 60_000;
const NONE: Workers = { count: 0, serving: null, troubled: [] };

const SERVING = aLane();
const STARTING = aLane({ state: 'starting' });
const DOWN = aLane({ state: 'waiting', code: 'HOST_UNREACHABLE', reason: `${HOST} cannot be reached.` });
const ASLEEP = aLane({ host: 'http://gpu2:11434', state: 'resting', code: 'HOST_BUSY', reason: 'asleep until 20:00' });
const QUEUED = aLane({ state: 'queued', code: 'HOST_BUSY', reason: 'it serves other of run 7 first.' });
const LEFT = aLane({ state: 'left', code: 'MODEL_MISSING', reason: `${HOST} does not have the model.` });

/** A run whose lanes and workers a test changes, with what it was told of them. */
class Watched {
  lanes: readonly LaneStatus[] = [];
  workers = NONE;
  isNeeded = true;
  readonly told: string[] = [];
  readonly down: HostsDown;

  constructor(changes: Partial<HostsDownOptions> = {}) {
    const logger: Logger = {
      ...SILENT,
      info: (line) => this.told.push(line),
      warn: (line) => this.told.push(`WARN ${line}`),
    };
    this.down = new HostsDown({
      lanes: () => this.lanes,
      workers: async () => this.workers,
      timeoutMs: TIMEOUT_MS,
      isNeeded: () => this.isNeeded,
      logger,
      ...changes,
    });
  }

  /** Looks once a second; the message of what ends the run, or null. */
  async look({ fromMs = 0, forMs }: { readonly fromMs?: number; readonly forMs: number }): Promise<string | null> {
    for (let atMs = fromMs; atMs <= fromMs + forMs; atMs += 1_000) {
      const end = await this.down.look(atMs);
      if (end !== null) return end.message;
    }
    return null;
  }
}

describe('a run without a host that answers', () => {
  it('ends when the wait is over, with the reason of each host, told every minute until then', async () => {
    const run = new Watched({ timeoutMs: 150_000 });
    run.lanes = [DOWN];
    expect(await run.look({ forMs: 149_000 })).toBeNull();
    const line = `WARN No host answers (${HOST}). Waiting up to 2 min 30 s (--hosts-down-timeout).`;
    expect(run.told).toEqual([line, line, line]);
    expect(run.down.waitingFor).toBe('a host that answers');
    const end = await run.look({ fromMs: 150_000, forMs: 0 });
    expect(end).toBe(`No host answered for 2 min 30 s: ${HOST} cannot be reached.`);
  });

  it('says once that it goes on, and counts anew from the next silence', async () => {
    const run = new Watched();
    run.lanes = [DOWN];
    await run.look({ forMs: 50_000 });
    run.lanes = [DOWN, SERVING];
    await run.look({ fromMs: 51_000, forMs: 2_000 });
    expect(run.told.slice(1)).toEqual(['A host answers; going on.']);
    expect(run.down.waitingFor).toBeNull();
    run.lanes = [DOWN];
    expect(await run.look({ fromMs: 54_000, forMs: TIMEOUT_MS - 1_000 })).toBeNull();
  });

  it('says what a host answers that answers and cannot serve', async () => {
    const run = new Watched();
    run.lanes = [aLane({ state: 'waiting', code: 'HOST_BUSY', reason: `${HOST} has too many requests waiting.` })];
    await run.look({ forMs: 0 });
    expect(run.told).toEqual([
      `WARN No host can serve (${HOST} has too many requests waiting). Waiting up to 1 min (--hosts-down-timeout).`,
    ]);
  });

  it('is no such run while a host gets ready, or nothing is left to ask', async () => {
    const run = new Watched();
    run.lanes = [STARTING];
    expect(await run.look({ forMs: 2 * TIMEOUT_MS })).toBeNull();
    run.lanes = [DOWN];
    run.isNeeded = false;
    expect(await run.look({ fromMs: 2 * TIMEOUT_MS, forMs: 2 * TIMEOUT_MS })).toBeNull();
    expect(run.told).toEqual([]);
  });

  it('ends at once where every host has left and no worker can join', async () => {
    const alone = new Watched({ workers: null });
    alone.lanes = [LEFT];
    expect(await alone.look({ forMs: 0 })).toMatch(/^No host can serve this run:\n/);
    const shared = new Watched();
    shared.lanes = [LEFT];
    expect(await shared.look({ forMs: 0 })).toBeNull();
  });
});

describe('a run that no worker serves', () => {
  it('says so at once where there is none, and ends when the wait is over', async () => {
    const run = new Watched();
    expect(await run.look({ forMs: TIMEOUT_MS - 1_000 })).toBeNull();
    expect(run.told).toEqual(['WARN No worker serves this run yet. Waiting up to 1 min (--hosts-down-timeout).']);
    expect(run.down.waitingFor).toBe('a worker');
    expect(await run.look({ fromMs: TIMEOUT_MS, forMs: 0 })).toBe(
      'No host answered for 1 min: no worker joined the run',
    );
  });

  it('gives workers that are there the time to join before it says anything', async () => {
    const run = new Watched();
    run.workers = { ...NONE, count: 2 };
    await run.look({ forMs: 9_000 });
    expect([run.told, run.down.waitingFor]).toEqual([[], null]);
    run.lanes = [SERVING];
    await run.look({ fromMs: 10_000, forMs: 0 });
    expect(run.told).toEqual([]);
    run.lanes = [];
    await run.look({ fromMs: 11_000, forMs: 10_000 });
    expect(run.told).toEqual([expect.stringMatching(/No worker serves this run yet, though 2 workers could/)]);
  });
});

it('names the hosts that are down where workers are held up by them with another run', async () => {
  const run = new Watched();
  run.workers = { count: 1, serving: null, troubled: [DOWN] };
  expect(await run.look({ forMs: TIMEOUT_MS })).toBe(`No host answered for 1 min: ${HOST} cannot be reached.`);
  expect(run.told[0]).toContain(`No host answers (${HOST}).`);
});

describe('a run that waits for its turn', () => {
  it('waits for as long as workers serve another run first, and is told which', async () => {
    const run = new Watched();
    run.workers = { ...NONE, count: 1, serving: aRun({ runId: 'first', coordinator: 'box:7' }) };
    expect(await run.look({ forMs: 3 * TIMEOUT_MS })).toBeNull();
    expect(run.down.waitingFor).toBe('its turn (run first of box:7, tiny, is served first)');
    expect(run.told).toEqual([`Waiting for ${run.down.waitingFor}.`]);
  });

  it('waits for as long as its own host serves another run first, though another of its hosts is down', async () => {
    const run = new Watched();
    run.lanes = [DOWN, QUEUED];
    expect(await run.look({ forMs: 3 * TIMEOUT_MS })).toBeNull();
    expect(run.told).toEqual([`Waiting for its turn (${HOST}: it serves other of run 7 first).`]);
  });

  it('has its whole wait for hosts before it when the other run has ended', async () => {
    const run = new Watched();
    await run.look({ forMs: TIMEOUT_MS - 1_000 });
    run.workers = { ...NONE, count: 1, serving: aRun() };
    await run.look({ fromMs: TIMEOUT_MS, forMs: TIMEOUT_MS });
    run.workers = NONE;
    expect(await run.look({ fromMs: 2 * TIMEOUT_MS, forMs: TIMEOUT_MS - 1_000 })).toBeNull();
    expect(await run.look({ fromMs: 3 * TIMEOUT_MS, forMs: 0 })).toMatch(/^No host answered for 1 min/);
  });
});

describe('a run whose hosts are at rest', () => {
  it('waits until they wake, and is told until when', async () => {
    const run = new Watched();
    run.lanes = [DOWN, ASLEEP];
    expect(await run.look({ forMs: 3 * TIMEOUT_MS })).toBeNull();
    expect(run.told).toEqual(['Waiting for a host at rest (http://gpu2:11434: asleep until 20:00).']);
  });

  it('says nothing new when another host falls asleep, too', async () => {
    const run = new Watched();
    for (const lanes of [
      [ASLEEP],
      [ASLEEP, aLane({ ...ASLEEP, host: 'a' })],
      [ASLEEP, ASLEEP, aLane({ ...ASLEEP, host: 'b' })],
    ]) {
      run.lanes = lanes;
      await run.look({ forMs: 0 });
    }
    expect(run.told).toHaveLength(2);
    expect(run.down.waitingFor).toBe('a host at rest (http://gpu2:11434: asleep until 20:00 and others)');
  });

  it('does not count the rest of a host that was down before it', async () => {
    const run = new Watched();
    run.lanes = [DOWN];
    await run.look({ forMs: TIMEOUT_MS - 1_000 });
    run.lanes = [ASLEEP];
    await run.look({ fromMs: TIMEOUT_MS, forMs: TIMEOUT_MS });
    run.lanes = [DOWN];
    expect(await run.look({ fromMs: 2 * TIMEOUT_MS, forMs: TIMEOUT_MS - 1_000 })).toBeNull();
  });
});
