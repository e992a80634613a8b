import fc from 'fast-check';
import { expect, it } from 'vitest';
import { STATUSES } from '../../../src/core/errors.js';
import { Tally } from '../../../src/core/tally.js';

it('balances at any moment: items = ok + blank + not ok + skipped + left', () => {
  const event = fc.oneof(fc.constant('found' as const), fc.constant('skip' as const), fc.constantFrom(...STATUSES));
  fc.assert(
    fc.property(fc.array(event, { maxLength: 60 }), (events) => {
      const tally = new Tally();
      for (const next of events) {
        tally.found();
        if (next === 'skip') tally.skip();
        else if (next !== 'found') tally.add({ status: next, code: next === 'failed' ? 'URL_FETCH' : null });
      }
      const counts = tally.counts();
      const rows = Object.values(counts.statuses).reduce((sum, n) => sum + n, 0);
      expect(counts.ok + counts.blank + counts.notOk).toBe(rows);
      expect(counts.items).toBe(counts.ok + counts.blank + counts.notOk + counts.skipped + counts.left);
      expect(counts.left).toBe(events.filter((next) => next === 'found').length);
      expect(counts.codes.URL_FETCH ?? 0).toBe(events.filter((next) => next === 'failed').length);
    }),
  );
});
