import { writeFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { type RecordOf, runBatch } from '../../src/index.js';
import { testFolder, tinyPng } from '../support/images.js';
import { startOllama } from '../support/ollama/server.js';
import { chatsOf } from '../support/ollama/wire.js';

/** The rows of a table, whose images are called by their ids. */
function table(kinds: Readonly<Record<string, unknown>>): string {
  return Object.entries(kinds)
    .map(([id, kind]) => `${JSON.stringify({ id, image: `${id}.png`, kinds: kind })}\n`)
    .join('');
}

describe('labels in a column', () => {
  it('hold each row to its own; a row that lists too few fails unasked, until it lists more', async () => {
    await using folder = await testFolder();
    await using ollama = await startOllama({});
    for (const [at, id] of ['a', 'b', 'c'].entries()) await writeFile(folder.at(`${id}.png`), await tinyPng(at));
    const [inputs, output] = [folder.at('list.jsonl'), folder.at('out.jsonl')];
    const rowsOf = async (kinds: Readonly<Record<string, unknown>>) => {
      await writeFile(inputs, table(kinds));
      const rows: RecordOf<null>[] = [];
      const options = {
        task: 'classify',
        labelsColumn: 'kinds',
        inputs,
        output,
        model: 'tiny',
        host: ollama.url,
      } as const;
      for await (const record of runBatch(options)) rows.push(record);
      return rows.toSorted((a, b) => (a.id < b.id ? -1 : 1));
    };
    const sent = () =>
      chatsOf(ollama.asks)
        .map(({ format, messages }) => ({ format, words: messages[0]?.content ?? '' }))
        .toSorted((one, other) => (one.words < other.words ? -1 : 1)); // they were asked at once
    const kinds = { a: 'cat, dog', b: ['red, or pink', 'blue'], c: 'cat' };

    const rows = await rowsOf(kinds);
    expect(rows).toMatchObject([
      { id: 'a', status: 'ok', label: 'cat', row: { kinds: 'cat, dog' } },
      { id: 'b', status: 'ok', label: 'red, or pink', row: { kinds: '["red, or pink","blue"]' } },
      { id: 'c', status: 'failed', label: null, attempts: 0, error: { code: 'REQUEST_REFUSED' } },
    ]);
    expect(sent()).toMatchObject([
      { format: { properties: { label: { enum: ['cat', 'dog'] } } }, words: expect.stringContaining('- cat\n- dog\n') },
      {
        format: { properties: { label: { enum: ['red, or pink', 'blue'] } } },
        words: expect.stringContaining('- red, or pink\n- blue\n'),
      },
    ]);

    expect(await rowsOf({ ...kinds, b: 'blue,green', c: 'dog,cat' })).toMatchObject([
      rows[0], // its time, too
      { id: 'b', label: 'blue' },
      { id: 'c', label: 'dog' },
    ]);
    expect(sent()).toHaveLength(4);
  });
});
