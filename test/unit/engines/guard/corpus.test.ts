import { describe, expect, it } from 'vitest';
import { type LoopingText, legitimateTexts, loopingTexts } from './corpus.js';
import { CUTS } from './cuts.js';
import { boundOf, loopingStream, watch } from './streams.js';

const LEGITIMATE = legitimateTexts();
const LOOPING = loopingTexts();

describe.each([...CUTS])('a stream cut into %s', (_, cut) => {
  it.each(byFamily(LEGITIMATE))('is no loop: %s', (_, texts) => {
    const found = texts.map(({ language, maxRows, text }) => ({ language, loop: watch(cut(text), maxRows) }));
    expect(found).toEqual(texts.map(({ language }) => ({ language, loop: null })));
  });

  it.each(byFamily(LOOPING))('is a loop, found in time: %s', (_, texts) => {
    for (const text of texts) expectFound(text, cut);
  });
});

describe('the corpus', () => {
  it('is cut without losing a character', () => {
    const texts = LEGITIMATE.map(({ text }) => text);
    for (const cut of CUTS.values()) expect(texts.map((text) => cut(text).join(''))).toEqual(texts);
  });

  it('has at least 200 legitimate and 60 looping texts', () => {
    expect(LEGITIMATE.length).toBeGreaterThanOrEqual(200);
    expect(LOOPING.length).toBeGreaterThanOrEqual(60);
  });
});

function byFamily<T extends { readonly family: string }>(texts: readonly T[]): (readonly [string, readonly T[]])[] {
  const families = new Set(texts.map(({ family }) => family));
  return [...families].map((name) => [name, texts.filter(({ family }) => family === name)]);
}

function expectFound(looping: LoopingText, cut: (text: string) => readonly string[]): void {
  const { head, kind, maxRows, period, place } = looping;
  const pieces = cut(loopingStream(looping));
  const found = watch(pieces, maxRows);
  expect(found?.pieces ?? Number.POSITIVE_INFINITY, place).toBeLessThanOrEqual(boundOf(looping, pieces));
  expect(found?.loop.kind, place).toBe(kind);
  expect(found?.loop.keptLength, place).toBeGreaterThanOrEqual(head.trimEnd().length);
  expect(found?.loop.keptLength, place).toBeLessThanOrEqual(head.length + 3 * period.length + 20);
}
