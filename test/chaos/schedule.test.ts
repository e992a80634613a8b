import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Ground, openGround } from '../support/chaos/arena.js';
import { describeOutcome, play } from '../support/chaos/play.js';
import { scheduleOf } from '../support/chaos/schedule.js';

const ITEMS = 180;

let ground: Ground;
beforeAll(async () => {
  ground = await openGround(ITEMS);
});
afterAll(() => ground[Symbol.asyncDispose]());

/** A seed a queue; `npm run test:chaos` plays many, and longer. */
describe('a run through a schedule of faults', () => {
  it.each([
    { queue: 'memory', seed: 1 },
    { queue: 'redis', seed: 1 },
  ] as const)('has every row as if nothing had happened, and leaves nothing behind ($queue)', async (options) => {
    const schedule = scheduleOf({ ...options, items: ITEMS, short: true });
    const outcome = await play(ground, schedule);
    expect(outcome.problems, describeOutcome(schedule, outcome).join('\n')).toEqual([]);
    expect(outcome.struck).toBe(schedule.steps.length);
  });
});
