import { describe, expect, it } from 'vitest';
import { SiteAtRest } from '../../../../src/inputs/urls/url-failures.js';
import { type SiteAnswer, type SiteOptions, Sites } from '../../../../src/inputs/urls/url-sites.js';
import { type HandClock, handClock } from './hand-clock.js';
import { urlReader, urlServer } from './url-server.js';

const PIXELS = Buffer.from([0xff, 0xd8, 0xff, 0xe0]);
const never = new AbortController().signal;
const SILENT: SiteAnswer = { isSilent: true };

interface Asker {
  readonly clock: HandClock;
  readonly sites: Sites;
  /** Asks the site and says after how many milliseconds since the first request it was asked, or why it was not. */
  ask(answer?: SiteAnswer): Promise<number | string>;
}

function asker(options: Partial<SiteOptions> = {}): Asker {
  const clock = handClock();
  const sites = new Sites({ concurrency: 1, delayMs: 0, clock, ...options });
  const startMs = clock.now();
  return {
    clock,
    sites,
    ask: (answer = {}) =>
      sites
        .turn('h', never, async () => ({ ...answer, atMs: clock.now() - startMs }))
        .then(
          ({ atMs }) => atMs,
          (error: Error) => (error instanceof SiteAtRest ? `at rest for ${error.waitMs} ms` : error.message),
        ),
  };
}

describe('a site', () => {
  it('is sent so many requests at once and no more, and another site beside it', async () => {
    const waiting: (() => void)[] = [];
    let most = 0;
    let open = 0;
    await using server = await urlServer((_, response) => {
      open += 1;
      most = Math.max(most, open);
      waiting.push(() => {
        open -= 1;
        response.end(PIXELS);
      });
      if (waiting.length < 2) return;
      for (const answer of waiting.splice(0)) answer();
    });
    await using other = await urlServer((_, response) => response.end(PIXELS));
    await using reader = urlReader({ siteConcurrency: 2 });
    const reads = Array.from({ length: 6 }, (_, at) => reader.read(`${server.url}/${at}`));
    await reader.read(other.url);
    await Promise.all(reads);
    expect(most).toBe(2);
  });

  it('is asked again no sooner than its delay after the last request began', async () => {
    const { ask } = asker({ delayMs: 80 });
    expect(await Promise.all([ask(), ask(), ask()])).toEqual([0, 80, 160]);
  });

  it('is forgotten when nothing is to be remembered of it, so that a million sites take no memory', async () => {
    const { ask, clock, sites } = asker();
    await ask({ pauseMs: 60_000 });
    for (let at = 0; at < 3_000; at += 1) await sites.turn(`h${at}`, never, async () => ({}));
    expect(sites.size).toBeLessThan(1_001);
    expect(await ask()).toBe('at rest for 60000 ms');
    clock.pass(60_000);
    expect(await ask()).toBe(60_000);
  });
});

describe('a site that is asked too much', () => {
  it('is left alone as a whole for as long as it says: other images wait, too', async () => {
    await using server = await urlServer((_, response) => {
      if (server.asked.length === 1) response.writeHead(429, { 'Retry-After': '2' }).end();
      else response.end(PIXELS);
    });
    const clock = handClock();
    await using reader = urlReader({ siteConcurrency: 1, clock });
    await Promise.all(['a', 'b', 'c'].map((at) => reader.read(`${server.url}/${at}`)));
    expect(server.asked).toHaveLength(4);
    expect(clock.waits).toContain(2_000);
  });

  it('is not waited for where it says a long time: nobody asks it before, and everybody is told how long', async () => {
    const { ask, clock } = asker({ concurrency: 4 });
    await ask({ pauseMs: 120_000 });
    clock.pass(60_000);
    expect(await ask()).toBe('at rest for 60000 ms');
    expect(clock.waits).toEqual([]);
    clock.pass(60_000);
    expect(await ask()).toBe(120_000);
  });

  it('and says that it will be for an hour is given up until then', async () => {
    const { ask, clock } = asker();
    await ask({ pauseMs: 3_600_000 });
    clock.pass(1_800_000);
    expect(await ask()).toMatch('URL_FETCH: h refuses requests: it was not asked for this, and is not for 1800 s.');
    clock.pass(1_800_000);
    expect(await ask()).toBe(3_600_000);
  });

  it('and does not say for how long is left alone longer each time, and given up after five minutes', async () => {
    const { ask, clock } = asker();
    const waits: number[] = [];
    for (;;) {
      const before = clock.waits.length;
      const said = await ask({ pauseMs: null });
      const [, rest] = /at rest for (\d+)/.exec(`${said}`) ?? [];
      waits.push(...clock.waits.slice(before), ...(rest === undefined ? [] : [Number(rest)]));
      clock.pass(Number(rest ?? 0));
      if (`${said}`.includes('refuses')) break;
    }
    expect(waits.slice(0, 6)).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 30_000]);
    expect(waits.reduce((sum, ms) => sum + ms)).toBeLessThanOrEqual(300_000);
    clock.pass(30_000);
    expect(await ask()).toEqual(expect.any(Number));
    expect(await ask({ pauseMs: null })).toEqual(expect.any(Number));
    expect(await ask()).toEqual(expect.any(Number)); // it has answered in between, so that all begins anew
  });

  it('is asked by one request at a time until it answers', async () => {
    const { ask, sites } = asker({ concurrency: 3 });
    await ask({ pauseMs: null });
    let open = 0;
    let most = 0;
    const turns = [1, 2, 3].map(() =>
      sites.turn('h', never, async () => {
        open += 1;
        most = Math.max(most, open);
        await new Promise((resolve) => setImmediate(resolve));
        open -= 1;
        return { pauseMs: 0 };
      }),
    );
    await Promise.all(turns);
    expect(most).toBe(1);
  });

  it('lets go of what is given up while it waits, with its reason', async () => {
    const sites = new Sites({ concurrency: 1, delayMs: 0 });
    const given = new AbortController();
    await sites.turn('h', never, async () => ({ pauseMs: 4_000 }));
    const paused = sites.turn('h', given.signal, async () => ({}));
    const queued = sites.turn('h', given.signal, async () => ({}));
    const reason = new Error('enough');
    given.abort(reason);
    await expect(paused).rejects.toBe(reason);
    await expect(queued).rejects.toBe(reason);
  });
});

describe('a site that does not answer', () => {
  it('is asked by one request only after three silent ones, at times further and further apart', async () => {
    const { ask, clock } = asker();
    const asked: number[] = [];
    for (let round = 0; round < 360; round += 1) {
      const at = await ask(SILENT);
      if (typeof at === 'number') asked.push(at / 1_000);
      else expect(at).toMatch(/^URL_FETCH: h does not answer/);
      clock.pass(10_000);
    }
    expect(asked).toEqual([0, 10, 20, 50, 110, 230, 470, 950, 1_550, 2_150, 2_750, 3_350]);
    expect(clock.waits).toEqual([]);
  });

  it('but has answered before is waited for, five minutes in all', async () => {
    const { ask, clock } = asker();
    await ask();
    const said: (string | number)[] = [];
    for (let round = 0; round < 50; round += 1) {
      const answer = await ask(SILENT);
      said.push(typeof answer === 'number' ? answer / 1_000 : answer.replace(/ for \d+ ms|: it is.*/g, ''));
      clock.pass(10_000);
    }
    const changes = said.filter((one, at) => typeof one === 'number' || one !== said[at - 1]);
    const rest = 'at rest';
    const silent = 'URL_FETCH: h does not answer';
    expect(changes).toEqual([0, 10, 20, rest, 50, rest, 110, rest, 230, silent, 470, silent]);
  });

  it('is open again with its first answer', async () => {
    const { ask, clock } = asker();
    for (let at = 0; at < 3; at += 1) await ask(SILENT);
    clock.pass(30_000);
    expect(await ask()).toBe(30_000);
    expect(await ask(SILENT)).toBe(30_000);
    expect(await ask()).toBe(30_000);
  });

  it('costs what waits for its turn nothing either, nor other sites', async () => {
    await using dead = await urlServer(({ socket }) => void socket.destroy());
    await using good = await urlServer((_, response) => response.end(PIXELS));
    await using reader = urlReader({ siteConcurrency: 2 });
    const reads = Array.from({ length: 40 }, (_, at) => reader.read(`${dead.url}/${at}`));
    for (const { status } of await Promise.allSettled(reads)) expect(status).toBe('rejected');
    expect(dead.asked.length).toBeLessThanOrEqual(4);
    expect(await reader.read(good.url)).toMatchObject({ size: PIXELS.length });
  });
});

describe('waiting for a site', () => {
  it('does not count against the time of a fetch', async () => {
    const clock = handClock();
    await using server = await urlServer((_, response) => response.end(PIXELS));
    await using reader = urlReader({ siteDelayMs: 60_000, timeoutMs: 10_000, clock });
    const reads = Array.from({ length: 6 }, (_, at) => reader.read(`${server.url}/${at}`));
    await expect(Promise.all(reads)).resolves.toHaveLength(6);
    expect(clock.waits.length).toBeGreaterThan(4);
  });
});
