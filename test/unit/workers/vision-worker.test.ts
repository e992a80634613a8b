import { afterEach, expect, it, vi } from 'vitest';
import { TASKS } from '../../../jobs/tasks/registry.js';
import { type Outcome, visionJob } from '../../../jobs/vision-job.js';
import type { ModelAnswer } from '../../../src/core/ask.js';
import { VisionError } from '../../../src/core/errors.js';
import { fingerprint } from '../../../src/core/fingerprint.js';
import type { AskHost } from '../../../workers/host-asker.js';
import { serveItem } from '../../../workers/vision-worker.js';
import { anAsk, anItem } from '../../support/builders.js';

const ANSWER: ModelAnswer = {
  text: 'Hello',
  end: 'complete',
  tokens: { prompt: 1, output: 1 },
  timingMs: { load: 0, prompt: 0, generate: 0 },
  confidence: null,
};

afterEach(() => {
  vi.restoreAllMocks();
});

function served(askHost: AskHost): Promise<Outcome> {
  const ask = anAsk();
  const { key, sources, page } = anItem();
  const bytes = new Uint8Array(1);
  return serveItem(
    visionJob('run', fingerprint(ask), { key, sources, page }),
    { signal: new AbortController().signal, queuedMs: 0 },
    {
      record: { ask, fingerprint: fingerprint(ask), digest: null },
      task: TASKS.ocr,
      host: 'here',
      attempts: 4,
      itemMs: 1_000,
      numCtx: 8192,
      imagePlacement: 'before',
      open: async () => ({ bytes, size: 1, mtimeMs: 0 }),
      prepare: async () => ({
        image: { bytes, width: 1, height: 1 },
        sha256: '00',
        width: 1,
        height: 1,
        warnings: [],
      }),
      askHost,
      othersAnswer: () => true,
    },
  );
}

it("takes of the item's time what the asker says, not the wait in its queue", async () => {
  const outcome = await served(async (_, { onSpent }) => {
    await new Promise((resolve) => setTimeout(resolve, 20));
    onSpent(7.4);
    throw new VisionError('ANSWER_STALLED', 'No token came.');
  });
  expect(outcome).toMatchObject({ handBack: { reason: 'ANSWER_STALLED' }, carry: { spentMs: 7 } });
});

it('measures a time where the clock is set back meanwhile', async () => {
  const outcome = await served(async () => {
    const nowMs = Date.now();
    vi.spyOn(Date, 'now').mockReturnValue(nowMs - 3_600_000);
    return ANSWER;
  });
  if (!('record' in outcome)) throw new Error('Expected a record');
  expect(outcome.record.timing_ms.total).toBeGreaterThanOrEqual(0);
  expect(outcome.attempts[0]?.ms).toBeGreaterThanOrEqual(0);
});
