import { describe, expect, it } from 'vitest';
import type { Outcome } from '../support/ollama/faults.js';
import { readRows } from '../support/rows.js';
import { endsWith, startStage } from '../support/runs.js';

/** What becomes of the second, third, … request, with the status and text of its row. */
const BAD: readonly (readonly [Outcome, status: string, text: RegExp])[] = [
  [{ kind: 'loop', text: 'the same line again' }, 'looped', /^(the same line again ?){10}/],
  [{ kind: 'length', afterTokens: 2 }, 'truncated', /\w/],
  [{ kind: 'silent-end', afterTokens: 3 }, 'truncated', /\w/],
  [{ kind: 'empty' }, 'empty', /^$/],
  [{ kind: 'thinking-only' }, 'empty', /^$/],
  [{ kind: 'whitespace' }, 'truncated', /^$/],
];

describe('an answer that loops, is cut, or says nothing', () => {
  it('is a row that is not ok, with what was said kept', async () => {
    await using stage = await startStage({ items: BAD.length + 1, hosts: [{ slots: 1 }] });
    const rules = BAD.map(([outcome], index) => ({ outcome, nth: [index + 2] }));
    await stage.ollama.fault(0, ...rules);
    const { stdout } = await endsWith(1, stage.ocr('-o', 'out.jsonl', '--max-tokens', '200'));
    expect(stdout).toBe('');
    const rows = await readRows(stage.folder.at('out.jsonl'));
    const [good, ...bad] = rows.sort((a, b) => a.finished_at.localeCompare(b.finished_at));
    expect(good?.status).toBe('ok');
    for (const [index, [outcome, status, text]] of BAD.entries()) {
      expect(bad[index], outcome.kind).toMatchObject({ status, text: expect.stringMatching(text) });
      expect(bad[index]?.error?.code).toMatch(/^ANSWER_/);
    }
  });
});
