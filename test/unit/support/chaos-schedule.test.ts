import { describe, expect, it } from 'vitest';
import { describeSchedule, scheduleOf } from '../../support/chaos/schedule.js';

const OPTIONS = { queue: 'redis', items: 2_000, short: false } as const;
const SEEDS = Array.from({ length: 20 }, (_, seed) => seed + 1);

describe('a schedule of faults', () => {
  it('is the same for the same seed, and another for another', () => {
    const lines = (seed: number) => describeSchedule(scheduleOf({ ...OPTIONS, seed }));
    expect(lines(7)).toEqual(lines(7));
    expect(lines(7).slice(1)).not.toEqual(lines(8).slice(1));
  });

  it('strikes in order, and leaves the last fifth of the answers to heal', () => {
    for (const seed of SEEDS) {
      const moments = scheduleOf({ ...OPTIONS, seed }).steps.map(({ afterAnswers }) => afterAnswers);
      expect(moments).toEqual([...moments].sort((a, b) => a - b));
      expect(moments.at(-1)).toBeLessThanOrEqual(1_600);
    }
  });

  it('has every kind of fault among twenty seeds', () => {
    const faults = SEEDS.flatMap((seed) => scheduleOf({ ...OPTIONS, seed }).steps).map(({ fault }) => fault);
    const kinds = new Set(faults.map((fault) => ('how' in fault ? `${fault.kind} ${fault.how}` : fault.kind)));
    expect([...kinds].sort()).toEqual([
      'answer crash',
      'answer hang',
      'answer reset',
      'clock',
      'cut reset',
      'cut silent',
      'freeze',
      'host-down killed',
      'host-down off',
      'host-down terminated',
      'host-ill busy',
      'host-ill model-gone',
      'host-ill model-missing',
      'host-ill slow',
      'kill',
      'poison',
      'redis-flush',
      'redis-kill',
    ]);
  });
});
