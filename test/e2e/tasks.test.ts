import { writeFile } from 'node:fs/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { readRows } from '../support/rows.js';
import { endsWith, type Stage, startStage } from '../support/runs.js';

const MODELS = [{ name: 'gemma3' }, { name: 'moondream' }, { name: 'llama3.1', capabilities: ['completion'] }];

const aStage = (items: number): Promise<Stage> => startStage({ items, hosts: [{ slots: 2, models: MODELS }] });

/** What a request says: its messages without their images. */
async function askedWith(stage: Stage): Promise<readonly { text: string; images: number }[][]> {
  const logs = await stage.ollama.requests(0);
  return logs.flatMap(({ body, isTrial, path }) => {
    const { messages = [] } = (body ?? {}) as {
      readonly messages?: readonly { readonly content: string; readonly images?: readonly string[] }[];
    };
    const turns = messages.map(({ content, images = [] }) => ({ text: content, images: images.length }));
    return path === '/api/chat' && !isTrial && turns.length > 0 ? [turns] : [];
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

/** A zod type with a check that JSON Schema cannot say. */
const REFINED = `import { z } from ${JSON.stringify(import.meta.resolve('zod'))};
export default z.object({ net: z.number(), total: z.number() }).refine((sum) => sum.net <= sum.total);
`;

/** Schemas and tasks, all of them wrong but own.yaml. */
const FILES: Readonly<Record<string, string>> = {
  'syntax.json': '{"type": "object", "properties": {"title": {"type": "string"',
  'type.json': '{"type": "object", "properties": {"title": {"type": "strin"}}}',
  'forever.mjs': 'while (true) {}',
  'outside.json': '{"$ref": "https://example.com/book.json"}',
  'refined.mjs': REFINED,
  'own.yaml': OWN,
  'typo.yaml': 'name: shelf\nprompt: On which shelf belongs {{titel}}?\n',
  'empty.yaml': "name: shelf\nprompt: ''\n",
};

interface Refusal {
  readonly command: string;
  readonly code: 2 | 3;
  /** What the message names: what is wrong, and what to do. */
  readonly said: readonly string[];
}

const refused = (code: 2 | 3, command: string, ...said: readonly string[]): Refusal => ({ command, code, said });

const REFUSED: readonly Refusal[] = [
  refused(2, 'extract scans', '--schema', 'add --schema FILE'),
  refused(2, 'extract scans --schema gone.json', 'gone.json: there is no such file'),
  refused(2, 'extract scans --schema syntax.json', 'syntax.json:1:'),
  refused(2, 'extract scans --schema type.json', 'type.json: #/properties/title/type', '"strin"', 'Use one of object'),
  refused(2, 'extract scans --schema outside.json', 'outside.json: #', 'https://example.com/book.json'),
  refused(2, 'extract scans --schema forever.mjs', 'forever.mjs', 'after 10 s'),
  refused(2, 'extract scans --schema refined.mjs --redis redis://127.0.0.1:9', 'refine', 'run without --redis'),
  refused(2, 'classify scans', '--labels', 'add --labels'),
  refused(2, 'classify scans --labels a,a', '--labels: Expected every label once, got "a"'),
  refused(2, 'classify scans --labels a,,b', '--labels: Expected labels none of which is empty'),
  refused(2, 'classify scans --labels a', '--labels: Expected two labels or more'),
  refused(2, 'ask scans', '--question', 'add --question'),
  refused(2, 'ask scans --question=', '--question: Expected text'),
  refused(2, 'caption scans --prompt=', '--prompt: Expected text'),
  refused(2, 'caption scans --prompt {{titel}}', '{{titel}}', 'There are: id, page, file.path'),
  refused(2, 'task gone.yaml scans', 'gone.yaml: there is no such file'),
  refused(2, 'task typo.yaml scans', '{{titel}}', 'There are: id, page, file.path'),
  refused(2, 'task empty.yaml scans', 'empty.yaml: prompt'),
  refused(2, 'task own.yaml scans', '{{title}}'),
  refused(2, 'compare scans/d00/0000.png', 'Expected two images or more', '0000.png', 'Name the images'),
  refused(2, 'compare scans --group-by stem', '2 of 2 groups have only one', '--group-by inputs'),
  refused(2, 'compare scans --model moondream', 'moondream, which is made for one', 'Add --stitch', '--model gemma3'),
  refused(3, 'caption scans --model llama3.1', 'llama3.1', 'cannot see images', 'These can: gemma3'),
  refused(3, 'caption scans --model gemma4', 'does not have the model gemma4', 'ollama pull gemma4'),
  refused(2, 'caption scans --host cpu', 'Expected an Ollama server for caption, got cpu'),
  refused(3, 'ocr scans --host cpu --lang deu', 'no data for deu', 'npm install @tesseract.js-data/deu'),
];

describe('a batch that cannot be asked', () => {
  let stage: Stage;

  beforeAll(async () => {
    stage = await aStage(2);
    for (const [name, content] of Object.entries(FILES)) await writeFile(stage.folder.at(name), content);
  });
  afterEach(() => stage.ollama.reset());
  afterAll(() => stage[Symbol.asyncDispose]());

  it.each(REFUSED)('is refused before the first question: $command', async ({ command, code, said }) => {
    const words = command.split(' ');
    const model = words.includes('--model') ? [] : ['--model', 'gemma3'];
    const hosts = words.includes('--host') ? [] : stage.hostFlags;
    const output = `${REFUSED.findIndex((one) => one.command === command)}/out.jsonl`; // a run of its own
    const { stderr, stdout } = await endsWith(code, stage.cli([...words, ...model, ...hosts, '-o', output]));
    for (const part of said) expect(stderr).toContain(part);
    expect(stderr).not.toContain('    at '); // a stack is for bugs
    expect(stdout).toBe('');
    expect(await askedWith(stage)).toEqual([]);
  });

  it('names what is asked otherwise than the run began with', async () => {
    const flags = ['--model', 'gemma3', ...stage.hostFlags, '-o', 'o.jsonl'];
    const classify = (labels: string) => stage.cli(['classify', 'scans', '--labels', labels, ...flags]);
    await endsWith(0, classify('page,photo'));
    const { stderr } = await endsWith(2, classify('page,letter'));
    expect(stderr).toContain('--labels: the run began with ["page","photo"], now ["page","letter"]');
    expect(stderr).not.toContain('--prompt');
  });
});
