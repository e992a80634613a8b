import { describe, expect, it } from 'vitest';
import { profileFor } from '../../../../src/engines/profiles/profile.js';

describe('the profile of a model', () => {
  it.each([
    ['gemma3:4b', 'gemma'],
    ['gemma4', 'gemma'],
    ['qwen2.5vl:7b', 'qwen-vl'],
    ['qwen3-vl:8b-instruct', 'qwen-vl'],
    ['qwen3.5:4b', 'qwen-vl'],
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
    ['me/Gemma3-finetune:q4', 'gemma'],
    ['hf.co/Qwen/Qwen2.5-VL-7B-GGUF:Q4_K_M', 'qwen-vl'],
    ['qwen3:8b', 'unknown'],
    ['somebodys-model', 'unknown'],
    ['', 'unknown'],
  ])('of %s is that of %s', (model, family) => {
    expect(profileFor(model).family).toBe(family);
  });

  it('fixes the prompt of models that were trained on one', () => {
    expect(profileFor('deepseek-ocr:3b').ocrPrompt).toBe('Free OCR.');
    expect(profileFor('glm-ocr').ocrPrompt).toBe('Text Recognition:');
    expect(profileFor('gemma3').ocrPrompt).toBeNull();
  });

  it('trusts the prompt template of library models only', () => {
    expect(profileFor('gemma3').rendered).toBe(true);
    expect(profileFor('hf.co/someone/gemma3').rendered).toBe(false);
    expect(profileFor('somebodys-model').rendered).toBe(false);
  });

  it('suits most where the name says nothing', () => {
    expect(profileFor('somebodys-model')).toEqual({
      family: 'unknown',
      imagePlacement: 'before',
      ocrPrompt: null,
      rendered: false,
      maxImages: 1,
    });
  });
});
