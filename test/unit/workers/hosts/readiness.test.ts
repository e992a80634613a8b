import { describe, expect, it } from 'vitest';
import { VisionError } from '../../../../src/core/errors.js';
import type { JsonSchema } from '../../../../src/core/json-schema.js';
import { SILENT } from '../../../../src/core/telling.js';
import type { Engine, HostFacts } from '../../../../src/engines/engine.js';
import { ModelWatch } from '../../../../workers/hosts/model-watch.js';
import { Readiness, type ReadinessOptions } from '../../../../workers/hosts/readiness.js';
import { Recycling } from '../../../../workers/hosts/recycling.js';
import { anEngine, NO_SLOTS } from '../../../support/builders.js';

const FACTS: HostFacts = {
  version: '0.33.0',
  digest: 'abc',
  model: null,
  singleParallel: false,
  remote: null,
  warnings: [],
};
const SIGNAL = new AbortController().signal;

/** A host that works on so many trials at once. */
function aHost(trueSlots: number): { readonly engine: Engine; readonly schemas: (JsonSchema | null)[] } {
  const schemas: (JsonSchema | null)[] = [];
  let open = 0;
  const engine = anEngine({
    trial: async ({ schema = null }) => {
      schemas.push(schema);
      const sentAtMs = performance.now();
      open += 1;
      const before = Math.floor((open - 1) / trueSlots);
      await new Promise((resolve) => setTimeout(resolve, 20));
      open -= 1;
      const workMs = 100;
      const waitMs = before * workMs;
      return { waitMs, workMs, totalMs: waitMs + workMs, sentAtMs, endedAtMs: sentAtMs + waitMs + workMs };
    },
  });
  return { engine, schemas };
}

function aReadiness(changes: Partial<ReadinessOptions> & Pick<ReadinessOptions, 'engine'>): Readiness {
  return new Readiness({
    model: 'tiny',
    schema: null,
    slots: null,
    slotMemory: NO_SLOTS,
    slotsElsewhere: () => null,
    preflight: async () => FACTS,
    pinDigest: async (digest) => digest,
    contextAdvice: () => null,
    logger: SILENT,
    limits: {
      numCtx: 8192,
      attempts: 4,
      budgets: { connectMs: 1, firstTokenMs: 2, silenceMs: 1, itemMs: 2, loadMs: 1_000 },
      wantsConfidence: false,
      verifyShare: null,
      allowMixed: false,
      allowRemote: false,
      recycleAfter: null,
    },
    ...changes,
  });
}

describe('a look at a host', () => {
  it('finds its slots and remembers them', async () => {
    const remembered: number[] = [];
    const slotMemory = {
      ...NO_SLOTS,
      remember: (_: string, __: string | null, slots: number) => remembered.push(slots),
    };
    const readiness = aReadiness({ engine: aHost(4).engine, slotMemory });
    expect(await readiness.look(SIGNAL)).toEqual({ digest: 'abc', slots: 4 });
    expect(remembered).toEqual([4]);
  });

  it.each([
    ['given', { slots: 48 }, 48],
    ['known elsewhere', { slotsElsewhere: () => 5 }, 5],
    ['one by force', { preflight: async () => ({ ...FACTS, singleParallel: true }) }, 1],
  ] as const)(
    'proves with one trial that it generates, schema and all, where the slots are %s',
    async (_, known, slots) => {
      const { engine, schemas } = aHost(1);
      const schema = { type: 'object' } as const;
      const readiness = aReadiness({ engine, schema, ...known });
      expect((await readiness.look(SIGNAL)).slots).toBe(slots);
      expect(schemas).toEqual([schema]);
    },
  );

  it('leaves the slots as they are where a search would find them no better', async () => {
    const { engine, schemas } = aHost(4);
    expect((await aReadiness({ engine }).look(SIGNAL, 3)).slots).toBe(3);
    expect(schemas.length).toBe(1);
  });

  it('refuses a model of another digest, and tells of another version', async () => {
    const told: string[] = [];
    const logger = { ...SILENT, warn: (message: string) => told.push(message) };
    const versions = ['0.33.0', '0.34.1'];
    const preflight = async () => ({ ...FACTS, version: versions.shift() ?? '' });
    const readiness = aReadiness({ engine: aHost(1).engine, slots: 1, logger, preflight });
    await readiness.look(SIGNAL);
    await readiness.look(SIGNAL);
    expect(told).toEqual([expect.stringContaining('came back with version 0.34.1, it was 0.33.0')]);
    const other = aReadiness({ engine: aHost(1).engine, pinDigest: async () => 'other' });
    await expect(other.look(SIGNAL)).rejects.toMatchObject({ code: 'MODEL_DIGEST_DIFFERS' });
  });
});

describe('the model that answers', () => {
  const times = { loadMs: 200, trustMs: 60_000 };
  const watchOf = (digest: Engine['digest']) =>
    new ModelWatch({ engine: anEngine({ digest }), model: 'tiny', digest: () => 'abc', signal: SIGNAL, times });

  it('is asked for only where it was loaded anew or nobody has looked for a while', async () => {
    let asked = 0;
    const watch = watchOf(async () => {
      asked += 1;
      return 'abc';
    });
    await watch.check(3);
    expect(asked).toBe(0);
    await Promise.all([watch.check(900), watch.check(900)]);
    expect(asked).toBe(1);
  });

  it('is asked for at the next answer where the last look is too old', async () => {
    let asked = 0;
    const digest = async () => {
      asked += 1;
      return 'abc';
    };
    const options = { engine: anEngine({ digest }), model: 'tiny', digest: () => 'abc', signal: SIGNAL };
    const watch = new ModelWatch({ ...options, times: { loadMs: 200, trustMs: 0 } });
    await watch.check(3);
    await watch.check(null);
    expect(asked).toBe(2);
  });

  it('is trusted where the host went away right after an answer of a model that was not loaded anew', async () => {
    const digest = () => Promise.reject(new VisionError('HOST_UNREACHABLE', 'gone'));
    const options = { engine: anEngine({ digest }), model: 'tiny', digest: () => 'abc', signal: SIGNAL };
    const watch = new ModelWatch({ ...options, times: { loadMs: 200, trustMs: 0 } });
    await expect(watch.check(3)).resolves.toBeUndefined();
    await expect(watch.check(900)).rejects.toMatchObject({ code: 'HOST_UNREACHABLE' });
  });

  it('makes an answer none where it is another one, at no cost to the item', async () => {
    await expect(watchOf(async () => 'other').check(900)).rejects.toMatchObject({
      code: 'HOST_CRASHED',
      blameless: true,
    });
  });
});

it('a host is recycled when it has given so many answers since its model was loaded', async () => {
  const unloaded: (string | null)[] = [];
  const engine = anEngine({ unload: async (model) => void unloaded.push(model) });
  const recycling = new Recycling({ engine, model: 'tiny', after: 2, logger: SILENT });
  recycling.count();
  expect(recycling.isDue).toBe(false);
  recycling.count();
  expect(recycling.isDue).toBe(true);
  await recycling.run(SIGNAL);
  expect(unloaded).toEqual(['tiny']);
  expect(recycling.isDue).toBe(false);
});
