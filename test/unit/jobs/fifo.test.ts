import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Fifo } from '../../../jobs/fifo.js';

type Value = { readonly n: number };

type Operation = 'push' | 'unshift' | 'shift' | { readonly deleteAt: number };

const operation: fc.Arbitrary<Operation> = fc.oneof(
  { weight: 5, arbitrary: fc.constant('push' as const) },
  { weight: 1, arbitrary: fc.constant('unshift' as const) },
  { weight: 4, arbitrary: fc.constant('shift' as const) },
  { weight: 1, arbitrary: fc.record({ deleteAt: fc.nat(50) }) },
);

/** Does the same to a fifo and to an array; what is shifted has to be the same. */
function doBoth(what: Operation, fifo: Fifo<Value>, model: Value[], value: Value): void {
  if (what === 'shift') {
    expect(fifo.shift()).toBe(model.shift());
  } else if (what === 'push' || what === 'unshift') {
    fifo[what](value);
    model[what](value);
  } else {
    for (const deleted of model.splice(what.deleteAt, 1)) fifo.delete(deleted);
  }
}

describe('a fifo', () => {
  it('behaves as an array does, whatever is done to it', () => {
    fc.assert(
      fc.property(fc.array(operation, { maxLength: 300 }), (operations) => {
        const fifo = new Fifo<Value>();
        const model: Value[] = [];
        for (const [n, what] of operations.entries()) doBoth(what, fifo, model, { n });
        while (model.length > 0) doBoth('shift', fifo, model, { n: 0 });
        expect(fifo.shift()).toBeUndefined();
      }),
    );
  });

  it('keeps its order over the point at which it lets go of used room', () => {
    const fifo = new Fifo<Value>();
    let next = 0;
    for (let n = 0; n < 20_000; n += 1) {
      fifo.push({ n });
      if (n % 3 !== 0) {
        expect(fifo.shift()?.n).toBe(next);
        next += 1;
      }
    }
    fifo.unshift({ n: -1 });
    expect(fifo.shift()?.n).toBe(-1);
    expect(fifo.shift()?.n).toBe(next);
  });
});
