import { describe, expect, it } from 'vitest';
import { VisionError } from '../../../../src/core/errors.js';
import { HostBreaker } from '../../../../workers/hosts/breaker.js';
import { Latch } from '../../../../workers/hosts/latch.js';

const TIMES = { firstMs: 1_000, mostMs: 60_000, faultMs: 8_000, silentMs: 2_000 };

function aBreaker(): { readonly breaker: HostBreaker; readonly opened: string[] } {
  const opened: string[] = [];
  const breaker = new HostBreaker({ times: TIMES, onOpen: ({ code }) => opened.push(code) });
  return { breaker, opened };
}

const fails = (code: ConstructorParameters<typeof VisionError>[0]) => () =>
  Promise.reject(new VisionError(code, 'No good.'));

describe('between a host and our requests', () => {
  it.each(['HOST_UNREACHABLE', 'HOST_CRASHED', 'HOST_BUSY', 'MODEL_MISSING'] as const)(
    '%s opens it until a look went well, while what is in hand is still sent',
    async (code) => {
      const { breaker, opened } = aBreaker();
      await expect(breaker.pass(fails(code))).rejects.toMatchObject({ code });
      expect(opened).toEqual([code]);
      expect(await breaker.pass(async () => 'sent')).toBe('sent');
      await expect(breaker.pass(fails(code))).rejects.toMatchObject({ code });
      expect(opened).toEqual([code]);
      await breaker.look(async () => {});
      await expect(breaker.pass(fails(code))).rejects.toMatchObject({ code });
      expect(opened).toEqual([code, code]);
    },
  );

  it.each(['ANSWER_LOOPED', 'ANSWER_INVALID', 'REQUEST_REFUSED', 'IMAGE_UNREADABLE', 'ANSWER_STALLED'] as const)(
    '%s is the item’s own and closes the way to nobody',
    async (code) => {
      const { breaker, opened } = aBreaker();
      await expect(breaker.pass(fails(code))).rejects.toMatchObject({ code });
      expect(opened).toEqual([]);
      expect(await breaker.pass(async () => 'sent')).toBe('sent');
    },
  );

  it('is told once of requests that fail together', async () => {
    const { breaker, opened } = aBreaker();
    await Promise.allSettled([1, 2, 3].map(() => breaker.pass(fails('HOST_CRASHED'))));
    expect(opened).toEqual(['HOST_CRASHED']);
  });

  it.each([
    ['while it is looked at', true],
    ['after the look', false],
  ])('a request of before a good look that fails late, %s, does not keep it open', async (_, isSoon) => {
    const { breaker, opened } = aBreaker();
    const [late, looking] = [new Latch(), new Latch()];
    const sent = breaker.pass(() => late.opened.then(fails('HOST_UNREACHABLE'))).catch(() => 'failed');
    await expect(breaker.pass(fails('HOST_UNREACHABLE'))).rejects.toMatchObject({ code: 'HOST_UNREACHABLE' });
    const looked = breaker.look(() => looking.opened);
    if (isSoon) late.open();
    if (isSoon) await sent;
    looking.open();
    await looked;
    late.open();
    await sent;
    await expect(breaker.pass(fails('HOST_CRASHED'))).rejects.toMatchObject({ code: 'HOST_CRASHED' });
    expect(opened).toEqual(['HOST_UNREACHABLE', 'HOST_CRASHED']);
  });

  it('a request that was open when a host was looked at after its rest says nothing of it later', async () => {
    const { breaker, opened } = aBreaker();
    const late = new Latch();
    const sent = breaker.pass(() => late.opened.then(fails('HOST_UNREACHABLE'))).catch(() => 'failed');
    await breaker.look(async () => {});
    late.open();
    await sent;
    expect(opened).toEqual([]);
    await expect(breaker.pass(fails('HOST_BUSY'))).rejects.toMatchObject({ code: 'HOST_BUSY' });
    expect(opened).toEqual(['HOST_BUSY']);
  });

  it('takes whatever a look throws for the host’s fault', async () => {
    const { breaker, opened } = aBreaker();
    const odd = () => Promise.reject(new TypeError('odd'));
    await expect(breaker.look(odd)).rejects.toMatchObject({ code: 'UNEXPECTED' });
    expect(opened).toEqual(['UNEXPECTED']);
  });
});

describe('the wait before a look', () => {
  it('is none at first, then grows up to a minute while the host answers, but not as it should', () => {
    const { breaker } = aBreaker();
    const waits = Array.from({ length: 9 }, () => breaker.waitMs({ code: 'HOST_CRASHED' }));
    expect(waits).toEqual([0, 1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000]);
  });

  it('stays moderate where looks find the host well and questions fail all the same', async () => {
    const { breaker } = aBreaker();
    await breaker.look(async () => {});
    const waits = Array.from({ length: 7 }, () => breaker.waitMs({ code: 'HOST_CRASHED' }));
    expect(waits).toEqual([0, 1_000, 2_000, 4_000, 8_000, 8_000, 8_000]);
  });

  it('stays short at a host that cannot be reached, so that it is back soon after it answers', () => {
    const { breaker } = aBreaker();
    const waits = Array.from({ length: 5 }, () => breaker.waitMs({ code: 'HOST_UNREACHABLE' }));
    expect(waits).toEqual([0, 1_000, 2_000, 2_000, 2_000]);
  });

  it('leaves a busy host alone from the first time on, and forgets all once a question was answered', () => {
    const { breaker } = aBreaker();
    expect([1, 2, 3].map(() => breaker.waitMs({ code: 'HOST_BUSY' }))).toEqual([1_000, 1_000, 2_000]);
    breaker.forgive();
    expect(breaker.waitMs({ code: 'HOST_CRASHED' })).toBe(0);
  });
});
