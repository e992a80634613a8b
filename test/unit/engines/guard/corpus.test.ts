import { describe, expect, it } from 'vitest';
import { legitimateTexts, loopingTexts } from './corpus.js';
import { CUTS } from './cuts.js';
import { boundOf, loopingStream, watch } from './streams.js';

describe.each([...CUTS])('a stream cut into %s', (_, cut) => {
  it.each(legitimateTexts())('is no loop: $name', ({ text, maxRows }) => {
    expect(watch(cut(text), maxRows)).toBeNull();
  });

  it.each(loopingTexts())('is a loop, found in time: $name', (looping) => {
    const pieces = cut(loopingStream(looping));
    const found = watch(pieces, looping.maxRows);
    expect(found?.pieces ?? Number.POSITIVE_INFINITY).toBeLessThanOrEqual(boundOf(looping, pieces));
    expect(found?.loop.kind).toBe(looping.kind);
    expect(found?.loop.keptLength).toBeLessThanOrEqual(looping.head.length + 3 * looping.period.length + 20);
  });
});

describe('the corpus', () => {
  it('is cut without losing a character', () => {
    const texts = legitimateTexts().map(({ text }) => text);
    for (const cut of CUTS.values()) expect(texts.map((text) => cut(text).join(''))).toEqual(texts);
  });

  it('has at least 200 legitimate and 60 looping texts', () => {
    expect(legitimateTexts().length).toBeGreaterThanOrEqual(200);
    expect(loopingTexts().length).toBeGreaterThanOrEqual(60);
  });
});
