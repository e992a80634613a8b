import { expect, it } from 'vitest';
import { createKnownBytes } from '../../../src/pixels/known-bytes.js';

it('the same bytes object is known by one number, and worked on once', async () => {
  const knownBytes = createKnownBytes();
  const bytes = Uint8Array.of(1, 2, 3);
  const first = knownBytes(bytes);
  expect(knownBytes(bytes)).toBe(first);
  expect(first.shared()).toBe(first.shared());
  expect(first.sha256()).toBe(first.sha256());
  expect(knownBytes(bytes.slice()).id).not.toBe(first.id);
});
