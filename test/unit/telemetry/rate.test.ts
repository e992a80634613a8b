import { describe, expect, it } from 'vitest';
import { RateEstimator } from '../../../src/telemetry/rate.js';

describe('the rate of a run', () => {
  it('does not count what earlier starts did', () => {
    const rate = new RateEstimator(60_000);
    rate.observe(50_000, 0);
    expect(rate.perS).toBe(0);
    rate.observe(50_020, 10_000);
    expect(rate.perS).toBe(2);
  });

  it('forgets what is older than its window', () => {
    const rate = new RateEstimator(10_000);
    rate.observe(0, 0);
    for (let second = 1; second <= 10; second += 1) rate.observe(second * 100, second * 1_000);
    for (let second = 11; second <= 30; second += 1) rate.observe(1_000 + second - 10, second * 1_000);
    expect(rate.perS).toBe(1);
  });

  it('remembers a bounded number of looks however often it is told', () => {
    const rate = new RateEstimator(10_000);
    for (let ms = 0; ms < 20_000; ms += 1) rate.observe(ms, ms);
    expect(rate.perS).toBeCloseTo(1_000, 0);
  });

  it('tells no time left while nothing moves', () => {
    const rate = new RateEstimator(10_000);
    rate.observe(5, 0);
    rate.observe(5, 5_000);
    expect(rate.etaMs(100)).toBeNull();
    rate.observe(10, 10_000);
    expect(rate.etaMs(100)).toBe(200_000);
  });
});
