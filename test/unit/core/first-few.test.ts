import { expect, it } from 'vitest';
import { FirstFew } from '../../../src/core/first-few.js';

it('names the first few and says how many more there are', () => {
  const few = new FirstFew(2);
  few.add('a');
  few.add('b');
  expect(few.sentence).toBe('a, b');
  for (let n = 0; n < 1_234; n += 1) few.add('c');
  expect([few.names, few.total, few.sentence]).toEqual([['a', 'b'], 1_236, 'a, b and 1,234 more']);
});
