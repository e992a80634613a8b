import { open, stat } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { VisionError } from '../../../src/core/errors.js';
import { fileFailure } from '../../../src/inputs/file-failure.js';

it.each([
  ['ENOENT', 'IMAGE_MISSING'],
  ['EACCES', 'IMAGE_FORBIDDEN'],
  ['ELOOP', 'IMAGE_UNREADABLE'],
  ['ESTALE', 'UNEXPECTED'],
  ['ETIMEDOUT', 'UNEXPECTED'],
  ['EIO', 'UNEXPECTED'],
])('%s, when a file is looked at and when it is opened, is %s', (errno, code) => {
  expect(fileFailure(Object.assign(new Error('x'), { code: errno }), 'file').code).toBe(code);
});

it('says the same of what is looked at and what is opened', async () => {
  const thrown = await Promise.all([stat, open].map((look) => look('/nowhere/a.png').catch((error: unknown) => error)));
  const [looked, opened] = thrown.map((error) => fileFailure(error, 'archive').toFailure());
  expect(looked).toEqual(opened);
  expect(looked?.message).toBe('There is no such archive, or it is a link to one that is gone.');
});

it('passes on what has a code already', () => {
  const known = new VisionError('IMAGE_TOO_LARGE', 'It is too large.');
  expect(fileFailure(known, 'file')).toBe(known);
});
