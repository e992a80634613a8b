import { describe, expect, it } from 'vitest';
import { msUntil, Shutdown } from '../../../src/app/shutdown.js';

const MINUTE_MS = 60_000;
const at = (hour: number, minute: number, second = 0): Date => new Date(2026, 2, 14, hour, minute, second);

describe('the time until a clock shows a time', () => {
  it('is later today where that is to come', () => {
    expect(msUntil({ hour: 7, minute: 0 }, at(6, 30))).toBe(30 * MINUTE_MS);
    expect(msUntil({ hour: 23, minute: 59 }, at(0, 0))).toBe((24 * 60 - 1) * MINUTE_MS);
  });

  it('is tomorrow where it has passed, or is now', () => {
    expect(msUntil({ hour: 7, minute: 0 }, at(22, 0))).toBe(9 * 60 * MINUTE_MS);
    expect(msUntil({ hour: 7, minute: 0 }, at(7, 0))).toBe(24 * 60 * MINUTE_MS);
    expect(msUntil({ hour: 7, minute: 0 }, at(7, 0, 1))).toBe(24 * 60 * MINUTE_MS - 1_000);
  });

  it('goes over the end of a month and of a year', () => {
    expect(msUntil({ hour: 0, minute: 0 }, new Date(2026, 11, 31, 23, 59))).toBe(MINUTE_MS);
  });

  it('goes by the wall clock in a night that is an hour shorter or longer', () => {
    const from = new Date(2026, 2, 28, 22, 0); // the night of a change of clocks in much of Europe
    const to = new Date(from.getTime() + msUntil({ hour: 7, minute: 0 }, from));
    expect([to.getDate(), to.getHours(), to.getMinutes()]).toEqual([29, 7, 0]);
  });
});

describe('a program that stops by itself', () => {
  it('handles no signals, and stops once, however often it is told to', () => {
    const before = process.listenerCount('SIGTERM');
    const stages: string[] = [];
    const onStop = (_: string, stage: string) => void stages.push(stage);
    const shutdown = new Shutdown({ handlesSignals: false, forMs: null, until: null, drainTimeoutMs: 60_000, onStop });
    expect(process.listenerCount('SIGTERM')).toBe(before);
    shutdown.stop();
    shutdown.stop();
    expect(stages).toEqual(['drain']);
    expect([shutdown.draining.aborted, shutdown.aborting.aborted, shutdown.exitCode]).toEqual([true, false, 130]);
    shutdown.close();
  });
});
