import { expect, it } from 'vitest';
import { visionJob } from '../../../../jobs/vision-job.js';
import type { ModelAnswer } from '../../../../src/core/ask.js';
import type { Failure } from '../../../../src/core/errors.js';
import { LaneJobs } from '../../../../workers/hosts/lane-jobs.js';
import { aRecord, aRequest } from '../../../support/builders.js';

const AN_ANSWER: ModelAnswer = {
  text: 'yes',
  end: 'complete',
  tokens: { prompt: 1, output: 1 },
  timingMs: { load: 0, prompt: 1, generate: 1 },
  confidence: null,
};

const JOB = visionJob('run', 'f'.repeat(64), {
  key: 'a.png',
  page: 1,
  sources: [{ url: 's3://b/a.png' }],
  seen: [],
});
const CONTEXT = { signal: new AbortController().signal, queuedMs: 0 };

it('a lane stands back where a job cannot be done on its machine, and the job goes back as it was', async () => {
  const leave = { code: 'STORAGE_FORBIDDEN', message: 'Log in.' } as const;
  const told: Failure[] = [];
  const jobs = new LaneJobs({
    host: 'http://gpu',
    asker: { ask: () => Promise.reject(new Error('not asked')) },
    digest: () => null,
    maySend: () => true,
    othersAnswer: () => false,
    serveItem: async () => ({ leave }),
    onStop: () => {},
    onLeave: (failure) => void told.push(failure),
  });
  expect(await jobs.serve(JOB, CONTEXT)).toEqual({ leave });
  expect(told).toEqual([leave]);
  expect(jobs.counts).toEqual({ done: 0, failed: 0 });
});

it('no row says that a model answered which was replaced while the item was in hand', async () => {
  let digest = 'old';
  const asked: string[] = [];
  const jobs = new LaneJobs({
    host: 'http://gpu',
    asker: {
      ask: async () => {
        asked.push(digest);
        return AN_ANSWER;
      },
    },
    digest: () => digest,
    maySend: () => true,
    othersAnswer: () => false,
    serveItem: async (_, { signal }, host) => {
      const { text } = await host.askHost(aRequest(), { signal, itemMs: 1_000, onSpent: () => {}, alone: false });
      digest = 'new'; // as a look finds it, while this one is decoded
      await expect(
        host.askHost(aRequest(), { signal, itemMs: 1_000, onSpent: () => {}, alone: false }),
      ).rejects.toMatchObject({ code: 'HOST_CRASHED', blameless: true });
      return { record: aRecord({ text, model_digest: host.digest }), attempts: [] };
    },
    onStop: () => {},
    onLeave: () => {},
  });
  expect(await jobs.serve(JOB, CONTEXT)).toMatchObject({ record: { model_digest: 'old' } });
  expect(asked).toEqual(['old', 'new']);
});
