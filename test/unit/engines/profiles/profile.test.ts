import { describe, expect, it } from 'vitest';
import type { ModelDescription } from '../../../../src/engines/engine.js';
import { imageTokensOf, profileOf } from '../../../../src/engines/profiles/profile.js';
import { FAMILIES } from '../../../../src/engines/profiles/table.js';

function described(changes: Partial<ModelDescription> = {}): ModelDescription {
  return {
    architecture: null,
    families: [],
    parameterSize: null,
    contextLength: null,
    thinks: false,
    sees: true,
    hasTemplate: true,
    ...changes,
  };
}

const named = (model: string) => profileOf(model, null, []);

describe('the profile of a model', () => {
  it.each([
    ['gemma3:4b', 'gemma3'],
    ['gemma4', 'gemma4'],
    ['qwen2.5vl:7b', 'qwen2.5vl'],
    ['qwen3-vl:8b-instruct', 'qwen3-vl'],
    ['qwen3.5:4b', 'qwen3-vl'],
    ['mistral-small3.2:24b', 'mistral'],
    ['ministral-3:8b', 'mistral'],
    ['llama4:scout', 'llama4'],
    ['llama3.2-vision:11b', 'mllama'],
    ['minicpm-v:8b', 'minicpm-v'],
    ['granite3.2-vision:2b', 'granite-vision'],
    ['llava:13b', 'llava'],
    ['bakllava', 'llava'],
    ['moondream:1.8b', 'moondream'],
    ['deepseek-ocr', 'deepseek-ocr'],
    ['glm-ocr:latest', 'glm-ocr'],
    ['GLM-OCR', 'glm-ocr'],
    ['me/Gemma3-finetune:q4', 'gemma3'],
    ['hf.co/Qwen/Qwen2.5-VL-7B-GGUF:Q4_K_M', 'qwen2.5vl'],
    ['qwen3:8b', 'unknown'],
    ['somebodys-model', 'unknown'],
    ['', 'unknown'],
  ])('of %s is that of %s by its name', (model, family) => {
    expect(named(model).request.family).toBe(family);
  });

  it.each([
    ['qwen25vl', [], 'qwen2.5vl'],
    ['qwen3vlmoe', [], 'qwen3-vl'],
    ['glmocr', [], 'glm-ocr'],
    ['deepseekocr', [], 'deepseek-ocr'],
    ['deepseek2-ocr', [], 'deepseek-ocr'],
    ['llama', ['llama', 'mllama'], 'mllama'],
    ['llama', ['llama', 'clip'], 'gemma3'],
  ])(
    'is that of the architecture %s %j where a host has said it, before that of its name',
    (architecture, families, family) => {
      expect(profileOf('gemma3', described({ architecture, families }), []).request.family).toBe(family);
    },
  );

  it('names where each family comes from, and no family twice', () => {
    for (const { family, source } of FAMILIES) expect(`${family}: ${source}`).toMatch(/: .{20,}/);
    expect(new Set(FAMILIES.map(({ family }) => family)).size).toBe(FAMILIES.length);
    const architectures = FAMILIES.flatMap((row) => row.architectures);
    expect(new Set(architectures).size).toBe(architectures.length);
  });

  it('fixes the prompt of models that were trained on one, and ends a glm-ocr that wraps its answer', () => {
    expect(named('deepseek-ocr:3b').ocrPrompt).toBe('Free OCR.');
    expect(named('glm-ocr')).toMatchObject({ ocrPrompt: 'Text Recognition:', stop: ['```'], multiple: 28 });
    expect(named('gemma3')).toMatchObject({ ocrPrompt: null, stop: [] });
  });

  it('trusts the template of library models only, unless a host has shown it', () => {
    expect(named('gemma3').request.rendered).toBe(true);
    expect(named('hf.co/someone/gemma3').request.rendered).toBe(false);
    expect(named('somebodys-model').request.rendered).toBe(false);
    expect(profileOf('somebodys-model', described(), []).request.rendered).toBe(true);
    expect(profileOf('gemma3', described({ hasTemplate: false }), []).request.rendered).toBe(false);
  });

  it('takes thinking and trained context from the host, and one slot from the architecture', () => {
    expect(profileOf('x', described({ thinks: true, contextLength: 16_384 }), [])).toMatchObject({
      thinks: true,
      contextLength: 16_384,
      singleParallel: false,
    });
    expect(profileOf('x', described({ architecture: 'lfm2' }), []).singleParallel).toBe(true);
    expect(named('qwen3-vl').singleParallel).toBe(true);
    expect(named('x')).toMatchObject({ thinks: false, contextLength: null });
  });

  it('suits most where nothing is known', () => {
    expect(named('somebodys-model')).toEqual({
      request: { family: 'unknown', imagePlacement: 'before', rendered: false, maxImages: 1 },
      ocrPrompt: null,
      leastSide: 64,
      multiple: 1,
      bestSide: null,
      fixedSide: null,
      stop: [],
      singleParallel: false,
      imageTokens: { kind: 'blocks', side: 28, least: 256, most: 4096 },
      thinks: false,
      contextLength: null,
    });
  });

  it('is what the user says, the later word before the earlier', () => {
    const overrides = [
      { model: 'gemma*', traits: { maxImages: 2, imagePlacement: 'after' } },
      { model: 'gemma3', traits: { maxImages: 3, bestSide: null } },
      { model: 'llava', traits: { maxImages: 4 } },
    ] as const;
    const profile = profileOf('gemma3:4b', null, overrides);
    expect(profile.request).toEqual({ family: 'gemma3', imagePlacement: 'after', rendered: true, maxImages: 3 });
    expect(profile.bestSide).toBeNull();
  });
});

describe('tokens of an image', () => {
  it.each([
    ['gemma3', 2000, 1500, 256],
    ['qwen2.5vl', 280, 280, 1024],
    ['qwen2.5vl', 1400, 1120, 2000],
    ['qwen2.5vl', 1401, 1120, 2040],
    ['qwen2.5vl', 8000, 8000, 4096],
    ['glm-ocr', 28, 28, 8],
    ['deepseek-ocr', 640, 640, 1156],
  ])('of %s at %i × %i pixels are %i', (model, width, height, tokens) => {
    expect(imageTokensOf(named(model), { width, height })).toBe(tokens);
  });
});
