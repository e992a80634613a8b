import { describe, expect, it } from 'vitest';
import { createMemoryQueue } from '../../../jobs/memory-queue.js';
import { visionJob } from '../../../jobs/vision-job.js';
import { fingerprint } from '../../../src/core/fingerprint.js';
import { Tally } from '../../../src/core/tally.js';
import { Collector } from '../../../workers/collector.js';
import { anAsk, anItem, aRecord } from '../../support/builders.js';

const ITEMS = 60;
const RUN = '01890a5d-ac96-774b-bcce-b302099a8057';

describe('the collector', () => {
  it('stores outcomes that end one after the other together', async () => {
    const queue = createMemoryQueue();
    const ask = anAsk();
    const keys = Array.from({ length: ITEMS }, (_, n) => `${n}.png`);
    const stored: string[][] = [];
    const stop = new AbortController();
    const collecting = new Collector({
      queue,
      put: async (batch) => void stored.push(batch.map(({ record }) => record.id)),
      pending: new Set(keys),
      record: () => ({ ask, fingerprint: fingerprint(ask), digest: null }),
      tally: new Tally(),
      blind: { isThere: async () => false, expel: async () => {} },
      onRecords: async () => {},
      onAwaited: async () => {},
    }).run(stop.signal);
    await queue.add(keys.map((key) => visionJob(RUN, fingerprint(ask), anItem({ key }))));
    const lane = queue.serve({
      name: 'lane',
      slots: 1,
      handle: async ({ key }) => {
        await new Promise((resolve) => setTimeout(resolve, 1));
        return { record: aRecord({ id: key }), attempts: [] };
      },
      refused: () => {},
    });
    await expect.poll(() => stored.flat().length, { timeout: 10_000 }).toBe(ITEMS);
    stop.abort();
    await collecting;
    await lane.close();
    await queue.close();
    expect(stored.flat().sort()).toEqual([...keys].sort());
    expect(stored.length).toBeLessThan(ITEMS / 3);
  });
});
