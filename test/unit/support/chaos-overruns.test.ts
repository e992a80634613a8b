import { describe, expect, it } from 'vitest';
import { mostOpen } from '../../support/chaos/overruns.js';
import type { RequestLog } from '../../support/ollama/exchange.js';
import { startOllama } from '../../support/ollama/server.js';

const IMAGE = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';
const QUESTION = { model: 'tiny', messages: [{ role: 'user', content: 'read', images: [IMAGE] }], stream: false };
const STARTED: RequestLog = {
  method: 'POST',
  path: '/api/chat',
  body: { messages: [{ role: 'user', images: ['hash'] }] },
  at: 0,
  endedAt: null,
  status: 200,
  lines: 0,
  firstLineAt: null,
  lastLineAt: null,
  aborted: false,
  isTrial: false,
};
const open = (at: number, endedAt: number | null): RequestLog => ({ ...STARTED, at, endedAt });

describe('the most questions that a host had open at once', () => {
  it('are those that were asked together, whether they had a slot or waited for one', async () => {
    await using host = await startOllama({ slots: 2, serviceMs: 200 });
    const ask = (body: object = QUESTION) =>
      fetch(`${host.url}/api/chat`, { method: 'POST', body: JSON.stringify(body) }).then((response) => response.text());
    await Promise.all([ask(), ask(), ask(), ask(), ask({ ...QUESTION, messages: [] })]);
    expect([host.busyHighWater, mostOpen(host.requests, [])]).toEqual([2, 4]);
    host.resetStats();
    for (let at = 0; at < 2; at += 1) await ask();
    expect(mostOpen(host.requests, [])).toBe(1);
  });

  it('include one that never ends', () => {
    expect(mostOpen([open(0, null), open(1_000, 2_000), open(1_500, 2_500)], [])).toBe(3);
  });

  it('do not count as two where one ends as the next begins', () => {
    expect(mostOpen([open(0, 1_000), open(990, 2_000), open(2_000, 3_000)], [])).toBe(1);
  });

  it('leave out what a frozen process had open from before until after', () => {
    const requests = [open(0, 20_000), open(4_000, 6_000), open(15_000, 16_000)];
    expect(mostOpen(requests, [{ fromMs: 1_000, toMs: 14_000 }])).toBe(1);
    expect(mostOpen(requests, [{ fromMs: 1_000, toMs: 21_000 }])).toBe(2);
  });
});
