import { readdir, readFile, symlink } from 'node:fs/promises';
import path from 'node:path';
import { parse } from 'csv-parse/sync';
import { describe, expect, it } from 'vitest';
import { readRows } from '../support/rows.js';
import { endsWith, type Stage, startStage } from '../support/runs.js';

const EXAMPLES = path.resolve(import.meta.dirname, '../../examples');
const MODELS = [{ name: 'gemma3:12b' }, { name: 'qwen2.5vl:7b' }];

/** A folder that has the examples where their commands look for them. */
async function aStage(): Promise<Stage> {
  const stage = await startStage({ items: 0, hosts: [{ slots: 2, models: MODELS }] });
  await symlink(EXAMPLES, stage.folder.at('examples'));
  return stage;
}

/** The host answers everything with this value. */
const answer = (stage: Stage, value: unknown) =>
  stage.ollama.fault(0, { outcome: { kind: 'stop', text: JSON.stringify(value) } });

async function csvOf(stage: Stage, output: string): Promise<readonly Readonly<Record<string, string>>[]> {
  return parse(await readFile(stage.folder.at(output)), { columns: true });
}

interface Question {
  readonly messages?: readonly { readonly content: string; readonly images?: readonly string[] }[];
  readonly format?: unknown;
  readonly options?: { readonly temperature?: number };
}

/** The bodies of all questions, preloads left out. */
async function questions(stage: Stage): Promise<readonly Question[]> {
  const logs = await stage.ollama.requests(0);
  const bodies = logs
    .filter(({ isTrial, path }) => path === '/api/chat' && !isTrial)
    .map(({ body }) => (body ?? {}) as Question);
  return bodies.filter(({ messages = [] }) => messages.length > 0);
}

/** The columns of a CSV that a person sees, around those of the result. */
const around = (...result: readonly string[]): readonly string[] => [
  ...['id', 'source', 'page', 'status'],
  ...result,
  ...['error.code', 'error.message', 'warnings'],
];

/** What every example of CSV over the documents has between the common columns. */
const CSVS = [
  ['ask.yaml', 'answers.csv', ['What kind of document is this?', 'What is its date? Answer with the date alone.']],
  ['caption.yaml', 'alt.csv', ['text']],
  ['classify.yaml', 'kinds.csv', ['label']],
  ['own.yaml', 'names.csv', ['name', 'reason']],
] as const;

/** Those with a test of their own; file-name.yaml is what own.yaml asks. */
const OTHERS = ['compare.yaml', 'extract.yaml', 'file-name.yaml', 'manifest.yaml', 'ocr.yaml', 'page-quality.ts'];

/** A receipt as the example's schema has it. */
const RECEIPT = {
  merchant: 'Corner Bakery',
  date: '2024-05-18',
  time: '08:41',
  currency: 'EUR',
  items: [
    { description: 'Rye bread', quantity: 1, amount: 3.8 },
    { description: 'Croissant', quantity: 2, amount: 4.4 },
  ],
  tax: 0.54,
  total: 8.2,
  payment: 'cash',
};

const INVOICE = {
  number: '2024-17',
  date: '2024-03-02',
  seller: { name: 'Mill & Sons', vatId: 'DE123456789' },
  lines: [{ description: 'Flour', quantity: 10, unitPrice: 1.2, amount: 12 }],
  net: 12,
  tax: 2.28,
  total: 14.28,
};

const PHOTO = {
  summary: 'A loaf on a table.',
  objects: [{ name: 'loaf', count: 1, attributes: ['brown'] }],
  scene: 'kitchen',
  colours: ['brown'],
  timeOfDay: 'morning',
  setting: 'indoor',
};

const PRODUCT = {
  name: 'Bread knife',
  category: 'tools',
  colours: ['black'],
  condition: 'new',
  barcode: '4006381333931',
};

describe('examples/tasks', () => {
  it('has nothing that is not tested here', async () => {
    const tested = [...CSVS.map(([file]) => file), ...OTHERS];
    expect((await readdir(path.join(EXAMPLES, 'tasks'))).toSorted()).toEqual(tested.toSorted());
  });

  it.each(CSVS)('%s gives every document its row', async (file, output, columns) => {
    await using stage = await aStage();
    const { stderr } = await endsWith(1, stage.cli(['run', `examples/tasks/${file}`, ...stage.hostFlags]));
    const rows = await csvOf(stage, output);
    expect(Object.keys(rows[0] ?? {})).toEqual(around(...columns));
    const [broken, ...others] = rows;
    expect(broken).toMatchObject({ id: 'cut-off.jpg', status: 'failed', 'error.code': 'IMAGE_TRUNCATED' });
    expect(others).toHaveLength(9);
    for (const row of others) {
      expect(row.status).toBe('ok');
      for (const column of columns) expect(row[column], column).toMatch(/\w/);
    }
    expect(stderr).toContain(`visionbatch failures ${output}`);
  });

  it('ocr.yaml reads the pages, one in ten of them twice', async () => {
    await using stage = await aStage();
    await endsWith(1, stage.cli(['run', 'examples/tasks/ocr.yaml', ...stage.hostFlags]));
    const rows = await readRows(stage.folder.at('pages.jsonl'));
    expect(rows.filter(({ status }) => status === 'ok')).toHaveLength(8);
    expect(rows.filter(({ status }) => status === 'blank').map(({ id }) => id)).toEqual(['empty-page.png']);
    const verified = rows.filter(({ verify }) => verify !== null);
    expect(verified.map(({ id }) => id)).toEqual(['receipt.jpg']);
    expect(verified[0]?.verify?.missing).toContain('bakery');
  });

  it('compare.yaml shows both images in one request', async () => {
    await using stage = await aStage();
    await endsWith(0, stage.cli(['run', 'examples/tasks/compare.yaml', ...stage.hostFlags]));
    const rows = await readRows(stage.folder.at('compared.jsonl'));
    expect(rows).toMatchObject([{ status: 'ok', source: ['invoice.png', 'receipt.jpg'] }]);
    const asked = await questions(stage);
    expect(asked.map(({ messages }) => messages?.flatMap(({ images = [] }) => images).length)).toEqual([2]);
  });

  it('extract.yaml makes a line of every item of a receipt, asked with its schema at temperature 0', async () => {
    await using stage = await aStage();
    await answer(stage, RECEIPT);
    await endsWith(0, stage.cli(['run', 'examples/tasks/extract.yaml', ...stage.hostFlags]));
    const rows = await csvOf(stage, 'items.csv');
    const items = ['items.description', 'items.quantity', 'items.amount'];
    const columns = ['merchant', 'date', 'time', 'currency', ...items, 'tax', 'total', 'payment'];
    expect(Object.keys(rows[0] ?? {})).toEqual(around(...columns));
    expect(rows).toMatchObject([
      { id: 'receipt.jpg', status: 'ok', 'items.description': 'Rye bread', total: '8.2' },
      { id: 'receipt.jpg', status: 'ok', 'items.description': 'Croissant', total: '8.2' },
    ]);
    expect(await questions(stage)).toMatchObject([
      { options: { temperature: 0 }, format: { type: 'object', properties: { merchant: { type: 'string' } } } },
    ]);
  });

  it('manifest.yaml asks with the words of each row, and carries them into the output', async () => {
    await using stage = await aStage();
    await endsWith(0, stage.cli(['run', 'examples/tasks/manifest.yaml', ...stage.hostFlags]));
    const rows = await csvOf(stage, 'catalog-alt.csv');
    expect(Object.keys(rows[0] ?? {})).toEqual([...around('text'), 'sku', 'title']);
    expect(rows.map(({ id, title }) => [id, title])).toEqual([
      ['B-17', 'a till receipt'],
      ['B-18', 'an invoice'],
      ['B-19', 'a sign, with an arrow'],
    ]);
    const words = (await questions(stage)).flatMap(({ messages = [] }) => messages.map(({ content }) => content));
    expect(words.join('\n')).toContain('This photo shows a sign, with an arrow. Describe it');
  });

  it('page-quality.ts holds answers to what a schema cannot say', async () => {
    await using stage = await aStage();
    const command = ['task', 'examples/tasks/page-quality.ts', 'examples/documents/letter.png', ...stage.hostFlags];
    await answer(stage, { legible: 90, faults: [], scanAgain: false });
    await endsWith(1, stage.cli([...command, '--model', 'gemma3:12b', '-o', 'bad.csv']));
    expect((await csvOf(stage, 'bad.csv'))[0]).toMatchObject({
      status: 'invalid',
      'error.message': expect.stringContaining('Expected a fault where not all is legible'),
    });
    await stage.ollama.clearFaults();
    await answer(stage, { legible: 90, faults: ['faint'], scanAgain: true });
    await endsWith(0, stage.cli([...command, '--model', 'gemma3:12b', '-o', 'bad.csv', '--retry-failed']));
    const [row] = await csvOf(stage, 'bad.csv');
    expect(Object.keys(row ?? {})).toEqual(around('legible', 'scanAgain', 'faults'));
    expect(row).toMatchObject({ status: 'ok', legible: '90', scanAgain: 'true', faults: '["faint"]' });
  });
});

describe('examples/schemas', () => {
  it('has nothing that is not tested here', async () => {
    const tested = ['invoice.ts', 'photo.ts', 'product.json', 'receipt.yaml'];
    expect(await readdir(path.join(EXAMPLES, 'schemas'))).toEqual(tested);
  });

  it.each([
    ['invoice.ts', 'invoice.png', INVOICE],
    ['photo.ts', 'photo-of-a-page.jpg', PHOTO],
    ['product.json', 'sign.png', PRODUCT],
  ])('%s takes what it describes', async (schema, image, value) => {
    await using stage = await aStage();
    await answer(stage, value);
    const flags = ['--schema', `examples/schemas/${schema}`, '--model', 'qwen2.5vl:7b', ...stage.hostFlags];
    await endsWith(0, stage.cli(['extract', `examples/documents/${image}`, '-o', 'data.jsonl', ...flags]));
    const [row] = await readRows(stage.folder.at('data.jsonl'));
    expect(row).toMatchObject({ status: 'ok', attempts: 1, data: value });
  });
});
