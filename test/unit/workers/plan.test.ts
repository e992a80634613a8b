import { describe, expect, it } from 'vitest';
import { planOf, rescuedBy, scaledPixels } from '../../../workers/plan.js';
import { anAsk } from '../../support/builders.js';

const { options, pixels } = anAsk();

describe('how a further try asks', () => {
  it('asks the ask as it stands where nothing was changed', () => {
    expect(planOf([], options, 8192)).toEqual({ options, scale: 1, halves: false, complains: false });
  });

  it('discourages repetition with a penalty and a little warmth, never with less than the user gave', () => {
    expect(planOf(['penalty'], options, 8192).options).toMatchObject({ repeatPenalty: 1.15, temperature: 0.2 });
    const own = { ...options, repeatPenalty: 1.3, temperature: 0.7 };
    expect(planOf(['penalty'], own, 8192).options).toMatchObject({ repeatPenalty: 1.3, temperature: 0.7 });
    const named = { ...options, extra: { repeat_penalty: 1.4 } };
    expect(planOf(['penalty'], named, 8192).options.repeatPenalty).toBe(1.4);
  });

  it('doubles the length of an answer as far as the context holds', () => {
    expect(planOf(['more-tokens'], options, 16_384).options.maxTokens).toBe(8192);
    expect(planOf(['more-tokens'], options, 6000).options.maxTokens).toBe(6000);
  });

  it('keeps a smaller image and a longer answer for the tries after it, and nothing else', () => {
    const plan = planOf(['penalty', 'smaller', 'more-tokens', 'smaller', 'halves'], options, 16_384);
    expect(plan).toMatchObject({ halves: true, complains: false, options: { temperature: 0, repeatPenalty: null } });
    expect(plan.options.maxTokens).toBe(8192);
    expect(plan.scale).toBeCloseTo(0.5);
  });

  it('names in the warnings what won a row, and no change that is not one of the ask', () => {
    expect(rescuedBy([])).toEqual([]);
    expect(rescuedBy(['other-host'])).toEqual([]);
    expect(rescuedBy(['penalty', 'halves'])).toEqual(['rescued:halves']);
    expect(rescuedBy(['smaller', 'penalty'])).toEqual(['rescued:smaller', 'rescued:penalty']);
  });

  it('makes an image smaller than it was sent at first, not than the limit that it never reached', () => {
    expect(scaledPixels(pixels, 0.5, { width: 800, height: 600 }).maxSide).toBe(400);
    expect(scaledPixels(pixels, 1, { width: 800, height: 600 })).toBe(pixels);
  });
});
