import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { schemaFrom } from '../../../../src/app/definitions/load-schema.js';
import { type DefinitionSource, loadDefinition } from '../../../../src/app/run/definition.js';
import { ExitError } from '../../../../src/core/exit.js';
import { DEFAULTS } from './asks.js';

let cwd: string;
beforeEach(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'visionbatch-definition-'));
});
afterEach(() => rm(cwd, { recursive: true }));

const write = (name: string, text: string): Promise<void> => writeFile(join(cwd, name), text);

function define(changes: Partial<DefinitionSource>) {
  const { given = {}, settings = { ...DEFAULTS, ...given }, ...others } = changes;
  return loadDefinition({ task: 'ocr', taskFile: null, settings, given, cwd, ...others });
}

async function refusal(changes: Partial<DefinitionSource>): Promise<ExitError> {
  const thrown: unknown = await define(changes).catch((error: unknown) => error);
  if (!(thrown instanceof ExitError)) throw new Error(`Expected an ExitError, got ${String(thrown)}`);
  expect(thrown.exitCode).toBe(2);
  return thrown;
}

const own = { task: 'own', taskFile: 'alt.yaml' } as const;
const extract = { task: 'extract', given: { schema: 'receipt.yaml' } } as const;
const RECEIPT = 'type: object\nproperties:\n  total: {type: number}\nrequired: [total]\n';

describe('a built-in task', () => {
  it('is what the settings say', async () => {
    expect(await define({})).toMatchObject({ task: 'ocr', taskName: 'ocr', schema: null, columns: null, check: null });
  });

  it('has the content of its schema file, whose path alone is kept', async () => {
    await write('receipt.yaml', RECEIPT);
    const { given, schema } = await define(extract);
    expect(schema).toMatchObject({ properties: { total: { type: 'number' } } });
    expect(given).toEqual({ schema: 'receipt.yaml' });
  });

  it('reads pages again only where it reads pages', async () => {
    const settings = { ...DEFAULTS, verify: { share: 1 } };
    expect((await define({ settings })).settings.verify).toEqual({ share: 1 });
    expect((await define({ task: 'caption', settings })).settings.verify).toBeNull();
  });

  it('is refused with a schema that is missing, or that no answer can fit', async () => {
    expect((await refusal(extract)).message).toContain('receipt.yaml');
    await write('receipt.yaml', 'type: object\nproperties:\n  total: {type: numbr}\n');
    expect((await refusal(extract)).message).toContain('#/properties/total');
  });

  it('takes no notice of a schema that is another task’s', async () => {
    expect((await define({ given: { schema: 'gone.json' } })).schema).toBeNull();
  });
});

describe('a task of the user’s own', () => {
  it('gives what its file says as if by flags, before what is left to defaults', async () => {
    await write(
      'alt.yaml',
      'name: alt-text\nprompt: Alt text for {{title}}.\nsystem: Be brief.\nmaxTokens: 60\ntemperature: 0.3\n',
    );
    const { given, settings, taskName } = await define(own);
    const words = { prompt: 'Alt text for {{title}}.', system: 'Be brief.', maxTokens: 60, temperature: 0.3 };
    expect({ given, taskName }).toEqual({ given: words, taskName: 'alt-text' });
    expect(settings).toMatchObject(words);
  });

  it('has the length and temperature that flags say, and one system message', async () => {
    const text = 'name: alt-text\nprompt: Alt text.\nsystem: Be brief.\nmaxTokens: 60\ntemperature: 0.3\n';
    await write('alt.yaml', text);
    const { given } = await define({ ...own, given: { maxTokens: 90, temperature: 0 } });
    expect(given).toMatchObject({ maxTokens: 90, temperature: 0 });
    expect((await refusal({ ...own, given: { system: 'Be kind.' } })).message).toContain('one system message');
  });

  it('is refused with words that a server would take for an image', async () => {
    await write('alt.yaml', 'name: alt-text\nprompt: Look at [img-0].\n');
    expect((await refusal(own)).message).toContain('"[img"');
  });

  it('has its schema and its columns, which must be there', async () => {
    await write('receipt.yaml', RECEIPT);
    const task = (columns: string) =>
      write('alt.yaml', `name: sum\nprompt: Read.\nschema: receipt.yaml\ncolumns: [${columns}]\n`);
    await task('total');
    expect(await define(own)).toMatchObject({ columns: ['total'], schema: { required: ['total'] } });
    await task('total, sum');
    expect((await refusal(own)).message).toContain('Expected some of total, got sum');
  });
});

describe('a schema that a zod type was made of', () => {
  const strict = schemaFrom('receipt', z.object({ total: z.number().refine((total) => total > 0) }));
  const plain = schemaFrom('receipt', z.object({ total: z.number() }));
  const redis = { ...DEFAULTS, redis: 'redis://queue' };

  it('is held to by the type itself', async () => {
    const { check } = await define({ task: 'extract', schema: strict });
    expect(check?.({ total: 0 })).toHaveProperty('complaint');
    expect(check?.({ total: 1 })).toEqual({ data: { total: 1 } });
  });

  it('is held to by all machines alike where there are several', async () => {
    expect((await define({ task: 'extract', schema: plain, settings: redis })).check).toBeNull();
  });

  it('is refused where other machines could not hold answers to it', async () => {
    expect((await refusal({ task: 'extract', schema: strict, settings: redis })).message).toContain('total: refine');
  });
});
