import { describe, expect, it } from 'vitest';
import type { Given } from '../../../../config/schema.js';
import { askWith, newAsk } from '../../../../src/app/run/ask.js';
import { askDifferences } from '../../../../src/app/run/ask-differences.js';
import type { AskChoice, PinnedAsk } from '../../../../src/app/run/ask-words.js';
import type { Definition } from '../../../../src/app/run/definition.js';
import type { Ask } from '../../../../src/core/ask.js';
import { ExitError } from '../../../../src/core/exit.js';
import { fingerprint } from '../../../../src/core/fingerprint.js';
import type { ProfileOverride } from '../../../../src/engines/profiles/override.js';
import { profileOf } from '../../../../src/engines/profiles/profile.js';
import { anAsk } from '../../../support/builders.js';
import { aChoiceOf, aDefinition, DEFAULTS } from './asks.js';

const CPU: AskChoice = { engine: 'cpu-ocr', model: null, profile: null };
/** Labels that stand in a column, as the settings come to say it. */
const inColumn = (labelsColumn: string): Definition =>
  aDefinition({ task: 'classify', settings: { ...DEFAULTS, labelsColumn }, given: { labels: [] } });
const TOTAL = { type: 'object', properties: { total: { type: 'number' } } };

describe('the ask of a new run', () => {
  it('has the model’s own question, stop texts, sizes and padding', () => {
    const { profile } = aChoiceOf('glm-ocr');
    const ask = newAsk(aChoiceOf('glm-ocr'), aDefinition());
    expect(ask).toMatchObject({
      prompt: profile?.ocrPrompt,
      profile: profile?.request,
      options: { stop: profile?.stop, maxTokens: 4_096, repeatPenalty: null },
      pixels: { leastSide: profile?.leastSide, multiple: profile?.multiple },
    });
  });

  it('ends an answer at the model’s stop texts only where it is asked its own question', () => {
    const withStop: AskChoice = aChoiceOf('glm-ocr');
    const profile = withStop.profile === null ? null : { ...withStop.profile, stop: ['```'] };
    expect(newAsk({ ...withStop, profile }, aDefinition()).options.stop).toEqual(['```']);
    const own = aDefinition({ given: { prompt: 'Read only the table.' } });
    expect(newAsk({ ...withStop, profile }, own).options.stop).toEqual([]);
  });

  it('has the largest side that the user says, else what suits the model, else 2000', () => {
    const choice = aChoiceOf();
    const sided = choice.profile === null ? null : { ...choice.profile, bestSide: 900 };
    expect(newAsk(choice, aDefinition()).pixels.maxSide).toBe(2_000);
    expect(newAsk({ ...choice, profile: sided }, aDefinition()).pixels.maxSide).toBe(900);
    const given = aDefinition({ given: { maxSide: 1_200 } });
    expect(newAsk({ ...choice, profile: sided }, given).pixels.maxSide).toBe(1_200);
  });

  it('names the languages to the model where the user named them', () => {
    expect(newAsk(aChoiceOf(), aDefinition()).prompt).not.toContain('The text is in');
    expect(newAsk(aChoiceOf(), aDefinition({ given: { lang: 'eng' } })).prompt).toContain('The text is in English.');
  });

  it('goes by the name of the user’s own task', () => {
    const ask = newAsk(
      aChoiceOf(),
      aDefinition({ task: 'own', taskName: 'alt-text', given: { prompt: 'Alt text, please.' } }),
    );
    expect(ask).toMatchObject({
      task: 'own',
      taskName: 'alt-text',
      prompt: 'Alt text, please.',
      form: { kind: 'text' },
    });
  });

  it('is refused where the engine cannot do it', () => {
    expect(newAsk(CPU, aDefinition())).toMatchObject({ model: null, task: 'ocr' });
    expect(() => newAsk(CPU, aDefinition({ task: 'extract', schema: TOTAL }))).toThrow(ExitError);
  });

  it('lays images on one canvas in comparisons only', () => {
    const given = { stitch: true };
    expect(newAsk(aChoiceOf(), aDefinition({ task: 'compare', given })).stitch).toBe(true);
    expect(newAsk(aChoiceOf(), aDefinition({ task: 'caption', given })).stitch).toBe(false);
  });
});

/** A run that began with this. */
function begun(definition: Definition, choice = aChoiceOf()): PinnedAsk {
  return { ask: newAsk(choice, definition), given: definition.given };
}

/** The ask and the names of the differences, where the run is now continued with this. */
function continued(pinned: PinnedAsk, definition: Definition, choice = aChoiceOf()): { ask: Ask; names: string[] } {
  const ask = askWith(pinned, choice, definition);
  const given: Given = { ...pinned.given, ...definition.given };
  const names = askDifferences(pinned, { ask, given }).map(({ name }) => name);
  expect(names.length > 0).toBe(fingerprint(ask) !== fingerprint(pinned.ask)); // else a changed ask would go unseen
  return { ask, names };
}

describe('a later start', () => {
  it('asks as the run began where nothing is given, whatever the words and defaults are by now', () => {
    const ask = anAsk({ prompt: 'A prompt of an older version.' });
    expect(continued({ ask, given: {} }, aDefinition())).toEqual({ ask, names: [] });
  });

  it('asks as the run began where the same is given again, whatever the words are by now', () => {
    const definition = aDefinition({ task: 'caption', given: { style: 'alt', temperature: 0.5 } });
    const pinned = begun(definition);
    const older = { ...pinned, ask: { ...pinned.ask, prompt: 'Alt text of an older version.' } };
    expect(continued(older, definition)).toEqual({ ask: older.ask, names: [] });
  });

  it('names every value that was given and differs', () => {
    const pinned: PinnedAsk = { ask: anAsk(), given: {} };
    const definition = aDefinition({ given: { temperature: 0.5, maxSide: 1000, lang: 'eng' } });
    const ask = askWith(pinned, aChoiceOf(), definition);
    expect(askDifferences(pinned, { ask, given: definition.given })).toEqual([
      { name: '--temperature', before: '0', now: '0.5' },
      { name: '--max-side', before: '2000', now: '1000' },
    ]);
  });

  it('takes a model for the same with and without the tag `latest`', () => {
    const pinned: PinnedAsk = { ask: anAsk({ model: 'tiny:latest' }), given: {} };
    expect(continued(pinned, aDefinition({ given: { model: 'Tiny' } }), aChoiceOf('Tiny')).names).toEqual([]);
  });

  it('gives another model its own words and padding, unless the user had given theirs', () => {
    const given = { model: 'glm-ocr' };
    const glm = aChoiceOf('glm-ocr');
    const { ask, names } = continued({ ask: anAsk(), given: {} }, aDefinition({ given }), glm);
    expect(ask).toMatchObject({ prompt: 'Text Recognition:', pixels: { multiple: glm.profile?.multiple } });
    expect(names).toContain('--model');
    expect(names).not.toContain('--prompt'); // it follows from the model
    const own = continued({ ask: anAsk({ prompt: 'Mine.' }), given: { prompt: 'Mine.' } }, aDefinition({ given }), glm);
    expect(own.ask.prompt).toBe('Mine.');
  });

  it.each<[string, Definition, Definition, string[]]>([
    ['format', aDefinition(), aDefinition({ given: { format: 'markdown' } }), ['--format']],
    ['languages', aDefinition(), aDefinition({ given: { lang: 'deu' } }), ['--lang']],
    ['style', aDefinition({ task: 'caption' }), aDefinition({ task: 'caption', given: { style: 'alt' } }), ['--style']],
    [
      'questions',
      aDefinition({ task: 'ask', given: { questions: ['A?'] } }),
      aDefinition({ task: 'ask', given: { questions: ['A?', 'B?'] } }),
      ['--question'],
    ],
    [
      'labels',
      aDefinition({ task: 'classify', given: { labels: ['a', 'b'] } }),
      aDefinition({ task: 'classify', given: { labels: ['a', 'c'] } }),
      ['--labels'],
    ],
    [
      'place of the labels',
      aDefinition({ task: 'classify', given: { labels: ['a', 'b'] } }),
      inColumn('kinds'),
      ['--labels-column'],
    ],
    ['column of labels', inColumn('kinds'), inColumn('tags'), ['--labels-column']],
    [
      'number of labels',
      aDefinition({ task: 'classify', given: { labels: ['a', 'b'] } }),
      aDefinition({ task: 'classify', given: { labels: ['a', 'b'], multi: true } }),
      ['--multi'],
    ],
    [
      'schema',
      aDefinition({ task: 'extract', schema: TOTAL, given: { schema: 'a.json' } }),
      aDefinition({ task: 'extract', schema: { ...TOTAL, required: ['total'] }, given: { schema: 'a.json' } }),
      ['--schema'],
    ],
    [
      'prompt',
      aDefinition({ task: 'compare', given: { prompt: 'Which is older?' } }),
      aDefinition({ task: 'compare', given: { prompt: 'Which is newer?' } }),
      ['--prompt'],
    ],
    [
      'canvas',
      aDefinition({ task: 'compare' }),
      aDefinition({ task: 'compare', given: { stitch: true } }),
      ['--stitch'],
    ],
    ['task', aDefinition({ task: 'caption' }), aDefinition({ task: 'compare' }), ['task']],
    [
      'prompt of an own task',
      aDefinition({ task: 'own', taskName: 'alt', given: { prompt: 'A.' } }),
      aDefinition({ task: 'own', taskName: 'alt', given: { prompt: 'B.' } }),
      ['--prompt'],
    ],
  ])('names a changed %s by its flag, and nothing that follows from it', (_what, before, now, names) => {
    expect(continued(begun(before), now).names).toEqual(names);
    expect(continued(begun(now), now).names).toEqual([]);
    expect(continued(begun(before), before).names).toEqual([]);
  });

  it.each<[string, ProfileOverride['traits'], string]>([
    ['padding', { multiple: 32 }, '--profiles'],
    ['stop texts', { stop: ['END'] }, '--profiles'],
    ['best side', { bestSide: 1_111 }, '--max-side'],
    ['own question', { ocrPrompt: 'Read it.' }, '--prompt'],
  ])('names what --profiles now says otherwise of the %s', (_what, traits, name) => {
    const now: AskChoice = { ...aChoiceOf('glm-ocr'), profile: profileOf('glm-ocr', null, [{ model: '*', traits }]) };
    const plain = aDefinition({ given: {} });
    const told = { ...plain, settings: { ...plain.settings, profiles: 'profiles.yaml' } };
    expect(continued(begun(plain, aChoiceOf('glm-ocr')), told, now).names).toEqual([name]);
    expect(continued(begun(told, now), told, now).names).toEqual([]);
    expect(continued(begun(told, now), plain, aChoiceOf('glm-ocr')).names).toEqual([]); // nothing given: as it began
  });

  it('is refused where --profiles puts the same question otherwise, which no row would show', () => {
    const profile = profileOf('tiny', null, [{ model: 'tiny', traits: { imagePlacement: 'after' } }]);
    const plain = aDefinition();
    const told = { ...plain, settings: { ...plain.settings, profiles: 'profiles.yaml' } };
    const now = { ...aChoiceOf(), profile };
    expect(() => askWith(begun(plain), now, told)).toThrow('the run began with imagePlacement before, now after');
    expect(continued(begun(told, now), told, now).names).toEqual([]);
  });

  it('keeps the profile that it began with where the product alone knows the model otherwise by now', () => {
    const plain = aDefinition();
    const told = { ...plain, settings: { ...plain.settings, profiles: 'profiles.yaml' } };
    const { ask, given } = begun(plain, aChoiceOf('glm-ocr'));
    const older = { given, ask: { ...ask, pixels: { ...ask.pixels, multiple: 7 }, prompt: 'An older one.' } };
    expect(continued(older, told, aChoiceOf('glm-ocr'))).toEqual({ ask: older.ask, names: [] });
  });

  it('compares a schema by its content, in any order of its members', () => {
    const definition = (schema: object, file: string) =>
      aDefinition({ task: 'extract', schema: { ...schema }, given: { schema: file } });
    const pinned = begun(definition(TOTAL, 'a.json'));
    const moved = { properties: { total: { type: 'number' } }, type: 'object' };
    expect(continued(pinned, definition(moved, 'elsewhere/b.yaml')).names).toEqual([]);
  });

  it('shows of long values the place where they part', () => {
    const prompt = `${'word '.repeat(100)}end`;
    const pinned = begun(aDefinition({ task: 'caption', given: { prompt } }));
    const definition = aDefinition({ task: 'caption', given: { prompt: `${prompt}ing` } });
    const ask = askWith(pinned, aChoiceOf(), definition);
    const [difference] = askDifferences(pinned, { ask, given: definition.given });
    expect(difference?.before).toMatch(/^….{30,}end"$/);
    expect(difference?.now).toMatch(/^….{30,}ending"$/);
  });
});
