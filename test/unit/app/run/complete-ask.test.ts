import { describe, expect, it } from 'vitest';
import { completeAsk, type StoredAsk } from '../../../../src/app/run/complete-ask.js';
import { profileOf } from '../../../../src/engines/profiles/profile.js';
import { anAsk, somePixels } from '../../../support/builders.js';

/** As a store of the first version holds it. */
const OLD: StoredAsk & { readonly schema: null } = {
  task: 'ocr',
  engine: 'ollama',
  model: 'gemma3:12b',
  system: null,
  prompt: 'Read.',
  lang: 'deu',
  schema: null,
  options: { temperature: 0, maxTokens: 4_096, seed: 7, extra: { top_k: 20 } },
  pixels: { mode: 'auto', maxSide: 2_000, maxPixels: 3_000_000 },
};

describe('an ask of an earlier version', () => {
  it('is asked as it was then', () => {
    expect(completeAsk(OLD)).toEqual(
      anAsk({
        model: 'gemma3:12b',
        profile: profileOf('gemma3:12b', null, []).request,
        prompt: 'Read.',
        lang: 'deu',
        options: { temperature: 0, maxTokens: 4_096, seed: 7, repeatPenalty: null, stop: [], extra: { top_k: 20 } },
        pixels: somePixels({ maxPixels: 3_000_000 }),
      }),
    );
  });

  it('is text where it asked for a caption', () => {
    expect(completeAsk({ ...OLD, task: 'caption' })).toMatchObject({ taskName: 'caption', form: { kind: 'text' } });
  });
});

describe('a complete ask', () => {
  it('stays as it is', () => {
    const ask = anAsk({ task: 'compare', taskName: 'compare', stitch: true, form: { kind: 'text' } });
    expect(completeAsk(ask)).toEqual(ask);
  });
});
