import { describe, expect, it } from 'vitest';
import { ExitError } from '../../../../src/core/exit.js';
import { matchesModel, parseProfiles } from '../../../../src/engines/profiles/override.js';

describe('profiles of a user', () => {
  it('are read in their order, with any of the members', () => {
    const value = {
      'qwen2.5vl': { maxImages: 4, imageTokens: { side: 28, least: 4, most: 2048 } },
      'my-ocr*': { ocrPrompt: 'OCR:', stop: ['<end>'], bestSide: null, imageTokens: 300, rendered: true },
    };
    expect(parseProfiles(value, 'p.yaml')).toEqual([
      { model: 'qwen2.5vl', traits: { maxImages: 4, imageTokens: { kind: 'blocks', side: 28, least: 4, most: 2048 } } },
      {
        model: 'my-ocr*',
        traits: {
          ocrPrompt: 'OCR:',
          stop: ['<end>'],
          bestSide: null,
          imageTokens: { kind: 'fixed', tokens: 300 },
          rendered: true,
        },
      },
    ]);
  });

  it('are none where the file is empty', () => {
    expect(parseProfiles(null, 'p.yaml')).toEqual([]);
  });

  it('are refused with everything that is wrong, by its place', () => {
    const value = {
      gemma3: { maxImages: 0, imagePlacement: 'beside', colour: 1 },
      llava: { stop: '```', imageTokens: { side: 28, least: 9, most: 4 }, multiple: 1.5 },
      moondream: 7,
    };
    const refusal = errorOf(() => parseProfiles(value, 'p.yaml'));
    expect(refusal.exitCode).toBe(2);
    expect(refusal.message.split('\n').sort()).toEqual([
      expect.stringMatching(/^p\.yaml: gemma3: colour: no such member; there are imagePlacement, /),
      'p.yaml: gemma3: imagePlacement: Expected before or after, got "beside"',
      'p.yaml: gemma3: maxImages: Expected a whole number, 1 or more, got 0',
      expect.stringMatching(/^p\.yaml: llava: imageTokens: Expected /),
      'p.yaml: llava: multiple: Expected a whole number, 1 or more, got 1.5',
      'p.yaml: llava: stop: Expected a list of texts',
      'p.yaml: moondream: Expected members of a profile',
    ]);
  });

  it('are a map of names', () => {
    expect(errorOf(() => parseProfiles(['gemma3'], 'p.yaml')).message).toBe('p.yaml: Expected a map of model names');
  });
});

describe('the name of an override', () => {
  it.each([
    ['gemma3', 'gemma3', true],
    ['gemma3', 'gemma3:4b', true],
    ['Gemma3', 'GEMMA3:4B', true],
    ['gemma3:latest', 'gemma3', true],
    ['gemma3:4b', 'gemma3', false],
    ['gemma3:4b', 'gemma3:4b', true],
    ['gemma3', 'gemma3n', false],
    ['gemma?', 'gemma4:4b', true],
    ['gemma*', 'gemma3-mine:q4', true],
    ['hf.co/*/gemma*', 'hf.co/me/gemma3:q4', true],
    ['gemma3', 'me/gemma3', false],
    ['qwen2.5vl', 'qwen2x5vl', false],
  ])('%s means %s: %s', (pattern, model, matches) => {
    expect(matchesModel(pattern, model)).toBe(matches);
  });
});

function errorOf(run: () => unknown): ExitError {
  try {
    run();
  } catch (thrown) {
    if (thrown instanceof ExitError) return thrown;
    throw thrown;
  }
  throw new Error('Expected a refusal');
}
