import { writeFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { readRows } from '../support/rows.js';
import { asksOf, endsWith, sameRows, startStage } from '../support/runs.js';
import { writePdf } from '../support/zoo/write-pdf.js';

const FAST = [{ slots: 4 }] as const;
const A_PAGE = { width: 100, height: 100, content: '0 0 0 rg 10 10 50 50 re f' };

describe('shards', () => {
  it('ask every item once between them, and together export what the run without shards exports', async () => {
    await using stage = await startStage({ items: 12, hosts: FAST });
    const { cli, folder, ocr, ollama } = stage;
    await writeFile(folder.at('scans/book.pdf'), writePdf([A_PAGE, A_PAGE, A_PAGE]));
    await endsWith(0, ocr('-o', 'whole.jsonl'));
    const asked = await asksOf(ollama);
    const outputs = ['one.jsonl', 'two.jsonl'];
    for (const [at, output] of outputs.entries()) {
      const { stderr } = await endsWith(0, ocr('-o', output, '--shard', `${at + 1}/2`));
      expect(stderr).toMatch(new RegExp(`shard ${at + 1} of 2: \\d+ of 13 files, rows or groups`));
    }
    expect(await asksOf(ollama)).toBe(2 * asked);
    await endsWith(0, cli(['export', ...outputs, '-o', 'all.jsonl']));
    expect(await sameRows(folder.at('all.jsonl'))).toEqual(await sameRows(folder.at('whole.jsonl')));

    const rows = await Promise.all(outputs.map((output) => readRows(folder.at(output))));
    expect(rows.filter((some) => some.some(({ id }) => id.startsWith('book.pdf#')))).toHaveLength(1);
    const { stderr } = await endsWith(2, ocr('-o', 'one.jsonl'));
    expect(stderr).toContain('Give --shard 1/2 to continue it');
  });

  it('end with 0 and an output without rows where they hold nothing', async () => {
    await using stage = await startStage({ items: 1, hosts: FAST });
    for (const shard of ['1/2', '2/2']) await endsWith(0, stage.ocr('-o', `${shard[0]}.jsonl`, '--shard', shard));
    const rows = await Promise.all(['1', '2'].map((name) => readRows(stage.folder.at(`${name}.jsonl`))));
    expect(rows.map(({ length }) => length).sort()).toEqual([0, 1]);
  });
});
