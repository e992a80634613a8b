import { afterAll, describe, expect, it } from 'vitest';
import { isAsleep, type SleepWindow, wakesInMs } from '../../../src/core/sleep.js';

const HOUR_MS = 3_600_000;
const DAY: readonly SleepWindow[] = [{ fromMinute: 7 * 60, toMinute: 20 * 60 }];
const NIGHT: readonly SleepWindow[] = [{ fromMinute: 22 * 60, toMinute: 6 * 60 }];

const zone = process.env.TZ;
process.env.TZ = 'Europe/Berlin';
afterAll(() => {
  if (zone === undefined) delete process.env.TZ;
  else process.env.TZ = zone;
});

const at = (text: string): Date => new Date(text);

describe('a sleeping host', () => {
  it.each([
    [DAY, '2026-06-01T06:59:59', false],
    [DAY, '2026-06-01T07:00:00', true],
    [DAY, '2026-06-01T19:59:59', true],
    [DAY, '2026-06-01T20:00:00', false],
    [NIGHT, '2026-06-01T23:00:00', true],
    [NIGHT, '2026-06-01T00:00:00', true],
    [NIGHT, '2026-06-01T06:00:00', false],
    [NIGHT, '2026-06-01T21:59:00', false],
    [[...DAY, ...NIGHT], '2026-06-01T23:00:00', true],
    [[], '2026-06-01T12:00:00', false],
  ])('%j at %s: %s', (windows, time, asleep) => {
    expect(isAsleep(windows, at(time))).toBe(asleep);
  });

  it('wakes at the end of its window, also over midnight', () => {
    expect(wakesInMs(DAY, at('2026-06-01T06:00:00'))).toBe(0);
    expect(wakesInMs(DAY, at('2026-06-01T18:30:00'))).toBe(1.5 * HOUR_MS);
    expect(wakesInMs(NIGHT, at('2026-06-01T22:00:00'))).toBe(8 * HOUR_MS);
    expect(wakesInMs(DAY, at('2026-06-01T19:59:59.500'))).toBe(500);
  });

  it('sleeps through windows that follow each other', () => {
    const windows = [
      { fromMinute: 7 * 60, toMinute: 12 * 60 },
      { fromMinute: 12 * 60, toMinute: 13 * 60 },
    ];
    expect(wakesInMs(windows, at('2026-06-01T11:00:00'))).toBe(2 * HOUR_MS);
  });

  it('follows the local clock through the night it is put forward and the night it is put back', () => {
    expect(wakesInMs(NIGHT, at('2026-03-28T22:00:00'))).toBe(7 * HOUR_MS);
    expect(wakesInMs(NIGHT, at('2026-10-24T22:00:00'))).toBe(9 * HOUR_MS);
    const skipped = [{ fromMinute: 60, toMinute: 150 }]; // 02:30 is not that night
    expect(wakesInMs(skipped, at('2026-03-29T01:30:00'))).toBe(HOUR_MS / 2);
  });
});
