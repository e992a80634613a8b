import { describe, expect, it } from 'vitest';
import { type Carry, FRESH_CARRY } from '../../../jobs/vision-job.js';
import type { Change } from '../../../src/core/changes.js';
import { type FailureCode, VisionError } from '../../../src/core/errors.js';
import { answered, LADDER, type LadderContext, nextStep } from '../../../workers/ladder.js';

const here: LadderContext = {
  host: 'a',
  attempts: 4,
  othersAnswer: true,
  allows: () => true,
  ms: 12,
  spentMs: 10,
};
const stalled = new VisionError('ANSWER_STALLED', 'No token came.');

describe('the ladder', () => {
  it('changes something for every failure that is tried again, once for each further attempt of the default four', () => {
    for (const [code, changes] of Object.entries(LADDER)) {
      if (code === 'ANSWER_STALLED' || code === 'URL_FETCH') continue; // other hosts, other times: below
      expect([code, changesUntilEnd(code as FailureCode, here)]).toEqual([code, changes]);
    }
  });

  it('passes by what an item does not allow, and ends when nothing is left to change', () => {
    const allows = (change: Change) => change !== 'halves';
    expect(changesUntilEnd('ANSWER_LOOPED', { ...here, allows })).toEqual(['penalty', 'smaller']);
    expect(changesUntilEnd('ANSWER_TRUNCATED', { ...here, allows: () => false })).toEqual([]);
  });

  it('goes on from where a failure left off when another came between', () => {
    let carry = again(new VisionError('ANSWER_TRUNCATED', 'Cut.'), FRESH_CARRY);
    carry = again(new VisionError('CONTEXT_EXCEEDED', 'Too long.'), carry);
    carry = again(new VisionError('ANSWER_TRUNCATED', 'Cut.'), carry);
    expect(carry.changes).toEqual(['more-tokens', 'smaller', 'halves']);
    expect(carry.attempts.map(({ change }) => change)).toEqual([null, 'more-tokens', 'smaller']);
  });

  it('sends nothing twice: a change that another failure has had is passed by', () => {
    let carry = again(new VisionError('ANSWER_LOOPED', 'Looped.'), FRESH_CARRY);
    carry = again(new VisionError('ANSWER_TRUNCATED', 'Cut.'), carry, { ...here, attempts: 9 });
    carry = again(new VisionError('ANSWER_LOOPED', 'Looped.'), carry, { ...here, attempts: 9 });
    carry = again(new VisionError('ANSWER_TRUNCATED', 'Cut.'), carry, { ...here, attempts: 9 });
    expect(carry.changes).toEqual(['penalty', 'more-tokens', 'halves', 'smaller']);
  });

  it('asks no more often than the user allows', () => {
    expect(changesUntilEnd('ANSWER_LOOPED', { ...here, attempts: 2 })).toEqual(['penalty']);
    expect(changesUntilEnd('ANSWER_LOOPED', { ...here, attempts: 1 })).toEqual([]);
  });

  it('gives every question of a conversation its own tries', () => {
    let carry = again(new VisionError('ANSWER_EMPTY', 'Nothing.'), FRESH_CARRY);
    carry = answered(carry, here);
    expect(carry).toMatchObject({
      changes: [],
      attempts: [{ code: 'ANSWER_EMPTY' }, { code: null, change: 'warmer' }],
    });
    expect(changesUntilEnd('ANSWER_EMPTY', here, carry)).toEqual(LADDER.ANSWER_EMPTY);
  });

  it('ends a bad file at once, counting the one try', () => {
    const next = nextStep(new VisionError('IMAGE_UNREADABLE', 'Cannot be read.'), FRESH_CARRY, here);
    expect(next).toMatchObject({
      step: 'end',
      failure: { code: 'IMAGE_UNREADABLE' },
      carry: { attempts: [{ host: 'a' }] },
    });
  });

  it("hands an item's first stall to another host without counting it, and counts each further one", () => {
    const first = nextStep(stalled, FRESH_CARRY, here);
    expect(first).toMatchObject({ step: 'handBack', avoidHost: true, carry: { attempts: [], avoidHosts: ['a'] } });
    if (first.step !== 'handBack') throw new Error('unreachable');
    const second = nextStep(stalled, first.carry, { ...here, host: 'b' });
    expect(second).toMatchObject({
      step: 'handBack',
      carry: { attempts: [{ host: 'b' }], avoidHosts: ['a', 'b'], changes: ['other-host'] },
    });
  });

  it('counts the first stall where no other host answers, and ends after the last attempt', () => {
    const alone = { ...here, othersAnswer: false };
    let carry = FRESH_CARRY;
    for (let attempt = 1; attempt < 4; attempt += 1) carry = again(stalled, carry, alone);
    expect(nextStep(stalled, carry, alone)).toMatchObject({ step: 'end', failure: { code: 'ANSWER_STALLED' } });
  });

  it('puts an item whose URL does not answer out of the way for a while, counted', () => {
    const next = nextStep(new VisionError('URL_FETCH', '503'), FRESH_CARRY, here);
    expect(next).toMatchObject({ step: 'handBack', carry: { attempts: [{ code: 'URL_FETCH' }], changes: ['again'] } });
  });

  it('never counts a host that does not answer', () => {
    const gone = new VisionError('HOST_UNREACHABLE', 'Refused.', { blameless: true });
    expect(nextStep(gone, FRESH_CARRY, here)).toMatchObject({
      step: 'handBack',
      avoidHost: false,
      carry: { attempts: [], handBacks: 0 },
    });
  });

  it('blames the item for the second crash it causes, with what the hosts said', () => {
    const crash = new VisionError('HOST_CRASHED', 'The runner died.');
    let carry = FRESH_CARRY;
    const first = nextStep(crash, carry, { ...here, host: 'a' });
    expect(first.step).toBe('handBack');
    if (first.step === 'handBack') carry = first.carry;
    const last = nextStep(crash, carry, { ...here, host: 'b' });
    expect(last).toMatchObject({ step: 'end', failure: { code: 'ITEM_CRASHES_HOST' } });
    if (last.step === 'end') expect(last.failure.message).toContain('a: The runner died. · b: The runner died.');
  });

  it('blames the item for the third connection that breaks over it while its host goes on answering', () => {
    const broken = new VisionError('HOST_UNREACHABLE', 'Reset.');
    let carry = FRESH_CARRY;
    for (const host of ['a', 'b']) {
      const next = nextStep(broken, carry, { ...here, host });
      if (next.step !== 'handBack') throw new Error(`Expected a hand-back, got ${next.step}`);
      carry = next.carry;
    }
    expect(carry).toMatchObject({ crashes: ['a: Reset.', 'b: Reset.'], attempts: [], avoidHosts: ['a', 'b'] });
    expect(nextStep(broken, carry, here)).toMatchObject({ step: 'end', failure: { code: 'ITEM_CRASHES_HOST' } });
  });

  it('holds a crash against no item that the host had not begun, however often that happens', () => {
    const crash = new VisionError('HOST_CRASHED', 'The runner died.', { blameless: true });
    let carry = FRESH_CARRY;
    for (let times = 0; times < 30; times += 1) {
      const next = nextStep(crash, carry, here);
      if (next.step !== 'handBack') throw new Error(`Expected a hand-back, got ${next.step}`);
      carry = next.carry;
    }
    expect(carry).toMatchObject({ crashes: [], attempts: [], handBacks: 0, avoidHosts: ['a'] });
  });

  it('passes on what makes a host leave or the run stop', () => {
    expect(nextStep(new VisionError('MODEL_MISSING', 'Not there.'), FRESH_CARRY, here).step).toBe('leave');
    expect(nextStep(new VisionError('ASK_REFUSED', 'Bad option.'), FRESH_CARRY, here).step).toBe('stop');
  });

  it('adds to what the item has spent the time of every try but of those that are put down to the host', () => {
    for (const code of ['HOST_UNREACHABLE', 'HOST_CRASHED'] as const) {
      expect(nextStep(new VisionError(code, 'Gone.'), FRESH_CARRY, here)).toMatchObject({ carry: { spentMs: 0 } });
    }
    const once = nextStep(stalled, FRESH_CARRY, here);
    if (once.step !== 'handBack') throw new Error('unreachable');
    expect(answered(once.carry, { host: 'b', ms: 9, spentMs: 5 })).toMatchObject({
      spentMs: 15,
      attempts: [{ host: 'b', code: null }],
    });
  });
});

/** The changes that one failure, again and again, leads to. */
function changesUntilEnd(code: FailureCode, context: LadderContext, from: Carry = FRESH_CARRY): readonly Change[] {
  let carry = from;
  for (;;) {
    const next = nextStep(new VisionError(code, 'No good.'), carry, context);
    if (next.step === 'end') return next.carry.changes;
    if (next.step !== 'again') throw new Error(`Expected another try, got ${next.step}`);
    carry = next.carry;
  }
}

function again(error: VisionError, carry: Carry, context: LadderContext = here): Carry {
  const next = nextStep(error, carry, context);
  if (next.step !== 'again') throw new Error(`Expected another try, got ${next.step}`);
  return next.carry;
}
