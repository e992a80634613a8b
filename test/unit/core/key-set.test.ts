import fc from 'fast-check';
import { expect, it } from 'vitest';
import { KeySet } from '../../../src/core/key-set.js';
import { keyHash } from '../../../src/results/layout.js';

it('knows what a set of the same hashes knows, small or grown', () => {
  const hash = fc.uint8Array({ minLength: 8, maxLength: 8 }).map((bytes) => Buffer.from(bytes));
  fc.assert(
    fc.property(fc.array(hash), fc.array(hash), (added, asked) => {
      const ours = new KeySet();
      const theirs = new Set<string>();
      for (const one of added) {
        expect(ours.add(one)).toBe(!theirs.has(one.toString('hex')));
        theirs.add(one.toString('hex'));
      }
      expect(ours.size).toBe(theirs.size);
      for (const one of [...added, ...asked]) expect(ours.has(one)).toBe(theirs.has(one.toString('hex')));
    }),
  );
});

it('holds tens of thousands and forgets none', () => {
  const set = new KeySet();
  for (let index = 0; index < 50_000; index += 1) set.add(keyHash(`${index}`));
  for (let index = 0; index < 50_000; index += 1) expect(set.add(keyHash(`${index}`))).toBe(false);
  expect(set.has(keyHash('50000'))).toBe(false);
  expect(set.size).toBe(50_000);
});
