import { describe, expect, it } from 'vitest';
import { type ContextNeed, contextAdvice, contextFor } from '../../../../src/app/run/context.js';
import type { AnswerForm } from '../../../../src/core/ask.js';
import { imageTokensOf, profileOf } from '../../../../src/engines/profiles/profile.js';
import { somePixels } from '../../../support/builders.js';

interface Changes {
  readonly model?: string;
  readonly contextLength?: number | null;
  readonly images?: number;
  readonly form?: AnswerForm;
  readonly prompt?: string;
  readonly system?: string | null;
  readonly maxTokens?: number;
  readonly maxPixels?: number;
  readonly mode?: 'auto' | 'as-is';
  readonly stitch?: boolean;
}

/** A caption of one image by qwen2.5vl, changed where a test cares. */
function aNeed(changes: Changes = {}): ContextNeed {
  const { maxPixels = 3_000_000, maxTokens = 512, mode = 'auto', model = 'qwen2.5vl' } = changes;
  return {
    profile: { ...profileOf(model, null, []), contextLength: changes.contextLength ?? null },
    images: changes.images ?? 1,
    ask: {
      form: changes.form ?? { kind: 'text' },
      prompt: changes.prompt ?? 'What is it?',
      system: changes.system ?? null,
      stitch: changes.stitch ?? false,
      options: { temperature: 0, maxTokens, seed: null, repeatPenalty: null, stop: [], extra: {} },
      pixels: somePixels({ mode, maxPixels, multiple: 28 }),
    },
  };
}

describe('the context of a run', () => {
  it('is 8,192 where everything fits into that', () => {
    expect(contextFor(aNeed())).toBe(8192);
    expect(contextFor(aNeed({ model: 'gemma3', maxTokens: 4096 }))).toBe(8192);
  });

  it('grows in whole 1,024s with images, answers and words', () => {
    const grown: readonly Changes[] = [
      { images: 3 },
      { maxTokens: 8192 },
      { system: 'x'.repeat(12_000) },
      { system: '図'.repeat(4_000) },
      { mode: 'as-is', maxTokens: 4096 },
    ];
    for (const changes of grown) {
      const numCtx = contextFor(aNeed(changes));
      expect(numCtx).toBeGreaterThan(8192);
      expect(numCtx % 1024).toBe(0);
      expect(contextAdvice(aNeed(changes), numCtx)).toBeNull();
      expect(contextAdvice(aNeed(changes), numCtx - 1024)).not.toBeNull();
    }
  });

  it('holds every answer of a conversation', () => {
    const questions = Array.from({ length: 10 }, (_, at) => `Question ${at}?`);
    expect(contextFor(aNeed({ form: { kind: 'answers', questions } }))).toBeGreaterThan(10 * 512 + 3_800);
  });

  it('holds an answer that goes back to the model beside the next one', () => {
    const form = { kind: 'data', schema: {}, columns: null } as const;
    expect(contextFor(aNeed({ form, maxTokens: 4096 }))).toBeGreaterThan(2 * 4096 + 3_800);
  });

  it('counts a group that is laid on one canvas as one image', () => {
    expect(contextFor(aNeed({ images: 4, stitch: true }))).toBe(contextFor(aNeed()));
  });

  it('is never more than the model was trained for', () => {
    expect(contextFor(aNeed({ contextLength: 4096 }))).toBe(4096);
    expect(contextFor(aNeed({ contextLength: 131_072, images: 3 }))).toBe(contextFor(aNeed({ images: 3 })));
  });
});

describe('what would fit into a smaller context', () => {
  it('is nothing to say where everything does', () => {
    expect(contextAdvice(aNeed(), 8192)).toBeNull();
  });

  it('are fewer pixels or a shorter answer, and these do fit', () => {
    const advice = contextAdvice(aNeed({ maxTokens: 2048 }), 5120) ?? '';
    const [, pixels] = /--max-pixels (\d+)/.exec(advice) ?? [];
    const [, length] = /--max-tokens (\d+)/.exec(advice) ?? [];
    expect(Number(pixels)).toBeGreaterThan(1_500_000);
    expect(Number(length)).toBeGreaterThan(1_000);
    expect(contextAdvice(aNeed({ maxTokens: 2048, maxPixels: Number(pixels) }), 5120)).toBeNull();
    expect(contextAdvice(aNeed({ maxTokens: Number(length) }), 5120)).toBeNull();
  });

  it('are no pixels where all images cost the same', () => {
    const advice = contextAdvice(aNeed({ model: 'llava', maxTokens: 4096 }), 4096);
    expect(advice).toMatch(/may take \d+ tokens, and 4096 are there\. --max-tokens \d+ would fit\.$/);
  });

  it('are both where neither alone is enough', () => {
    expect(contextAdvice(aNeed({ maxTokens: 4096 }), 2048)).toMatch(/Lower both --max-pixels and --max-tokens/);
  });

  it('names few pixels where a model takes small images', () => {
    expect(contextAdvice(aNeed({ model: 'glm-ocr', maxTokens: 4096 }), 4096 + 800)).toMatch(/--max-pixels \d+ or/);
  });

  it('comes to an end where no image is small enough', () => {
    expect(contextAdvice(aNeed({ model: 'glm-ocr', maxTokens: 4096 }), 4096 + 200)).not.toMatch('--max-pixels');
  });

  it('covers an image of any shape within the settings', () => {
    const { profile, ask } = aNeed({ model: 'glm-ocr' });
    const room = contextFor(aNeed({ model: 'glm-ocr', maxTokens: 8192 })) - 8192;
    for (let width = 100; width <= ask.pixels.maxSide; width += 7) {
      const height = Math.min(ask.pixels.maxSide, Math.floor(ask.pixels.maxPixels / width));
      expect(imageTokensOf(profile, { width, height })).toBeLessThan(room);
    }
  });
});
