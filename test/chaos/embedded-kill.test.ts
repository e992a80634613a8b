import { readdir } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import {
  asksByImage,
  asksOf,
  endsWith,
  killAfterAsks,
  sameRows,
  seeded,
  startStage,
  undisturbed,
  untilAsked,
} from '../support/runs.js';

const ITEMS = 60;
const SLOW = [
  { slots: 2, serviceMs: 200 },
  { slots: 2, serviceMs: 200 },
];

describe('a coordinator that is killed', () => {
  it('goes on by the same command: rows of three kills are those of an undisturbed run, and done rows stay done', async () => {
    await using stage = await startStage({ items: ITEMS, hosts: SLOW });
    const expected = await undisturbed(stage);
    const random = seeded(20_260_501);
    const inHand = 2 * (2 + 1); // slots and one ahead, on each host
    for (const from of [0.05, 0.3, 0.5]) {
      const asks = Math.round(ITEMS * (from + 0.2 * random()));
      const before = await asksOf(stage.ollama);
      const startedMs = Date.now();
      const run = stage.ocr('-o', 'out.jsonl');
      await untilAsked(stage.ollama, before + 1, run);
      expect((Date.now() - startedMs) / 1_000).toBeLessThan(12); // a lock that had to go stale would cost 15 s
      const killed = await killAfterAsks(run, stage.ollama, asks);
      expect(killed.signal).toBe('SIGKILL');
    }
    await endsWith(0, stage.ocr('-o', 'out.jsonl'));
    expect(await sameRows(stage.folder.at('out.jsonl'))).toEqual(expected);
    const left = (await readdir(stage.folder.path)).sort();
    expect(left).toEqual(['.visionbatch', 'out.jsonl', 'scans', 'undisturbed']);
    const asked = await asksByImage(stage.ollama);
    expect(asked.size).toBe(ITEMS);
    expect(await asksOf(stage.ollama)).toBeLessThanOrEqual(ITEMS + 3 * 2 * inHand);
  });
});
