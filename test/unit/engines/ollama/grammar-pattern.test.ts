import { describe, expect, it } from 'vitest';
import { grammarPattern } from '../../../../src/engines/ollama/grammar-pattern.js';

describe('a pattern for the server', () => {
  it.each([
    ['^abc$', '^abc$'],
    ['^[0-9]{4}-[0-9]{2}$', '^[0-9]{4}-[0-9]{2}$'],
    ['^(a|b)$', '^(a|b)$'],
    ['^ab?$', '^ab?$'],
    ['^(a|b){2,3}c$', '^(a|b){2,3}c$'],
  ])('takes %s as it is', (pattern, kept) => {
    expect(grammarPattern(pattern, 50)).toBe(kept);
  });

  it.each([
    ['^\\d{4}$', '^[0-9]{4}$', 'digits'],
    ['^[\\w.-]{1,5}$', '^[A-Za-z0-9_.-]{1,5}$', 'letters inside a class'],
    ['^a\\.b$', '^a[.]b$', 'an escaped dot'],
    ['^a\\/b$', '^a[/]b$', 'an escape that the grammar does not know'],
    ['^[a\\-z]$', '^[az-]$', 'a dash within a class'],
    ['^(?:ab)$', '^(ab)$', 'a group without a number'],
    ['^é+$', '^[é]{1,50}$', 'a repeated letter of several bytes'],
    ['^a*$', '^a{0,50}$', 'an open repeat, which ends at the longest text'],
    ['^[A-Z]{2,}$', '^[A-Z]{2,50}$', 'a repeat without an upper end'],
  ])('writes %s as %s: %s', (pattern, kept) => {
    expect(grammarPattern(pattern, 50)).toBe(kept);
  });

  it.each([
    ['abc', 'no anchors'],
    ['^abc', 'no end'],
    ['^a\\$', 'an escaped end'],
    ['^a.c$', 'a dot may be a quote'],
    ['^[^a]$', 'a negated class may be a quote'],
    ['^[ -~]$', 'a range across the quote'],
    ['^[A-z]$', 'a range across the backslash'],
    ['^"$', 'a quote'],
    ['^\\\\$', 'a backslash'],
    ['^\\s$', 'white space may be a line end'],
    ['^\\bA$', 'a word boundary'],
    ['^a|b$', 'choices that the anchors do not bind'],
    ['^$|^[a-z]$', 'two anchored choices'],
    ['^(?=a)a$', 'a lookahead'],
    ['^(?<name>a)$', 'a named group'],
    ['^a+?$', 'a lazy repeat'],
    ['^(a)\\1$', 'a back reference'],
    ['^\\p{L}$', 'a property of Unicode'],
    ['^$', 'nothing'],
    ['^((a{1,50}){1,50}){1,50}$', 'more characters than a grammar should hold'],
    ['^a{3,2}$', 'a repeat that cannot be'],
    ['^(a$', 'an open group'],
    ['^a)$', 'a group that was not opened'],
    ['^[a$', 'an open class'],
    ['^😀$', 'a character of two halves'],
  ])('has no words for %s: %s', (pattern) => {
    expect(grammarPattern(pattern, 50)).toBeNull();
  });

  it('matches what the original matches', () => {
    const texts = ['', 'a', 'ab', 'a.b', 'A-9', 'AB12', '12', 'é', 'éé', 'a/b', 'x_y', '+491701234567'];
    for (const source of ['^\\d+$', '^[\\w.-]+$', '^(?:a|b)\\.b$', '^[A-Z]{2}\\d*$', '^\\+[1-9]\\d{6,14}$', '^é+$']) {
      const kept = grammarPattern(source, 50);
      expect(kept).not.toBeNull();
      const matches = (pattern: string) => texts.filter((text) => new RegExp(pattern).test(text));
      expect(matches(kept ?? '')).toEqual(matches(source));
    }
  });
});
