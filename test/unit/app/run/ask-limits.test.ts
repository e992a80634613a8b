import { describe, expect, it } from 'vitest';
import { newAsk } from '../../../../src/app/run/ask.js';
import { type AskedStart, askDoubts, refuseAsk } from '../../../../src/app/run/ask-limits.js';
import type { Definition } from '../../../../src/app/run/definition.js';
import { ExitError } from '../../../../src/core/exit.js';
import { aChoiceOf, aDefinition, DEFAULTS } from './asks.js';

function start(
  definition: Partial<Definition>,
  changes: { carried?: string[]; model?: string; explode?: string } = {},
) {
  const { carried = [], explode = null, model = 'gemma3' } = changes;
  const ask = newAsk(aChoiceOf(model), aDefinition(definition));
  return { meta: { ask, carried }, settings: { columns: 'default', explode } } satisfies AskedStart;
}

function refusal(asked: AskedStart): ExitError {
  try {
    refuseAsk(asked);
  } catch (thrown) {
    if (thrown instanceof ExitError) return thrown;
  }
  throw new Error('Expected the start to be refused with an ExitError');
}

describe('a name in the words', () => {
  const caption = (prompt: string) => ({ task: 'caption', given: { prompt } }) as const;

  it('may be a carried column or a fact of the file', () => {
    expect(() => refuseAsk(start(caption('{{title}} in {{file.name}}'), { carried: ['title'] }))).not.toThrow();
    expect(() => refuseAsk(start(caption('{{{{title}} as such')))).not.toThrow();
  });

  it('is refused where no item has it, with those there are', () => {
    expect(refusal(start(caption('{{titel}}'), { carried: ['title'] }))).toMatchObject({
      exitCode: 2,
      message: expect.stringContaining('{{titel}}'),
      fix: expect.stringMatching(/title, id, page, file\.path/),
    });
  });

  it('is looked for in every question and in the system message', () => {
    const questions = ['Who?', 'Since {{year}}?'];
    expect(refusal(start({ task: 'ask', given: { questions } })).message).toContain('{{year}}');
    expect(refusal(start({ task: 'caption', given: { system: 'You know {{year}}.' } })).message).toContain('{{year}}');
  });
});

describe('a column of labels', () => {
  const classify = { task: 'classify', settings: { ...DEFAULTS, labelsColumn: 'id' } } as const;

  it('is one that a table has: what is known of a file lists no labels', () => {
    expect(() => refuseAsk(start(classify, { carried: ['id'] }))).not.toThrow();
    expect(refusal(start(classify, { carried: ['kinds'] }))).toMatchObject({
      exitCode: 2,
      message: expect.stringContaining('a column of a table, got "id"'),
      fix: 'There are: kinds.',
    });
    expect(refusal(start(classify)).fix).toBe('Name a table among the inputs.');
  });
});

describe('several images', () => {
  it('go to a model that takes several, or onto one canvas', () => {
    expect(() => refuseAsk(start({ task: 'compare' }))).not.toThrow();
    expect(() => refuseAsk(start({ task: 'compare', given: { stitch: true } }, { model: 'moondream' }))).not.toThrow();
    expect(() => refuseAsk(start({ task: 'caption' }, { model: 'moondream' }))).not.toThrow();
  });

  it('are refused for a model that takes one, with what to do', () => {
    expect(refusal(start({ task: 'compare' }, { model: 'llama3.2-vision' }))).toMatchObject({
      exitCode: 2,
      message: expect.stringContaining('llama3.2-vision'),
      fix: expect.stringMatching(/--stitch.*--model/),
    });
  });
});

describe('a list that gets a line for each of its elements', () => {
  const schema = { type: 'object', properties: { items: { type: 'array', items: { type: 'string' } } } };

  it('must be one', () => {
    expect(() => refuseAsk(start({ task: 'extract', schema }, { explode: 'items' }))).not.toThrow();
    expect(refusal(start({ task: 'extract', schema }, { explode: 'item' })).exitCode).toBe(2);
  });
});

describe('doubts about a model', () => {
  const doubts = (model: string, definition: Partial<Definition>) => {
    const choice = aChoiceOf(model);
    return askDoubts(newAsk(choice, aDefinition(definition)), choice.profile);
  };

  it('are told of an OCR model that is not asked its own question', () => {
    expect(doubts('deepseek-ocr', { given: { prompt: 'Only the total.' } })).toEqual([
      expect.stringContaining('may repeat itself or invent'),
    ]);
    expect(doubts('deepseek-ocr', { task: 'caption' })).toEqual([
      expect.stringContaining('may not be able to caption'),
    ]);
    expect(doubts('deepseek-ocr', { given: { format: 'lines' } })).toEqual([
      expect.stringContaining('no --format lines'),
    ]);
  });

  it('are none where it is, nor of any other model', () => {
    expect(doubts('deepseek-ocr', {})).toEqual([]);
    expect(doubts('gemma3', { given: { prompt: 'Only the total.', format: 'lines' } })).toEqual([]);
  });
});
