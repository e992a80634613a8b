import { describe, expect, it } from 'vitest';
import { FRESH_CARRY } from '../../../jobs/vision-job.js';
import { VisionError } from '../../../src/core/errors.js';
import { answered, type LadderContext, nextStep } from '../../../workers/ladder.js';

const here: LadderContext = { host: 'a', attempts: 4, othersAnswer: true, ms: 12, spentMs: 10 };
const stalled = new VisionError('ANSWER_STALLED', 'No token came.');

describe('the ladder', () => {
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
    expect(second).toMatchObject({ step: 'handBack', carry: { attempts: [{ host: 'b' }], avoidHosts: ['a', 'b'] } });
  });

  it('counts the first stall where no other host answers, and ends after the last attempt', () => {
    const alone = { ...here, othersAnswer: false };
    let carry = FRESH_CARRY;
    for (let attempt = 1; attempt < 4; attempt += 1) {
      const next = nextStep(stalled, carry, alone);
      expect(next.step).toBe('again');
      if (next.step === 'again') carry = next.carry;
    }
    expect(nextStep(stalled, carry, alone)).toMatchObject({ step: 'end', failure: { code: 'ANSWER_STALLED' } });
  });

  it('never counts a host that does not answer', () => {
    const gone = new VisionError('HOST_UNREACHABLE', 'Refused.');
    expect(nextStep(gone, FRESH_CARRY, here)).toMatchObject({
      step: 'handBack',
      avoidHost: false,
      carry: { attempts: [], handBacks: 0 },
    });
  });

  it('blames the item for the third crash it causes, with what the hosts said', () => {
    const crash = new VisionError('HOST_CRASHED', 'The runner died.');
    let carry = FRESH_CARRY;
    for (const host of ['a', 'b']) {
      const next = nextStep(crash, carry, { ...here, host });
      expect(next.step).toBe('handBack');
      if (next.step === 'handBack') carry = next.carry;
    }
    const last = nextStep(crash, carry, { ...here, host: 'c' });
    expect(last).toMatchObject({ step: 'end', failure: { code: 'ITEM_CRASHES_HOST' } });
    if (last.step === 'end') expect(last.failure.message).toContain('b: The runner died.');
  });

  it('does not repeat the same question after an answer that was no good', () => {
    for (const code of ['ANSWER_LOOPED', 'ANSWER_TRUNCATED', 'ANSWER_EMPTY', 'CONTEXT_EXCEEDED'] as const) {
      expect(nextStep(new VisionError(code, 'No good.'), FRESH_CARRY, here).step).toBe('end');
    }
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
