import { describe, expect, it } from 'vitest';
import { Sites } from '../../../../src/inputs/urls/url-sites.js';
import { urlReader, urlServer } from './url-server.js';

const PIXELS = Buffer.from([0xff, 0xd8, 0xff, 0xe0]);
const never = new AbortController().signal;

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
    const times: number[] = [];
    await using server = await urlServer((_, response) => {
      times.push(performance.now());
      response.end(PIXELS);
    });
    await using reader = urlReader({ siteDelayMs: 80 });
    await Promise.all([1, 2, 3].map((at) => reader.read(`${server.url}/${at}`)));
    const gaps = times.slice(1).map((time, at) => time - (times[at] ?? 0));
    expect(Math.min(...gaps)).toBeGreaterThan(70); // the two clocks start on two ends of a socket
  });

  it('that is asked too much is left alone as a whole for as long as it says', async () => {
    const times: number[] = [];
    await using server = await urlServer((_, response) => {
      times.push(performance.now());
      if (times.length === 1) response.writeHead(429, { 'Retry-After': '1' }).end();
      else response.end(PIXELS);
    });
    await using reader = urlReader({ siteConcurrency: 1 });
    await Promise.all(['a', 'b', 'c'].map((at) => reader.read(`${server.url}/${at}`)));
    expect((times[1] ?? 0) - (times[0] ?? 0)).toBeGreaterThan(990);
    expect(server.asked[1]).toBe('/b'); // another item waited, too
  });

  it('that does not say how long is left alone longer each time, and asked by one request at a time until it answers', async () => {
    const sites = new Sites({ concurrency: 3, delayMs: 0 });
    const startedMs = performance.now();
    await sites.turn('h', never, async () => ({ pauseMs: null }));
    let open = 0;
    let most = 0;
    const turns = [1, 2, 3].map(() =>
      sites.turn('h', never, async () => {
        open += 1;
        most = Math.max(most, open);
        await new Promise((resolve) => setImmediate(resolve));
        open -= 1;
        return { atMs: performance.now() - startedMs, pauseMs: 0 };
      }),
    );
    const [first] = await Promise.all(turns);
    expect(first?.atMs).toBeGreaterThan(990);
    expect(most).toBe(1);
  });

  it('that is waited for lets go of what is given up, with its reason', async () => {
    const sites = new Sites({ concurrency: 1, delayMs: 0 });
    const given = new AbortController();
    await sites.turn('h', never, async () => ({ pauseMs: 60_000 }));
    const paused = sites.turn('h', given.signal, async () => ({}));
    const queued = sites.turn('h', given.signal, async () => ({}));
    const reason = new Error('enough');
    given.abort(reason);
    await expect(paused).rejects.toBe(reason);
    await expect(queued).rejects.toBe(reason);
  });

  it('is forgotten when nothing is to be remembered of it, so that a million sites take no memory', async () => {
    const sites = new Sites({ concurrency: 4, delayMs: 0 });
    await sites.turn('busy', never, async () => ({ pauseMs: 1_000 }));
    for (let at = 0; at < 3_000; at += 1) await sites.turn(`h${at}`, never, async () => ({}));
    expect(sites.size).toBeLessThan(1_001);
    const given = AbortSignal.timeout(20);
    await expect(sites.turn('busy', given, async () => ({}))).rejects.toMatchObject({ name: 'TimeoutError' });
  });
});

describe('waiting for a site', () => {
  it('does not count against the time of a fetch', async () => {
    await using server = await urlServer((_, response) => void setTimeout(() => response.end(PIXELS), 60));
    await using reader = urlReader({ siteConcurrency: 1, timeoutMs: 250 });
    const reads = Array.from({ length: 6 }, (_, at) => reader.read(`${server.url}/${at}`));
    await expect(Promise.all(reads)).resolves.toHaveLength(6);
  });
});
