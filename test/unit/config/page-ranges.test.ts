import { describe, expect, it } from 'vitest';
import { PAGE_RANGES } from '../../../config/page-ranges.js';

const parse = (raw: unknown) => PAGE_RANGES.type.safeParse(raw);

describe('page ranges', () => {
  it.each([
    ['3', [{ first: 3, last: 3 }]],
    [7, [{ first: 7, last: 7 }]],
    [
      '1-3, 7',
      [
        { first: 1, last: 3 },
        { first: 7, last: 7 },
      ],
    ],
    ['7-', [{ first: 7, last: null }]],
  ])('read %j', (raw, expected) => {
    expect(parse(raw).data).toEqual(expected);
  });

  it.each(['', '0', '3-1', '-3', 'a', '1,,2', '1-2-3', '1.5', null])('refuse %j', (raw) => {
    expect(parse(raw).error?.issues[0]?.message).toMatch(/^Expected pages such as 1-3,7 or 7-/);
  });

  it('are shown as they are written', () => {
    expect(PAGE_RANGES.show(parse('1-3,7,9-').data ?? [])).toBe('1-3,7,9-');
  });
});
