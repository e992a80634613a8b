import { describe, expect, it } from 'vitest';
import type { VisionRecord } from '../../src/core/record.js';
import type { Outcome } from '../support/ollama/faults.js';
import { chatsOf, type SentChat } from '../support/ollama/wire.js';
import { readRows } from '../support/rows.js';
import { aPage, aScene } from './scene.js';

/** Of it the server's grammar takes neither the pattern nor the limits of the number. */
const SCHEMA = {
  type: 'object',
  required: ['shop', 'total'],
  properties: {
    shop: { type: 'string', pattern: '\\w+ \\w+' },
    total: { type: 'number', minimum: 0 },
    date: { type: 'string', format: 'date' },
    items: { type: 'array', items: { type: 'string', maxLength: 40 } },
  },
};
const EXTRACT = ['extract', 'scans', '--schema', 'receipt.json', '--attempts', '1'];
const DATA = { shop: 'Corner Bakery', total: 14.25, items: ['Rye bread'] };
/** The server's grammar lets a model say null for a member that may be left out. */
const GOOD = { ...DATA, date: null };

/** A page that the model answers so, and the row that comes of it. */
async function extracted(outcome: Outcome): Promise<{ readonly row: VisionRecord; readonly chat: SentChat }> {
  await using scene = await aScene({});
  await scene.write('receipt.json', JSON.stringify(SCHEMA));
  await scene.write('scans/a.png', await aPage(1));
  scene.ollama.faults.add({ outcome });
  await scene.start(...EXTRACT).end;
  const [row] = await readRows(scene.folder.at('out.jsonl'));
  const [chat] = chatsOf(scene.ollama.asks);
  if (row === undefined || chat === undefined) throw new Error('Expected a row and a question');
  return { row, chat };
}

const said = (text: string): Outcome => ({ kind: 'stop', text });

describe('a question with a schema', () => {
  it('tells the model of every field, and that null is better than a guess', async () => {
    const { chat } = await extracted(said(JSON.stringify(GOOD)));
    const words = chat.messages.map(({ content }) => content).join('\n');
    for (const field of Object.keys(SCHEMA.properties)) expect(words).toContain(`- ${field} (`);
    expect(words).toMatch(/- date \(.*or null if it cannot be seen/);
    expect(words).not.toMatch(/- total \(.*null/);
    expect(words).toContain('write null instead of a guess');
  });

  it('holds the model to what of it the grammar of the server takes', async () => {
    const { chat } = await extracted(said(JSON.stringify(GOOD)));
    expect(chat.options.temperature).toBe(0);
    expect(chat.format).toEqual({
      type: 'object',
      required: ['shop', 'total', 'date', 'items'],
      properties: {
        shop: { type: 'string', maxLength: 2_000 },
        total: { type: 'number' },
        date: expect.objectContaining({ anyOf: [{ type: 'string', format: 'date' }, { type: 'null' }] }),
        items: expect.anything(),
      },
    });
    expect(JSON.stringify(chat.format)).toContain('"maxItems":200');
  });
});

describe('an answer to a schema', () => {
  it('is the value that the schema has validated', async () => {
    const { row } = await extracted(said(JSON.stringify(GOOD)));
    expect(row).toMatchObject({ status: 'ok', warnings: [], text: null });
    expect(row.data).toEqual(DATA);
  });

  it.each([
    ['a pattern that the grammar does not hold', { ...GOOD, shop: '!' }],
    ['a limit that the grammar does not hold', { ...GOOD, total: -1 }],
    ['a number in words', { ...GOOD, total: 'twelve' }],
  ])('is invalid, with its raw text kept, where it breaks %s', async (_what, value) => {
    const text = JSON.stringify(value);
    const { row } = await extracted(said(text));
    expect(row).toMatchObject({ status: 'invalid', error: { code: 'ANSWER_INVALID' }, text, data: null });
  });

  it('is ok with a warning where a fence stands around it', async () => {
    const { row } = await extracted(said(`\`\`\`json\n${JSON.stringify(GOOD)}\n\`\`\``));
    expect(row).toMatchObject({ status: 'ok', warnings: ['fences-removed'], data: DATA });
  });

  it.each(['length', 'silent-end'] as const)('is truncated and never parsed where it was cut: %s', async (kind) => {
    const { row } = await extracted({ kind, afterTokens: 1 });
    expect(row).toMatchObject({ status: 'truncated', error: { code: 'ANSWER_TRUNCATED' }, data: null });
    expect(() => JSON.parse(row.text ?? '')).not.toThrow(); // it happens to be JSON, and proves nothing
  });
});
