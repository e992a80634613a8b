import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { wordAgreement } from '../../../src/core/word-agreement.js';

const SAME = { agreement: 1, missing: [], added: [] };

describe('the agreement of two readings', () => {
  it('is 2 × the words in common ÷ the words of both', () => {
    expect(wordAgreement('one two three', 'three two four')).toEqual({
      agreement: 4 / 6,
      missing: ['four'],
      added: ['one'],
    });
  });

  it('is whole where neither has a word, and none where only one has', () => {
    expect(wordAgreement('', ' \n . – ____ [?]')).toEqual(SAME);
    expect(wordAgreement('invented', '')).toEqual({ agreement: 0, missing: [], added: ['invented'] });
    expect(wordAgreement('', 'left out')).toEqual({ agreement: 0, missing: ['left', 'out'], added: [] });
  });

  it('counts a word as often as it stands there, and lists it once', () => {
    expect(wordAgreement('so so so so', 'so')).toEqual({ agreement: 2 / 5, missing: [], added: ['so'] });
  });

  it('lists the first twenty words of each side in order of appearance', () => {
    const words = Array.from({ length: 30 }, (_, index) => `w${index}`);
    const { missing, added } = wordAgreement('', words.join(' '));
    expect(missing).toEqual(words.slice(0, 20));
    expect(added).toEqual([]);
  });

  it('is the same whichever way round, and takes no account of order', () => {
    const words = fc.array(fc.constantFrom('red', 'Green', 'blue.', '12,5', '字', '-'), { maxLength: 12 });
    fc.assert(
      fc.property(words, words, (a, b) => {
        const there = wordAgreement(a.join(' '), b.join(' '));
        const back = wordAgreement(b.toReversed().join('\n'), a.toReversed().join('\n'));
        expect(back.agreement).toBe(there.agreement);
        expect(back.missing.toSorted()).toEqual(there.added.toSorted());
        expect(wordAgreement(a.join(' '), a.toReversed().join(' '))).toEqual(SAME);
      }),
    );
  });
});

describe('words are the same', () => {
  it.each([
    ['in any case and punctuation', 'Dear Sir, (thank you)!', 'dear sir thank “YOU”'],
    ['in any width and as ligatures', 'ＡＢＣ １２ ﬁne', 'abc 12 fine'],
    ['where a line’s end divides them', 'the invoi-\n  ce was paid', 'the invoice was paid'],
    ['with a hyphen, a soft one, or none', 'a well-known co\u00adoperation', 'a wellknown cooperation'],
    ['with either apostrophe', "don't", 'don’t'],
    [
      'in Markdown and HTML',
      '# Bill\n\n| **Net** | `5` |\n|---|---|\n- <b>[ask](https://a.b/c)</b>&nbsp;us',
      'Bill Net 5 ask us',
    ],
    ['in a code block', '```markdown\ntext\n```', 'text'],
    ['in a script without blanks, however they are cut', '第3章 日本語。', '第 3 章日 本語'],
    ['in Thai with its vowel signs', 'ภาษาไทยที่ดี', 'ภาษา ไทย ที่ ดี'],
    ['as dates and ranges', '2024-01-31, pp. 3–5', '2024 - 01 - 31 pp 3 - 5'],
  ])('%s', (_, model, other) => {
    expect(wordAgreement(model, other)).toEqual(SAME);
  });
});

describe('words differ', () => {
  it.each([
    ['by a lost decimal point', '12.50', '1250'],
    ['by one digit', '1,234.56', '1,234.58'],
    ['by an accent', 'resume', 'résumé'],
    ['by one character of Chinese', '王小明', '王小朋'],
  ])('%s', (_, model, other) => {
    const { agreement, missing, added } = wordAgreement(model, other);
    expect(agreement).toBeLessThan(1);
    expect([missing.length, added.length]).toEqual([1, 1]);
  });
});

// Quadratic work on these takes minutes.
it('is done in time with floods that make a careless pattern slow', { timeout: 20_000 }, () => {
  const floods = ['<a', '](x', '&a', '- \n', '\n ', "a'", '1.', '```'].map((unit) => `a-${unit.repeat(100_000)}`);
  for (const flood of floods) expect(wordAgreement(flood, flood).agreement).toBe(1);
});
