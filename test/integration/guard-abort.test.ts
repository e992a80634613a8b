import { describe, expect, it } from 'vitest';
import { sha256Hex } from '../../src/core/fingerprint.js';
import { LoopGuard, rowsOf } from '../../src/engines/guard/loop-guard.js';
import type { Outcome } from '../support/ollama/faults.js';
import { aPage, aScene } from './scene.js';

/** Between the decision and the closed socket, both by the server's own clock. */
const MOST_MS = 200;
const TOKEN_MS = 2;
const LOOP = [' the', ' same', ' words', ' again'];
/** Words that never repeat. */
const ENDLESS = Array.from({ length: 4_000 }, (_, at) => sha256Hex(Buffer.from(`${at}`)).replace(/\d/g, '')).join(' ');
/** A stall counts at once, since there is no other host, and is not tried again. */
const FLAGS = ['--attempts', '1', '--connect-timeout', '200ms', '--max-tokens', '4096'];

/** How a bad answer ended. Moments in milliseconds since the epoch, by the server's clock. */
interface BadAnswer {
  readonly code: string | undefined;
  readonly at: number;
  readonly firstLineAt: number;
  readonly lastLineAt: number;
  readonly endedAt: number;
}

/**
 * Asks for pages at a host with one slot: the answer to the first goes wrong while the second waits, sent ahead.
 * Proves that the client closed the first one's socket, and that the slot was free for the second at once.
 */
async function badAnswer(outcome: Outcome, ...flags: readonly string[]): Promise<BadAnswer> {
  await using scene = await aScene({ slots: 1, tokenMs: TOKEN_MS });
  for (const seed of [1, 2, 3, 4]) await scene.write(`scans/${seed}.png`, await aPage(seed));
  scene.ollama.faults.add({ outcome, nth: [1] });
  const rows = await scene.rows(1, 'ocr', 'scans', ...FLAGS, ...flags);
  const code = rows.find(({ status }) => status !== 'ok')?.error?.code;
  expect(rows.filter(({ status }) => status === 'ok')).toHaveLength(3);

  const [first, second] = scene.ollama.asks;
  if (first?.endedAt == null || second?.firstLineAt == null) throw new Error('Expected two requests that ended');
  const { aborted, at, endedAt, firstLineAt, lastLineAt } = first;
  expect(aborted).toBe(true);
  expect(second.at).toBeLessThan(endedAt); // it waited
  expect(second.firstLineAt).toBeGreaterThanOrEqual(endedAt);
  expect(second.firstLineAt - endedAt).toBeLessThanOrEqual(MOST_MS);
  return { code, at, endedAt, firstLineAt: firstLineAt ?? at, lastLineAt: lastLineAt ?? at };
}

/** The piece of the stream that makes the guard of a page sure of a loop, counted from 1. */
function sureAfter(pieces: readonly string[]): number {
  const guard = new LoopGuard({ maxRows: rowsOf(1_200) });
  for (let count = 1; count <= 4_096; count += 1) {
    if (guard.push(pieces[(count - 1) % pieces.length] ?? '') !== null) return count;
  }
  throw new Error('Expected the guard to find the loop');
}

function expectWithin(ms: number, limitMs: number): void {
  expect(ms).toBeGreaterThan(0.9 * limitMs);
  expect(ms).toBeLessThanOrEqual(limitMs + MOST_MS);
}

describe('a request that is ended before its answer is', () => {
  it('closes its socket and frees its slot when the answer loops', async () => {
    const ended = await badAnswer({ kind: 'loop', text: LOOP.join('') });
    expect(ended.code).toBe('ANSWER_LOOPED');
    const sureAt = ended.firstLineAt + (sureAfter(LOOP) - 1) * TOKEN_MS; // no line is written before its time
    expectWithin(ended.endedAt - ended.firstLineAt, sureAt - ended.firstLineAt);
  });

  it('closes its socket and frees its slot when no first token comes', async () => {
    const ended = await badAnswer({ kind: 'hang', afterTokens: 0 }, '--first-token-timeout', '1s');
    expect(ended.code).toBe('ANSWER_STALLED');
    expectWithin(ended.endedAt - ended.at, 1_000);
  });

  it('closes its socket and frees its slot when the answer falls silent', async () => {
    const ended = await badAnswer({ kind: 'hang', afterTokens: 3 }, '--silence-timeout', '1s');
    expect(ended.code).toBe('ANSWER_STALLED');
    expectWithin(ended.endedAt - ended.lastLineAt, 1_000);
  });

  it("closes its socket and frees its slot when the item's time is over", async () => {
    const ended = await badAnswer(
      { kind: 'stop', text: ENDLESS },
      '--item-timeout',
      '1s',
      '--silence-timeout',
      '500ms',
    );
    expect(ended.code).toBe('ITEM_TIMEOUT');
    expectWithin(ended.endedAt - ended.at, 1_000);
  });
});
