import { describe, expect, it } from 'vitest';
import { jobId, parseVisionJob, visionJob } from '../../../jobs/vision-job.js';
import { fingerprint } from '../../../src/core/fingerprint.js';
import { anAsk, anItem } from '../../support/builders.js';

const ASK = fingerprint(anAsk());

describe('a job’s id', () => {
  it('is the same for the same work, and another for another item, ask or run', () => {
    const job = visionJob('run1', ASK, anItem());
    expect(jobId(job)).toBe(jobId(visionJob('run1', ASK, anItem({ page: 1, row: { a: 'b' } }))));
    const others = [
      visionJob('run2', ASK, anItem()),
      visionJob('run1', fingerprint(anAsk({ prompt: 'Other' })), anItem()),
      visionJob('run1', ASK, anItem({ key: 'b.png' })),
    ];
    expect(new Set([job, ...others].map(jobId)).size).toBe(4);
  });

  it('holds no colon and is no number, whatever the key', () => {
    for (const key of ['1', 'a:b', 'ä ö#3', '-5'])
      expect(jobId({ run: 'r', ask: ASK, key })).toMatch(/^r-[0-9a-f]{20}$/);
  });
});

describe('a payload', () => {
  it('is read back as it was written, carried columns too', () => {
    const job = visionJob('run1', ASK, anItem({ row: { sku: '7' } }));
    expect(parseVisionJob(JSON.parse(JSON.stringify(job)))).toEqual(job);
    expect(job.vars).toEqual({ sku: '7' });
  });

  it('says of a member of an archive at an address where it is, and of which version', () => {
    const version = { size: 9_000, etag: '"a"' };
    const part = { member: '1.jpg', offset: 512, length: 7, packing: 'stored', size: 7, version } as const;
    const job = visionJob('run1', ASK, anItem({ sources: [{ url: 's3://b/x.tar', part }] }));
    expect(parseVisionJob(JSON.parse(JSON.stringify(job)))).toEqual(job);
  });

  it('of another version is refused as that, anything else as its shape', () => {
    const job = visionJob('run1', ASK, anItem());
    expect(parseVisionJob({ ...job, v: job.v - 1, news: true })).toMatchObject({ refused: 'version' });
    expect(parseVisionJob({ ...job, news: true })).toMatchObject({ refused: 'shape' });
    for (const payload of [null, 7, 'x', {}, { ...job, sources: [] }]) {
      expect(parseVisionJob(payload)).toMatchObject({ refused: 'shape' });
    }
  });
});
