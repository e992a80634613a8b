import { describe, expect, it } from 'vitest';
import { languagesInWords } from '../../../../jobs/tasks/languages.js';

describe('languages in words', () => {
  it.each([
    ['deu', 'The text is in German.'],
    ['deu+fra', 'The text is in German and French.'],
    ['eng+spa+por', 'The text is in English, Spanish, and Portuguese.'],
    ['chi_sim+eng', 'The text is in Simplified Chinese and English.'],
    ['chi_sim_vert', 'The text is in Simplified Chinese.'],
    ['jpn+jpn_vert', 'The text is in Japanese.'],
    ['grc', 'The text is in Ancient Greek.'],
    ['frk', 'The text is in German in blackletter.'],
    ['Latin', 'The text is in Latin letters.'],
    ['q_', 'The text is in q_.'],
  ])('%s', (lang, words) => {
    expect(languagesInWords(lang)).toBe(words);
  });
});
