import { expect, it } from 'vitest';
import { clip, duration, oneLine, percent, rate, table } from '../../../src/telemetry/words.js';

it.each([
  [0, '0 ms'],
  [999, '999 ms'],
  [1_000, '1 s'],
  [59_600, '1 min'],
  [200_000, '3 min 20 s'],
  [3_600_000, '1 h'],
  [17_280_000, '4 h 48 min'],
  [183_600_000, '2 d 3 h'],
])('says %i ms as "%s"', (ms, words) => {
  expect(duration(ms)).toBe(words);
});

it.each([
  [0, '-'],
  [0.05, '3.0/min'],
  [3.42, '3.4/s'],
  [1234.5, '1,235/s'],
])('says %d a second as "%s"', (perS, words) => {
  expect(rate(perS)).toBe(words);
});

it('says 100 % only when nothing is left', () => {
  expect([percent(0, 0), percent(9_999, 10_000), percent(10_000, 10_000)]).toEqual(['0 %', '99 %', '100 %']);
});

it('lets no name steer the terminal', () => {
  expect(oneLine('a\u001b[2Jb\r\nc\td')).toBe('a [2Jb c d');
});

it('cuts whole characters', () => {
  expect(clip('añ😀b', 4)).toBe('añ😀b');
  expect(clip('añ😀bc', 4)).toBe('añ😀…');
});

it('sets columns under each other', () => {
  expect(
    table(
      [
        ['a', '10', ''],
        ['long', '9', 'x'],
      ],
      'lrl',
    ),
  ).toEqual(['a     10', 'long   9  x']);
});
