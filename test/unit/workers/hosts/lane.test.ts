import { once } from 'node:events';
import { expect, it } from 'vitest';
import type { Fleet, RunLimits } from '../../../../jobs/fleet.js';
import { createMemoryQueue } from '../../../../jobs/memory-queue.js';
import type { Queue } from '../../../../jobs/queue.js';
import { FRESH_CARRY, type VisionJob, visionJob } from '../../../../jobs/vision-job.js';
import { VisionError } from '../../../../src/core/errors.js';
import { SILENT } from '../../../../src/core/telling.js';
import type { Engine, HostFacts } from '../../../../src/engines/engine.js';
import { HostLane } from '../../../../workers/hosts/lane.js';
import { type HostLaneOptions, LANE_TIMES } from '../../../../workers/hosts/lane-options.js';
import { Latch } from '../../../../workers/hosts/latch.js';
import { aGrant, anEngine, anItem, aRecord, aRequest, NO_SLOTS } from '../../../support/builders.js';

const FACTS: HostFacts = {
  version: '0',
  digest: 'abc',
  model: null,
  singleParallel: false,
  remote: null,
  warnings: [],
};

const CLAIMANT = { host: 'gpu1', holder: 'lane', runId: 'run', startedMs: 0, priority: 0, model: 'tiny' };

const LIMITS: RunLimits = {
  numCtx: 8192,
  attempts: 4,
  budgets: { connectMs: 1_000, firstTokenMs: 60_000, silenceMs: 60_000, itemMs: 60_000, loadMs: 60_000 },
  wantsConfidence: false,
  verifyShare: null,
  allowMixed: false,
  allowRemote: false,
  recycleAfter: null,
};

it('stays closed where it is paused while its host loads the model', async () => {
  const steps = new EventTarget();
  const loading = once(steps, 'loading');
  const preload = async () => {
    const loaded = once(steps, 'loaded');
    steps.dispatchEvent(new Event('loading'));
    await loaded;
    return FACTS;
  };
  const lane = aLane(anEngine({ preload }));
  const started = lane.start();
  await loading;
  await lane.pause();
  steps.dispatchEvent(new Event('loaded'));
  await started;
  expect(lane.figures.state).toBe('closing');
  await lane.close();
});

it('counts an answer that comes while it is paused, and still looks whose answer it is', async () => {
  const steps = new EventTarget();
  const asked = once(steps, 'asked');
  const looks: boolean[] = [];
  const digest: Engine['digest'] = async (_, signal) => {
    signal?.throwIfAborted();
    looks.push(true);
    return 'abc';
  };
  const ask: Engine['ask'] = async function* () {
    const answered = once(steps, 'answered');
    steps.dispatchEvent(new Event('asked'));
    await answered;
    const timingMs = { load: 1_000, prompt: 1, generate: 1 }; // as after a load, so that the model is looked at
    yield { answer: { text: 'yes', end: 'complete', tokens: { prompt: 1, output: 1 }, timingMs, confidence: null } };
  };
  const queue = createMemoryQueue();
  const lane = aLane(anEngine({ preload: async () => FACTS, digest, ask }), {
    queue,
    serveItem: async (_, { signal }, { askHost }) => {
      const limits = { signal, itemMs: 60_000, onSpent: () => {}, alone: false };
      const { text } = await askHost(aRequest(), limits);
      return { record: aRecord({ text }), attempts: [] };
    },
  });
  await lane.start();
  await queue.add([visionJob('run', 'a'.repeat(64), anItem())]);
  await asked;
  await lane.pause();
  steps.dispatchEvent(new Event('answered'));
  await lane.close();
  expect(lane.figures).toMatchObject({ done: 1, failed: 0 });
  expect(looks).toEqual([true]);
});

it('does not wait for ever for a host that falls silent while it is looked at', async () => {
  const trial: Engine['trial'] = ({ signal }) =>
    new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason), { once: true }));
  const watch = { silentMs: 10, probeMs: 10, silentProbes: 3 };
  const engine = anEngine({ preload: async () => FACTS, trial, probe: async () => false });
  const lane = aLane(engine, { times: { ...LANE_TIMES, watch } });
  await lane.start();
  expect(lane.figures).toMatchObject({ state: 'waiting', trouble: { code: 'HOST_TIMEOUT' } });
  await lane.close();
});

it('gets one slot fewer for a refusal, however many looks fail after it', async () => {
  let looks = 0;
  const preflight: HostLaneOptions['preflight'] = async () => {
    looks += 1;
    if (looks > 1 && looks < 5) throw new VisionError('HOST_BUSY', '503');
    return FACTS;
  };
  const { ask, fail } = asking();
  const queue = aQueue();
  const lane = aLane(anEngine({ ask }), {
    queue,
    preflight,
    slots: null,
    slotsElsewhere: () => 8,
    times: AT_ONCE,
    serveItem: asksOnce,
  });
  await lane.start();
  fail(new VisionError('HOST_BUSY', '503'));
  await queue.add([aJob('a')]);
  await expect.poll(() => looks).toBe(5);
  await expect.poll(() => lane.figures).toMatchObject({ state: 'serving', slots: 7, hostSlots: 8 });
  await lane.close({ abort: true });
  await queue.close();
});

it('looks again where a request finds trouble between a good look and the claim that follows it', async () => {
  let looks = 0;
  const preload: Engine['preload'] = async () => {
    looks += 1;
    return FACTS;
  };
  const claimed = new Latch();
  const isRead = new Latch();
  const claims: number[] = [];
  const claim: Fleet['claim'] = async ({ slots }) => {
    claims.push(slots);
    if (slots === 3) await claimed.opened;
    return aGrant(2);
  };
  const { ask, fail } = asking();
  const queue = aQueue();
  const lane = aLane(anEngine({ ask, preload }), {
    queue,
    slots: null,
    slotsElsewhere: () => looks + 1,
    sharing: { claimant: CLAIMANT, fleet: { claim, giveUp: async () => {} } },
    times: AT_ONCE,
    serveItem: async (job, ...rest) => {
      if (job.key === 'b') await isRead.opened;
      return await asksOnce(job, ...rest);
    },
  });
  await lane.start();
  await queue.add([aJob('b')]);
  await expect.poll(() => lane.inHand).toBe(1);
  fail(new VisionError('HOST_CRASHED', 'the runner has stopped'));
  await queue.add([aJob('a')]);
  await expect.poll(() => claims).toContain(3);
  expect(looks).toBe(2);
  fail(new VisionError('HOST_UNREACHABLE', 'gone'));
  isRead.open();
  await expect.poll(() => lane.inHand).toBe(0);
  claimed.open();
  await expect.poll(() => looks).toBe(3);
  await lane.close({ abort: true });
  await queue.close();
});

it('looks for its slots anew where answers make them doubtful, with nothing in hand', async () => {
  const { ask, answer } = asking();
  const inHand: number[] = [];
  const queue = aQueue();
  const preflight: HostLaneOptions['preflight'] = async () => {
    inHand.push(lane.inHand);
    return FACTS;
  };
  const lane = aLane(anEngine({ ask }), {
    queue,
    preflight,
    slots: null,
    slotsElsewhere: () => 2,
    serveItem: asksOnce,
  });
  await lane.start();
  await queue.add(Array.from({ length: 9 }, (_, nth) => aJob(String(nth))));
  for (let nth = 0; nth < 9; nth += 1) await answer(); // each took no work by the host's account, and yet a while
  await expect.poll(() => inHand).toEqual([0, 0]);
  await expect.poll(() => lane.figures).toMatchObject({ state: 'serving', slots: 2 });
  await lane.close({ abort: true });
  await queue.close();
});

it('loads the model anew after so many answers, troubles between them or not, with nothing in hand', async () => {
  const { ask, answer, fail } = asking();
  const inHand: number[] = [];
  const unload: Engine['unload'] = async () => void inHand.push(lane.inHand);
  const queue = aQueue();
  const limits = { ...LIMITS, recycleAfter: 2 };
  let looks = 0;
  const preflight: HostLaneOptions['preflight'] = async () => {
    looks += 1;
    return FACTS;
  };
  const changes = { queue, limits, preflight, slots: 2, times: AT_ONCE, serveItem: asksOnce };
  const lane = aLane(anEngine({ ask, unload }), changes);
  await lane.start();
  await queue.add([aJob('a')]);
  await answer();
  await expect.poll(() => lane.figures.done).toBe(1);
  fail(new VisionError('HOST_CRASHED', 'the runner has stopped'));
  await queue.add([aJob('b'), aJob('c')]);
  await expect.poll(() => looks).toBe(2);
  await expect.poll(() => lane.inHand).toBe(2);
  await answer();
  await expect.poll(() => lane.figures).toMatchObject({ state: 'starting', done: 2 });
  expect(inHand).toEqual([]);
  await answer();
  await expect.poll(() => inHand).toEqual([0]);
  await lane.close({ abort: true });
  await queue.close();
});

it('is paused where its host is to rest while the lane is being resumed', async () => {
  const steps: string[] = [];
  const { ask, fail } = asking();
  const memory = aQueue();
  const serve: Queue['serve'] = (handler) => {
    const inner = memory.serve(handler);
    return {
      setSlots: (slots) => inner.setSlots(slots),
      close: (options) => inner.close(options),
      pause: async () => {
        steps.push('paused');
        await inner.pause();
      },
      resume: async () => {
        lane.rest('drained');
        await inner.resume();
        steps.push('resumed');
      },
    };
  };
  const lane = aLane(anEngine({ ask }), { queue: { serve }, times: AT_ONCE, serveItem: asksOnce });
  await lane.start();
  fail(new VisionError('HOST_CRASHED', 'the runner has stopped'));
  await memory.add([aJob('a')]);
  await expect.poll(() => lane.figures.state).toBe('resting');
  expect(steps.at(-1)).toBe('paused');
  await lane.close({ abort: true });
  await memory.close();
});

it('gives up what has not begun for an idle host, each item once, and only beyond its slots', async () => {
  const { ask, sent } = asking();
  const queue = aQueue();
  const { lane, withdrawn } = aLaneThatTells(ask, { queue, slots: 1, ahead: 2 });
  await lane.start();
  await queue.add([aJob('a'), aJob('b'), aJob('c')]);
  await expect.poll(sent).toBe(3);
  await lane.pause(); // what was given up would come back here
  expect([lane.withdraw(), lane.withdraw()]).toEqual([true, true]);
  await expect.poll(() => lane.inHand).toBe(1);
  expect(withdrawn).toEqual(['c', 'b']);
  expect(lane.withdraw()).toBe(false);
  await lane.close({ abort: true });
  await queue.close();
});

it('has more in hand than its host is sent while enough waits, and gives that up where it takes nothing new', async () => {
  const { ask, sent } = asking();
  const queue = aQueue();
  const { lane, withdrawn } = aLaneThatTells(ask, { queue, slots: 2, ahead: 1 });
  await lane.start();
  lane.noteWaiting(100, { sendsAhead: true, prepares: true });
  await queue.add(['a', 'b', 'c', 'd', 'e', 'f'].map(aJob));
  await expect.poll(() => lane.inHand).toBe(5);
  await expect.poll(sent).toBe(3);
  await lane.pause();
  await expect.poll(() => lane.inHand).toBe(3);
  expect(withdrawn).toEqual(['d', 'e']);
  expect(sent()).toBe(3);
  await lane.close({ abort: true });
  await queue.close();
});

it('finishes what has a slot where it is paused, though that is still being read', async () => {
  const { lane, queue, withdrawn, read, answer } = await aLaneThatReads({ slots: 1, ahead: 1 });
  await lane.pause();
  expect(withdrawn).toEqual(['b', 'c']);
  read.open();
  await answer();
  await expect.poll(() => queue.counts()).toMatchObject({ completed: 1 });
  await lane.close();
  await queue.close();
});

it('gives up no more than it has beyond its slots, however long that is still being read', async () => {
  const { lane, queue, withdrawn, read } = await aLaneThatReads({ slots: 2, ahead: 1 });
  expect([lane.withdraw(), lane.withdraw()]).toEqual([true, false]);
  expect(withdrawn).toEqual(['c']);
  read.open();
  await lane.close({ abort: true });
  await queue.close();
});

/** A lane that has three items in hand, whose images are read for as long as a test wants: reading ends for no signal. */
async function aLaneThatReads(changes: Partial<HostLaneOptions>) {
  const { ask, answer } = asking();
  const queue = aQueue();
  const read = new Latch();
  const withdrawn: string[] = [];
  const serveItem: HostLaneOptions['serveItem'] = async (job, context, host) => {
    context.signal.addEventListener('abort', () => withdrawn.push(job.key));
    await read.opened;
    return await asksOnce(job, context, host);
  };
  const lane = aLane(anEngine({ ask }), { ...changes, queue, serveItem });
  await lane.start();
  lane.noteWaiting(100, { sendsAhead: true, prepares: true });
  await queue.add(['a', 'b', 'c'].map(aJob));
  await expect.poll(() => lane.inHand).toBe(3);
  return { lane, queue, withdrawn, read, answer };
}

/** A lane whose items ask once, and that tells which were given up. */
function aLaneThatTells(ask: Engine['ask'], changes: Partial<HostLaneOptions>) {
  const withdrawn: string[] = [];
  const serveItem: HostLaneOptions['serveItem'] = async (job, context, host) => {
    context.signal.addEventListener('abort', () => withdrawn.push(job.key));
    return await asksOnce(job, context, host);
  };
  return { lane: aLane(anEngine({ ask }), { ...changes, serveItem }), withdrawn };
}

/** Waits of no length. */
const AT_ONCE = { ...LANE_TIMES, breaker: { firstMs: 1, mostMs: 1, faultMs: 1, silentMs: 1 }, leftMs: 1 };

/** A host whose answers come when a test says so. */
function asking(): {
  readonly ask: Engine['ask'];
  /** Requests that came and have no answer. */
  sent(): number;
  /** Answers the request that came first, or the next one to come. */
  answer(): Promise<void>;
  /** What the next request is told. */
  fail(failure: VisionError): void;
} {
  const open: Latch[] = [];
  let failure: VisionError | null = null;
  return {
    ask: async function* () {
      if (failure !== null) {
        const told = failure;
        failure = null;
        throw told;
      }
      const answered = new Latch();
      open.push(answered);
      await answered.opened;
      const timingMs = { load: 0, prompt: 0, generate: 0 };
      yield { answer: { text: 'yes', end: 'complete', tokens: { prompt: 1, output: 1 }, timingMs, confidence: null } };
    },
    sent: () => open.length,
    answer: async () => {
      await expect.poll(() => open.length).toBeGreaterThan(0);
      open.shift()?.open();
    },
    fail: (told) => {
      failure = told;
    },
  };
}

const asksOnce: HostLaneOptions['serveItem'] = async (_, { signal }, { askHost }) => {
  try {
    const { text } = await askHost(aRequest(), { signal, itemMs: 60_000, onSpent: () => {}, alone: false });
    return { record: aRecord({ text }), attempts: [] };
  } catch {
    return { handBack: { reason: 'HOST_BUSY' }, carry: FRESH_CARRY };
  }
};

/** What is handed back stays away. */
function aQueue(): Queue {
  return createMemoryQueue({ handBack: { firstMs: 60_000, mostMs: 60_000 } });
}

function aJob(name: string): VisionJob {
  return visionJob('run', name.repeat(64), anItem({ key: name }));
}

function aLane(engine: Engine, changes: Partial<HostLaneOptions> = {}): HostLane {
  return new HostLane({
    name: 'lane',
    engine,
    slots: 1,
    ahead: 0,
    verifying: 0,
    model: 'tiny',
    contextAdvice: () => null,
    sharing: null,
    schema: null,
    slotMemory: NO_SLOTS,
    slotsElsewhere: () => null,
    limits: LIMITS,
    queue: aQueue(),
    serveItem: () => Promise.reject(new Error('nothing is to be served')),
    preflight: async () => FACTS,
    pinDigest: async (digest) => digest,
    othersAnswer: () => false,
    onStop: () => {},
    logger: SILENT,
    ...changes,
  });
}
