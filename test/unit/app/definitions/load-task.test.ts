import { describe, expect, it } from 'vitest';
import { loadTask } from '../../../../src/app/definitions/load-task.js';
import { aFolder, refusal } from './a-folder.js';

const NONE = { system: null, schema: null, columns: null, maxTokens: null, temperature: null };
const SCHEMA = { type: 'object', properties: { a: { type: 'string' }, b: { type: 'null' } } };

describe('a task of a user', () => {
  it('needs a name and a prompt', async () => {
    await using folder = await aFolder({ 't.yaml': 'name: plants\nprompt: Name the plant.\n' });
    expect(await loadTask('t.yaml', folder.path)).toEqual({ ...NONE, name: 'plants', prompt: 'Name the plant.' });
  });

  it('may name a schema beside it, columns and a limit', async () => {
    const task =
      'name: plants\nprompt: p\nsystem: s\nschema: parts/s.json\ncolumns: [b, a]\nmaxTokens: 9\ntemperature: 0.5\n';
    await using folder = await aFolder({ 'tasks/t.yaml': task, 'tasks/parts/s.json': JSON.stringify(SCHEMA) });
    expect(await loadTask('tasks/t.yaml', folder.path)).toEqual({
      name: 'plants',
      prompt: 'p',
      system: 's',
      schema: { schema: SCHEMA, zod: null, lost: [] },
      columns: ['b', 'a'],
      maxTokens: 9,
      temperature: 0.5,
    });
  });

  it('may hold the schema itself', async () => {
    await using folder = await aFolder({ 't.json': JSON.stringify({ name: 'x', prompt: 'p', schema: SCHEMA }) });
    expect((await loadTask('t.json', folder.path)).schema?.schema).toEqual(SCHEMA);
  });

  it('may be a module with a zod type', async () => {
    const task = `import { z } from 'zod';
      export default { name: 'x', prompt: 'p', schema: z.object({ a: z.string().trim() }) };`;
    await using folder = await aFolder({ 't.ts': task });
    const { schema } = await loadTask('t.ts', folder.path);
    expect(schema?.lost).toEqual(['a: overwrite']);
    expect(schema?.zod?.safeParse({ a: 'x' }).success).toBe(true);
  });
});

describe('a task that cannot be used', () => {
  it('is told with everything that is wrong', async () => {
    const task = 'name: Plants\nprompt: " "\nmaxTokens: 0\ncolumns: []\nother: 1\n';
    await using folder = await aFolder({ 't.yaml': task });
    const lines = (await refusal(loadTask('t.yaml', folder.path))).message.split('\n');
    expect(lines.map((line) => line.split(':', 2).join(':'))).toEqual([
      't.yaml: name',
      't.yaml: prompt',
      't.yaml: columns',
      't.yaml: maxTokens',
      't.yaml: Unrecognized key',
    ]);
  });

  it.each([
    ['t.yaml', 'name: ocr\nprompt: p', 't.yaml: name: Expected a name of its own, got that of a built-in task'],
    ['t.yaml', 'name: a\nprompt: p\ncolumns: [a, a]', 't.yaml: columns: Expected each column once'],
    ['t.yaml', 'name: a\nprompt: p\ncolumns: [x]', 't.yaml: columns: Expected some of text, got x'],
    [
      't.yaml',
      'name: a\nprompt: p\nschema: 7',
      't.yaml: schema: Expected a zod type, a JSON Schema or the path of one, got 7',
    ],
    ['t.yaml', 'name: a\nprompt: p\nschema: { type: x }', 't.yaml: schema: #/type: there is no type "x"'],
    ['t.yaml', 'name: a\nprompt: p\nschema: gone.json', 'gone.json: there is no such file'],
    ['t.yaml', 'a: [', 't.yaml:1:'],
    ['t.mjs', 'export const task = {};', 't.mjs: Expected the task as the default export, got none'],
    ['t.txt', '', 't.txt: Expected a file ending in .yaml, .yml, .json, .ts, .mts, .js or .mjs'],
  ])('is refused: %s with %j', async (name, text, message) => {
    await using folder = await aFolder({ [name]: text });
    expect((await refusal(loadTask(name, folder.path))).message.slice(0, message.length)).toBe(message);
  });
});
