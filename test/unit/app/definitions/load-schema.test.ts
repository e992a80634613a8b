import { describe, expect, it } from 'vitest';
import { checkOfZod } from '../../../../jobs/schema/validator.js';
import { loadSchema } from '../../../../src/app/definitions/load-schema.js';
import { aFolder, refusal } from './a-folder.js';

const SHORT = { timeoutMs: 700 };
const TEXT = { type: 'object', properties: { a: { type: 'string' } }, required: ['a'] };

const STRING = 'export default { type: "string" };';

describe('a schema file', () => {
  it.each([
    ['s.json', JSON.stringify(TEXT)],
    ['s.JSON', JSON.stringify(TEXT, null, '\t')],
    ['s.yaml', 'type: object\nproperties:\n  a: { type: string }\nrequired: [a]\n'],
    ['s.yml', 'type: object\nrequired: [a]\nproperties: { a: { type: string } }'],
    ['s.mjs', `export default ${JSON.stringify(TEXT)};`],
    ['s.js', `module.exports = { schema: ${JSON.stringify(TEXT)} };`],
    ['s.ts', `export const schema: object = ${JSON.stringify(TEXT)};`],
  ])('is JSON Schema in %s', async (name, text) => {
    await using folder = await aFolder({ [name]: text });
    expect(await loadSchema(name, folder.path)).toEqual({ schema: TEXT, zod: null, lost: [] });
  });

  it.each(['s.ts', 's.mts', 's.mjs'])('is a zod type in %s', async (name) => {
    const text = `import { z } from 'zod';\nexport default z.object({ a: z.string().trim() });\n`;
    await using folder = await aFolder({ [name]: text });
    const { schema, zod, lost } = await loadSchema(name, folder.path);
    expect({ schema, lost }).toEqual({ schema: TEXT, lost: ['a: overwrite'] });
    if (zod === null) throw new Error('Expected the type');
    expect(checkOfZod(zod)({ a: ' x ' })).toEqual({ data: { a: 'x' } });
  });

  it("may come with files of its own, and a zod of the user's", async () => {
    await using folder = await aFolder({
      's.ts': `import { part } from './part';\nimport { z } from 'zod';\nexport default z.object({ a: part });\n`,
      'part.ts': `export const part: unknown = { _zod: 'theirs' };\n`,
      'node_modules/zod/package.json': '{ "name": "zod", "main": "index.js" }',
      'node_modules/zod/index.js': `exports.z = { object: (shape) => ({ type: 'object', title: shape.a._zod }) };`,
    });
    expect((await loadSchema('s.ts', folder.path)).schema).toEqual({ type: 'object', title: 'theirs' });
  });

  it('is brought into one form', async () => {
    await using folder = await aFolder({ 's.json': '{ "$schema": "x", "properties": { "a": { "$ref": "#" } } }' });
    const { schema } = await loadSchema('s.json', folder.path);
    const inner = { type: 'object', properties: { a: { $ref: '#/$defs/root' } } };
    expect(schema).toEqual({ ...inner, $defs: { root: inner } });
  });
});

describe('a schema file that cannot be used', () => {
  it.each([
    ['nope.json', null, 'nope.json: there is no such file'],
    ['nope.ts', null, 'nope.ts: there is no such file'],
    ['s.txt', '', 's.txt: Expected a file ending in .json, .yaml, .yml, .ts, .mts, .js or .mjs'],
    ['s.json', '{\n  "type" "object"\n}', 's.json:2:10 '],
    ['s.yaml', 'a: [1\nb: 2', 's.yaml:2:1 '],
    ['s.ts', 'export default {\n  a: : 1,\n};', /^s\.ts: Unexpected token at \S+s\.ts:2:6$/],
    ['s.json', '[]', 's.json: Expected a JSON Schema or a zod type, got a list'],
    ['s.yaml', '', 's.yaml: Expected a JSON Schema or a zod type, got nothing'],
    ['s.mjs', 'export const other = 1;', 's.mjs: Expected a JSON Schema or a zod type, got nothing: no default export'],
    ['s.mjs', 'export default { _def: {} };', 's.mjs: Expected a type of zod 4, got one of zod 3'],
    ['s.json', '{ "properties": { "a": { "type": "text" } } }', 's.json: #/properties/a/type: there is no type "text"'],
    ['s.json', '{ "properties": { "$defs": {} } }', 's.json: #/properties/$defs: the server takes the name'],
    [
      's.ts',
      'import { z } from "zod"; export default z.object({ d: z.date() });',
      's.ts: #/properties/d: JSON has no value',
    ],
    ['s.ts', 'throw new Error("no " + (1 as number));', 's.ts: no 1'],
    ['s.ts', 'import x from "./gone"; export default x.y;', "s.ts: Cannot find module './gone'"],
    ['s.mjs', 'process.exit(0);', 's.mjs: it ended the process (exit code 0) while it was loaded'],
    ['s.mjs', `setInterval(() => {}, 1_000); ${STRING}`, 's.mjs: it leaves a timer or a connection open after it was'],
    [
      's.mjs',
      `import { createServer } from "node:net"; createServer().listen(0); ${STRING}`,
      's.mjs: it leaves a timer',
    ],
    [
      's.ts',
      'import { z } from "zod"; export default z.object({ a: z.string().refine(async () => true) });',
      's.ts: #/properties/a: it has an async check',
    ],
    ['s.mjs', 'process.kill(process.pid, "SIGKILL");', 's.mjs: its process ended while it was loaded'],
  ])('is refused: %s with %j', async (name, text, message) => {
    await using folder = await aFolder(text === null ? {} : { [name]: text });
    const refused = await refusal(loadSchema(name, folder.path));
    if (typeof message === 'string') expect(refused.message.slice(0, message.length)).toBe(message);
    else expect(refused.message).toMatch(message);
  });

  it('says how to put it right', async () => {
    await using folder = await aFolder({ 's.json': '{ "$ref": "https://example.org/a" }' });
    expect((await refusal(loadSchema('s.json', folder.path))).fix).toBe('Copy what it points to into $defs.');
  });

  it.each([
    ['spins', 'while (true) {}'],
    ['waits', 'setInterval(() => {}, 1_000); await new Promise(() => {});'],
  ])('is stopped where it %s for ever', async (_name, text) => {
    await using folder = await aFolder({ 's.mjs': text });
    const { message } = await refusal(loadSchema('s.mjs', folder.path, SHORT));
    expect(message).toBe('s.mjs: it was still loading after 0.7 s, and was stopped');
  });
});

it('takes a module that ends what it began', async () => {
  await using folder = await aFolder({
    's.mjs': `setTimeout(() => {}, 50); setInterval(() => {}, 9).unref(); ${STRING}`,
  });
  expect((await loadSchema('s.mjs', folder.path)).schema).toEqual({ type: 'string' });
});

it('lets nothing that a module prints reach stdout', async () => {
  await using folder = await aFolder({ 's.mjs': 'process.stdout.write("noise"); export default { type: "string" };' });
  const written: string[] = [];
  const { write } = process.stdout;
  process.stdout.write = (chunk: string | Uint8Array) => written.push(String(chunk)) > 0;
  try {
    await loadSchema('s.mjs', folder.path);
    process.stdout.write('after');
  } finally {
    process.stdout.write = write;
  }
  expect(written).toEqual(['after']);
});
