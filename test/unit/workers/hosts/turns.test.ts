import { describe, expect, it } from 'vitest';
import { Turns } from '../../../../workers/hosts/turns.js';

async function hasStarted(turn: { started: Promise<void> }): Promise<boolean> {
  return Promise.race([turn.started.then(() => true), Promise.resolve().then(() => false)]);
}

describe('turns', () => {
  it('starts as many clocks as there are slots, and the next when one leaves, in order', async () => {
    const turns = new Turns(2);
    const [a, b, c, d] = [turns.enter(), turns.enter(), turns.enter(), turns.enter()];
    expect(await Promise.all([a, b, c, d].map(hasStarted))).toEqual([true, true, false, false]);
    b.leave();
    expect(await Promise.all([c, d].map(hasStarted))).toEqual([true, false]);
    expect(turns.inFlight).toBe(3);
  });

  it('counts a request that leaves twice once', () => {
    const turns = new Turns(1);
    const [a, b] = [turns.enter(), turns.enter()];
    a.leave();
    a.leave();
    expect(turns.inFlight).toBe(1);
    b.leave();
    expect(turns.inFlight).toBe(0);
  });
});
