import { afterEach, describe, expect, it } from 'vitest';
import { VisionError } from '../../../../src/core/errors.js';
import { SILENT } from '../../../../src/core/telling.js';
import type { Engine, Trial } from '../../../../src/engines/engine.js';
import { createOllamaEngine } from '../../../../src/engines/ollama/client.js';
import { type FindSlotsOptions, findSlots } from '../../../../src/engines/slots/find-slots.js';
import type { OllamaInput } from '../../../support/ollama/options.js';
import { type FakeOllama, startOllama } from '../../../support/ollama/server.js';

const SIGNAL = new AbortController().signal;
const engines: Engine[] = [];

afterEach(async () => {
  await Promise.all(engines.splice(0).map((engine) => engine.close()));
});

/** A host with its model loaded, at 16 tokens of 5 ms. */
async function aHost(input: OllamaInput): Promise<FakeOllama> {
  const trialPrompt = 'none'; // here trials are what is asked
  const host = await startOllama({ answer: counting, tokenMs: 5, prefillMs: 10, trialPrompt, ...input });
  await engineFor(host).preload({ model: 'tiny', numCtx: 8192, loadTimeoutMs: 5_000, signal: SIGNAL });
  return host;
}

function engineFor({ url }: FakeOllama): Engine {
  const engine = createOllamaEngine({ url, connections: 40, connectTimeoutMs: 5_000, logger: SILENT });
  engines.push(engine);
  return engine;
}

function slotsOf(host: FakeOllama, more: Partial<FindSlotsOptions> = {}): Promise<number> {
  const engine = engineFor(host);
  const trial = (signal: AbortSignal) => engine.trial({ model: 'tiny', numCtx: 8192, limitMs: 60_000, signal });
  return findSlots({ trial, guess: null, most: 32, limitMs: 5_000, signal: SIGNAL, ...more });
}

describe('on a host', () => {
  it.each([1, 2, 4, 8])('finds its %i slots', async (slots) => {
    await using host = await aHost({ slots });
    expect(await slotsOf(host)).toBe(slots);
  });

  it('finds one for a model that the server works on alone, whatever its settings say', async () => {
    await using host = await aHost({ slots: 4, models: [{ name: 'tiny', family: 'qwen3vl' }] });
    expect(await slotsOf(host)).toBe(1);
  });

  it('sends no more than one above what it had before, where that is still so', async () => {
    await using host = await aHost({ slots: 4 });
    expect(await slotsOf(host, { guess: 4 })).toBe(4);
    expect([5, 10]).toContain(host.asks.length); // twice where this machine is too busy to be sure
  });

  it('finds more or fewer than it had before', async () => {
    await using host = await aHost({ slots: 4 });
    expect(await slotsOf(host, { guess: 2 })).toBe(4);
    expect(await slotsOf(host, { guess: 7 })).toBe(4);
  });

  it('says what it has seen so far where slow tokens take too long, and closes what is open', async () => {
    await using host = await aHost({ slots: 8, tokenMs: 30 }); // half a second each
    const found = await slotsOf(host, { limitMs: 700 });
    expect(found).toBeLessThanOrEqual(8);
    await expect.poll(() => host.asks.some(({ aborted }) => aborted)).toBe(true);
  });

  it('counts no slot that is in the hands of another client', async () => {
    await using host = await aHost({ slots: 2, models: [{ name: 'tiny' }] });
    host.faults.add({ nth: [1], outcome: { kind: 'hang', afterTokens: 1 } });
    const leaving = new AbortController();
    const asking = { model: 'tiny', numCtx: 8192, limitMs: 60_000, signal: leaving.signal };
    const other = engineFor(host).trial(asking);
    await expect.poll(() => host.busyHighWater).toBe(1);
    expect(await slotsOf(host)).toBe(1);
    leaving.abort();
    await other.catch(() => {});
  });

  it('stays at what worked where more are refused', async () => {
    await using host = await aHost({ slots: 8 });
    host.faults.add({ nth: [9], outcome: { kind: 'busy' } }); // in the third round
    expect(await slotsOf(host)).toBe(4);
  });

  it('begins with few where one more than it had before is refused', async () => {
    await using host = await aHost({ slots: 4 });
    host.faults.add({ nth: [5], outcome: { kind: 'busy' } });
    expect(await slotsOf(host, { guess: 4 })).toBe(4);
  });

  it('is one slot where two are refused, whatever it had before', async () => {
    await using host = await aHost({ slots: 4 });
    host.faults.add({ nth: [4, 6], outcome: { kind: 'busy' } });
    expect(await slotsOf(host, { guess: 3 })).toBe(1);
    expect(host.asks.length).toBe(6);
  });

  it('throws what is wrong with the host itself', async () => {
    await using host = await aHost({ slots: 2 });
    host.faults.add({ outcome: { kind: 'forbidden' } });
    await expect(slotsOf(host)).rejects.toMatchObject({ code: 'HOST_FORBIDDEN' });
  });
});

describe('by what a host says', () => {
  it('is not misled by answers of one token', async () => {
    expect(await onPaper(aSimulatedHost({ slots: 2, workMs: () => 4 }))).toBeLessThanOrEqual(2);
    expect(await onPaper(aSimulatedHost({ slots: 1, workMs: () => 4 }))).toBe(1);
  });

  it('never finds more slots than there are, however late requests arrive and answers are read', async () => {
    const random = seeded(7);
    for (let time = 0; time < 100; time += 1) {
      const slots = 1 + Math.floor(random() * 8);
      const host = aSimulatedHost({
        slots,
        workMs: () => 60 + 60 * random(),
        arriveMs: () => 40 * random(),
        readMs: () => (random() < 0.2 ? 150 * random() : 1),
      });
      expect(await onPaper(host)).toBeLessThanOrEqual(slots);
    }
  });

  it('finds all of them where requests arrive one after the other within the time of one', async () => {
    const random = seeded(8);
    for (let time = 0; time < 100; time += 1) {
      const slots = 1 + Math.floor(random() * 8);
      const host = aSimulatedHost({ slots, workMs: () => 100 + 20 * random(), arriveMs: () => 20 * random() });
      expect(await onPaper(host)).toBe(slots);
    }
  });

  it('sends a round again where nothing was seen together though nothing waited', async () => {
    let rounds = 0;
    const late = aSimulatedHost({ slots: 2, workMs: () => 50, arriveMs: (nth) => (rounds++ < 2 ? nth * 60 : 0) });
    expect(await onPaper(late)).toBe(2);
  });

  it('is one where the engine does not generate', async () => {
    expect(await onPaper(async () => [null, null])).toBe(1);
  });

  it('throws the reason for which the search was ended', async () => {
    const search = new AbortController();
    search.abort(new VisionError('HOST_UNREACHABLE', 'closed'));
    await expect(onPaper(async () => [], search.signal)).rejects.toThrow('closed');
  });
});

type Round = (sent: number) => Promise<readonly (Trial | null)[]>;

/** Rounds that are worked out on paper: every trial of a round gets its own answer when all of them are sent. */
function onPaper(round: Round, signal = SIGNAL): Promise<number> {
  let waiting: ((trial: Trial | null) => void)[] = [];
  const trial = () =>
    new Promise<Trial | null>((resolve) => {
      waiting.push(resolve);
      if (waiting.length === 1) queueMicrotask(answer);
    });
  const answer = async () => {
    const asking = waiting;
    waiting = [];
    const trials = await round(asking.length);
    for (const [index, resolve] of asking.entries()) resolve(trials[index] ?? null);
  };
  return findSlots({ trial, guess: null, most: 32, limitMs: 60_000, signal });
}

interface Simulated {
  readonly slots: number;
  readonly workMs: () => number;
  readonly arriveMs?: (nth: number) => number;
  readonly readMs?: () => number;
}

/** First come, first served, by so many slots. */
function aSimulatedHost({ slots, workMs, arriveMs = () => 0, readMs = () => 1 }: Simulated): Round {
  return async (sent) => {
    const free = Array.from({ length: slots }, () => 0);
    const arrivals = Array.from({ length: sent }, (_, nth) => arriveMs(nth)).sort((a, b) => a - b);
    return arrivals.map((arrivedMs) => {
      const slot = free.indexOf(Math.min(...free));
      const beganMs = Math.max(arrivedMs, free[slot] ?? 0);
      const work = workMs();
      free[slot] = beganMs + work;
      const endedAtMs = beganMs + work + readMs();
      return {
        sentAtMs: 0,
        endedAtMs,
        waitMs: beganMs - arrivedMs,
        workMs: work,
        totalMs: beganMs + work - arrivedMs,
      };
    });
  };
}

/** Numbers from 0 to 1, the same every time (mulberry32). */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

function counting(): string {
  return Array.from({ length: 40 }, (_, index) => `${index + 1},`).join(' ');
}
