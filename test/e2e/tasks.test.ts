import { writeFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { readRows } from '../support/rows.js';
import { endsWith, type Stage, startStage } from '../support/runs.js';

const MODELS = [{ name: 'gemma3' }, { name: 'moondream' }];

const aStage = (items: number): Promise<Stage> => startStage({ items, hosts: [{ slots: 2, models: MODELS }] });

/** What a request says: its messages without their images. */
async function askedWith(stage: Stage): Promise<readonly { text: string; images: number }[][]> {
  const logs = await stage.ollama.requests(0);
  return logs.flatMap(({ path, body }) => {
    const { messages = [] } = (body ?? {}) as {
      readonly messages?: readonly { readonly content: string; readonly images?: readonly string[] }[];
    };
    const turns = messages.map(({ content, images = [] }) => ({ text: content, images: images.length }));
    return path === '/api/chat' && turns.length > 0 ? [turns] : [];
  });
}

const SCHEMA = `type: object
required: [title, pages]
properties:
  title: {type: string, maxLength: 40}
  pages: {type: array, items: {type: string, maxLength: 10}}
`;

const OWN = 'name: shelf\nprompt: On which shelf belongs {{title}} ({{file.name}})?\nmaxTokens: 50\n';

/** Every command, with what its first row must hold. */
const COMMANDS: readonly (readonly [command: readonly string[], result: object])[] = [
  [['ocr', 'scans', '--format', 'lines', '--lang', 'eng'], { task: 'ocr', text: expect.stringMatching(/\w/) }],
  [['caption', 'scans', '--style', 'alt', '--confidence'], { task: 'caption', confidence: expect.any(Number) }],
  [
    ['ask', 'scans', '--question', 'Who?', '--question', 'Why?'],
    { task: 'ask', text: null, answers: [{ question: 'Who?' }, { question: 'Why?' }] },
  ],
  [['compare', 'scans', '--group-by', 'folder'], { task: 'compare', source: expect.any(Array) }],
  [['compare', 'scans', '--stitch', '--model', 'moondream'], { task: 'compare', source: expect.any(Array) }],
  [['classify', 'scans', '--labels', 'page,photo'], { task: 'classify', text: null, label: 'page' }],
  [['classify', 'scans', '--labels', 'page,photo', '--multi'], { task: 'classify', label: ['page'] }],
  [
    ['extract', 'scans', '--schema', 'schema.yaml'],
    { task: 'extract', text: null, data: { title: expect.any(String), pages: [expect.any(String)] } },
  ],
  [['task', 'own.yaml', 'books.csv', '--image-column', 'scan'], { task: 'shelf', row: { title: 'Emma [img-0]' } }],
];

describe('every task', () => {
  it('has a command that ends with a row for every item', async () => {
    await using stage = await aStage(2);
    await writeFile(stage.folder.at('schema.yaml'), SCHEMA);
    await writeFile(stage.folder.at('own.yaml'), OWN);
    await writeFile(stage.folder.at('books.csv'), `title,scan\nEmma [img-0],scans/${stage.keys[0]}\n`);
    for (const [at, [command, result]] of COMMANDS.entries()) {
      const model = command.includes('--model') ? [] : ['--model', 'gemma3'];
      await endsWith(0, stage.cli([...command, ...model, ...stage.hostFlags, '-o', `${at}.jsonl`]));
      const [row] = await readRows(stage.folder.at(`${at}.jsonl`));
      expect(row, command.join(' ')).toMatchObject({ status: 'ok', ...result });
    }
    const filled = (await askedWith(stage)).flat().filter(({ text }) => text.includes('On which shelf'));
    expect(filled).toEqual([{ text: 'On which shelf belongs Emma [ img-0] (0000.png)?', images: 1 }]);
  });

  it('can be done as a file says', async () => {
    await using stage = await aStage(2);
    await writeFile(stage.folder.at('schema.yaml'), SCHEMA);
    const lines = ['task: extract', 'inputs: scans', 'schema: schema.yaml', 'explode: pages', 'output: o.csv'];
    await writeFile(stage.folder.at('run.yaml'), `${[...lines, 'model: gemma3'].join('\n')}\n`);
    await endsWith(0, stage.cli(['run', 'run.yaml', ...stage.hostFlags]));
    await endsWith(0, stage.cli(['run', 'run.yaml', ...stage.hostFlags])); // and again, which asks nothing
    expect(await askedWith(stage)).toHaveLength(2);
  });
});

describe('a batch that cannot be asked', () => {
  it.each([
    [['compare', 'scans', '--model', 'moondream'], '--stitch'],
    [['caption', 'scans', '--model', 'gemma3', '--prompt', 'What is {{titel}}?'], '{{titel}}'],
    [['extract', 'scans', '--model', 'gemma3', '--schema', 'gone.json'], 'gone.json'],
    [['task', 'gone.yaml', 'scans', '--model', 'gemma3'], 'gone.yaml'],
    [['classify', 'scans', '--model', 'gemma3', '--labels', 'a,a'], 'every label once'],
    [['ask', 'scans', '--model', 'gemma3'], '--question'],
    [['caption', 'scans', '--model', 'gemma3', '--prompt', ' '], 'Expected text'],
  ])('is refused before the first question: %j', async (command, said) => {
    await using stage = await aStage(2);
    const { stderr } = await endsWith(2, stage.cli([...command, ...stage.hostFlags, '-o', 'out.jsonl']));
    expect(stderr).toContain(said);
    expect(await askedWith(stage)).toEqual([]);
  });

  it('names what is asked otherwise than the run began with', async () => {
    await using stage = await aStage(1);
    const classify = (labels: string) =>
      stage.cli(['classify', 'scans', '--model', 'gemma3', '--labels', labels, ...stage.hostFlags, '-o', 'o.jsonl']);
    await endsWith(0, classify('page,photo'));
    const { stderr } = await endsWith(2, classify('page,letter'));
    expect(stderr).toContain('--labels: the run began with ["page","photo"], now ["page","letter"]');
    expect(stderr).not.toContain('--prompt');
  });
});
