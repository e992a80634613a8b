import { expect, it } from 'vitest';
import { resolveInputs } from '../../../src/inputs/resolve.js';
import { createS3 } from '../../../src/inputs/s3/s3-client.js';
import { PLAIN } from './folders.js';

/** Nothing is asked for here. */
const ADDRESSES = {
  read: () => Promise.reject(new Error('unexpected')),
  s3: createS3({ maxBytes: 1, timeoutMs: 1_000, endpoint: null }),
};

it.each([
  ['https://a.example/x.jpg', 'manifest'],
  ['file:///scans', 'Write its path'],
  ['ftp://a.example/x.jpg', 'FTP is not spoken'],
  ['data:image/png;base64,AAAA', 'holds the image itself'],
  ['gs://bucket/x.jpg', 'Download'],
  ...['x.tgz', 'x.tar.gz', 'list.csv', 'list.parquet'].flatMap((name) => [
    [`s3://bkt/${name}`, 'Download it and give its path.'],
    [`https://a.example/${name}?signed`, 'Download it and give its path.'],
  ]),
  ['s3://', 's3://BUCKET/KEY'],
  ['s3://a..b/x.jpg', 's3://BUCKET/KEY'],
])('an address that cannot be an input is refused before anything begins, with its own fix: %s', async (given, fix) => {
  const resolving = resolveInputs([given], { ...PLAIN, cwd: '/nowhere', addresses: ADDRESSES });
  await expect(resolving).rejects.toMatchObject({ exitCode: 2, fix: expect.stringContaining(fix) });
});
