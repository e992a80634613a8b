import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { FAILURE_CODES } from '../../../src/core/errors.js';

it('documents every failure code', () => {
  const page = readFileSync(new URL('../../../docs/operations.md', import.meta.url), 'utf8');
  expect(FAILURE_CODES.filter((code) => !page.includes(code))).toEqual([]);
});
