import { expect, it } from 'vitest';
import { uuidv7 } from '../../../src/results/uuidv7.js';

it('writes the time of the example in RFC 9562 as the example does', () => {
  expect(uuidv7(0x017f22e279b0)).toMatch(/^017f22e2-79b0-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
});

it('gives ids that sort by birth and differ within a millisecond', () => {
  expect(uuidv7(1_000) < uuidv7(1_001)).toBe(true);
  expect(new Set(Array.from({ length: 100 }, () => uuidv7(1_000))).size).toBe(100);
});
