import { describe, expect, it } from 'vitest';
import { askDifferences, askWith } from '../../../../src/app/run/ask.js';
import { anAsk } from '../../../support/builders.js';

const choice = { task: 'ocr', engine: 'ollama', model: 'tiny' } as const;

describe('a later start', () => {
  it('asks as the run began where nothing is given, whatever the defaults are by now', () => {
    const pinned = anAsk({ prompt: 'A prompt of an older version.' });
    expect(askDifferences(pinned, askWith(pinned, choice, {}, {}))).toEqual([]);
  });

  it('names every value that was given and differs', () => {
    const pinned = anAsk();
    const now = askWith(pinned, choice, { temperature: 0.5, maxSide: 1000, lang: 'eng' }, {});
    expect(askDifferences(pinned, now)).toEqual([
      { name: '--temperature', before: '0', now: '0.5' },
      { name: '--max-side', before: '2000', now: '1000' },
    ]);
  });

  it('takes a model for the same with and without the tag `latest`', () => {
    const pinned = anAsk({ model: 'tiny:latest' });
    expect(askDifferences(pinned, askWith(pinned, { ...choice, model: 'Tiny' }, { model: 'Tiny' }, {}))).toEqual([]);
  });

  it('gives another model its own words, unless the user had given theirs', () => {
    const pinned = anAsk();
    const given = { model: 'glm-ocr' };
    expect(askWith(pinned, { ...choice, model: 'glm-ocr' }, given, {}).prompt).toBe('Text Recognition:');
    const own = askWith(pinned, { ...choice, model: 'glm-ocr' }, given, { prompt: 'Mine.' });
    expect(own.prompt).toBe('Mine.');
  });
});
