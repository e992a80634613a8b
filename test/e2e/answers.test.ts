import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { sha256Hex } from '../../src/core/fingerprint.js';
import type { Outcome } from '../support/ollama/faults.js';
import { readRows } from '../support/rows.js';
import { endsWith, startStage } from '../support/runs.js';

/** What becomes of the first, second, … item, with the status and text of its row. */
const BAD: readonly (readonly [Outcome, status: string, text: RegExp])[] = [
  [{ kind: 'loop', text: 'the same line again' }, 'looped', /^the same line again/],
  [{ kind: 'length', afterTokens: 2 }, 'truncated', /\w/],
  [{ kind: 'silent-end', afterTokens: 3 }, 'truncated', /\w/],
  [{ kind: 'empty' }, 'empty', /^$/],
  [{ kind: 'thinking-only' }, 'empty', /^$/],
  [{ kind: 'whitespace' }, 'looped', /^$/],
];

describe('an answer that loops, is cut, or says nothing', () => {
  it('is a row that is not ok, with what was said kept', async () => {
    await using stage = await startStage({ items: BAD.length + 1, hosts: [{ slots: 1 }] });
    for (const [index, [outcome]] of BAD.entries()) {
      const imageSha256 = sha256Hex(await readFile(stage.folder.at('scans', stage.keys[index] ?? '')));
      await stage.ollama.fault(0, { outcome, imageSha256 });
    }
    const { stdout } = await endsWith(1, stage.ocr('-o', 'out.jsonl', '--max-tokens', '200'));
    expect(stdout).toBe('');
    const rows = await readRows(stage.folder.at('out.jsonl'));
    expect(rows.at(-1)?.status).toBe('ok');
    for (const [index, [outcome, status, text]] of BAD.entries()) {
      expect(rows[index], outcome.kind).toMatchObject({ status, text: expect.stringMatching(text) });
      expect(rows[index]?.error?.code).toMatch(/^ANSWER_/);
    }
  });
});
