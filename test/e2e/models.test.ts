import { describe, expect, it } from 'vitest';
import { readRows } from '../support/rows.js';
import { endsWith, startStage } from '../support/runs.js';

const NO_EYES = { name: 'words', capabilities: ['completion'] } as const;

describe('a command without --model', () => {
  it('takes the only vision model and names it', async () => {
    await using stage = await startStage({ items: 2, hosts: [{ models: [{ name: 'looker' }, NO_EYES] }] });
    const { stderr } = await endsWith(0, stage.ocr('-o', 'out.jsonl'));
    expect(stderr).toContain('looker');
    expect((await readRows(stage.folder.at('out.jsonl'))).map(({ model }) => model)).toEqual([
      'looker:latest',
      'looker:latest',
    ]);
  });

  it('exits 2 with the list and a command where there are several', async () => {
    await using stage = await startStage({
      items: 2,
      hosts: [{ models: [{ name: 'a' }] }, { models: [{ name: 'b' }] }],
    });
    const { stderr } = await endsWith(2, stage.ocr('-o', 'out.jsonl'));
    expect(stderr).toContain('a:latest, b:latest');
    expect(stderr).toContain('--model a');
    expect(await stage.ollama.stats()).toMatchObject([{ asks: 0 }, { asks: 0 }]);
  });

  it('exits 3 with the line that pulls one where there is none', async () => {
    await using stage = await startStage({ items: 2, hosts: [{ models: [NO_EYES] }] });
    const { stderr } = await endsWith(3, stage.ocr('-o', 'out.jsonl'));
    expect(stderr).toContain('ollama pull');
  });
});

describe('caption', () => {
  it('asks for a sentence and writes it as text', async () => {
    await using stage = await startStage({ items: 3, hosts: [{ slots: 2 }] });
    await endsWith(0, stage.cli(['caption', 'scans', '-o', 'out.jsonl', '-o', 'out.csv', ...stage.hostFlags]));
    const rows = await readRows(stage.folder.at('out.jsonl'));
    expect(rows).toHaveLength(3);
    for (const row of rows)
      expect(row).toMatchObject({ task: 'caption', status: 'ok', text: expect.stringMatching(/\w/) });
    const requests = await stage.ollama.requests(0);
    expect(JSON.stringify(requests)).toContain('Describe this image in one clear sentence');
  });
});
