import { expect, it } from 'vitest';
import { visionJob } from '../../../../jobs/vision-job.js';
import type { Failure } from '../../../../src/core/errors.js';
import { LaneJobs } from '../../../../workers/hosts/lane-jobs.js';

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
  const job = visionJob('run', 'f'.repeat(64), { key: 'a.png', page: 1, sources: [{ url: 's3://b/a.png' }], seen: [] });
  const context = { signal: new AbortController().signal, queuedMs: 0 };
  expect(await jobs.serve(job, context)).toEqual({ leave });
  expect(told).toEqual([leave]);
  expect(jobs.counts).toEqual({ done: 0, failed: 0 });
});
