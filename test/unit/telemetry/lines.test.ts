import { describe, expect, it } from 'vitest';
import { jsonLine, plainLine } from '../../../src/telemetry/lines.js';
import { panelLines } from '../../../src/telemetry/panel.js';
import { aLane, aSnapshot, someCounts } from './snapshots.js';

const WIDE = { columns: 120, rows: 40, rateOf: () => 1.5 };

describe('a plain line', () => {
  it('says how far, how fast, how long still, what failed and how busy the hosts are', () => {
    expect(plainLine(aSnapshot())).toBe(
      '43 of 100 (43 %), 2.5/s, about 3 min 20 s left · 2 not ok · 1 host, 3 of 4 slots busy',
    );
  });

  it('tells no time left while items are still being found', () => {
    expect(plainLine(aSnapshot({ discovering: true }))).toMatch(/^43 of 100 found so far, 2\.5\/s · /);
  });

  it('leaves skipped items out of the total', () => {
    expect(plainLine(aSnapshot({ counts: someCounts({ skipped: 57, left: 0 }) }))).toMatch(
      /^43 of 43 \(100 %\), 2\.5\/s ·/,
    );
  });

  it('names a host that does not serve, and what the run waits for', () => {
    const lanes = [aLane({ state: 'waiting', reason: 'does not answer\nat all', busy: 0 })];
    expect(plainLine(aSnapshot({ lanes, waitingFor: 'a host that answers' }))).toContain(
      '1 host, 0 of 4 slots busy, 1 not serving (http://gpu1:11434: does not answer at all) · waiting for a host that answers',
    );
  });

  it('names a host that sleeps, or serves another run first', () => {
    const asleep = aLane({ state: 'resting', reason: 'asleep until 20:00', busy: 0 });
    const queued = aLane({ host: 'http://gpu2:11434', state: 'queued', reason: 'it serves other first.', busy: 0 });
    const line = plainLine(aSnapshot({ lanes: [aLane({ host: 'http://gpu3:11434' }), asleep, queued] }));
    expect(line).toMatch(/3 of 12 slots busy, 2 not serving \(http:\/\/gpu1:11434: asleep until 20:00\)$/);
  });

  it.each([
    { hostSlots: 4, shares: [2, 2], busy: '4 of 4 slots busy' },
    { hostSlots: 4, shares: [1, 1], busy: '2 of 2 slots busy' }, // another run has the others
    { hostSlots: 1, shares: [1, 1], busy: '2 of 1 slot busy' }, // they take turns, and one of them is about to learn of it
    { hostSlots: 4, shares: [4, 1], busy: '5 of 4 slots busy' },
  ])('sums the shares $shares of a host up to its $hostSlots slots', ({ busy, hostSlots, shares }) => {
    const lanes = shares.map((slots, pid) => aLane({ pid, slots, hostSlots, busy: slots }));
    expect(plainLine(aSnapshot({ lanes }))).toMatch(`1 host, ${busy}`);
  });
});

it('writes numbers, not words, as JSON', () => {
  expect(JSON.parse(jsonLine(aSnapshot(), 0))).toEqual({
    event: 'progress',
    at: '1970-01-01T00:00:00.000Z',
    items: 100,
    ok: 40,
    blank: 1,
    not_ok: 2,
    skipped: 0,
    left: 57,
    discovering: false,
    rate_per_s: 2.5,
    eta_ms: 200_000,
    waiting_for: null,
    hosts: [{ host: 'http://gpu1:11434', slots: 4, busy: 3, done: 43, failed: 2, state: 'serving', reason: null }],
  });
});

describe('the panel', () => {
  it('shows the run and a line for every host', () => {
    const lanes = [aLane(), aLane({ host: 'http://gpu2:11434', state: 'waiting', reason: 'does not answer', busy: 0 })];
    expect(panelLines(aSnapshot({ lanes }), WIDE)).toEqual([
      '[=====       ] 43 of 100 (43 %), 2.5/s, about 3 min 20 s left',
      '  40 ok · 1 blank · 2 not ok',
      '  host               busy   rate  done  not ok',
      '  http://gpu1:11434   3/4  1.5/s    43       2',
      '  http://gpu2:11434   0/4  1.5/s    43       2  waiting: does not answer',
    ]);
  });

  it.each([20, 40, 80, 120])('is never as wide as a terminal of %i columns', (columns) => {
    const lanes = [aLane({ host: `http://${'very-'.repeat(20)}long:11434`, state: 'left', reason: 'x'.repeat(200) })];
    const lines = panelLines(aSnapshot({ lanes, waitingFor: 'y'.repeat(200) }), { ...WIDE, columns });
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThan(columns);
  });

  const many = Array.from({ length: 100 }, (_, i) =>
    aLane({
      host: `http://gpu${i}:11434`,
      done: i,
      failed: 0,
      ...(i === 50 ? { state: 'waiting', reason: 'gone' } : {}),
    }),
  );

  it('shows ten of many hosts, those in trouble first, then the busiest', () => {
    const lines = panelLines(aSnapshot({ lanes: many }), WIDE);
    expect(lines[3]).toContain('http://gpu50:11434');
    expect(lines[4]).toContain('http://gpu99:11434');
    expect(lines.at(-1)).toBe('  +90 more hosts');
  });

  it('is never as high as the terminal', () => {
    const lines = panelLines(aSnapshot({ lanes: many, waitingFor: 'hosts' }), { ...WIDE, rows: 10 });
    expect(lines.length).toBeLessThan(10);
  });
});
