import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { loadSettings } from '../../../config/load.js';
import { openInputs } from '../../../src/app/inputs.js';
import { withResources } from '../../../src/app/resources.js';
import { inputsOf } from '../../../src/app/run/open-run.js';
import type { ListedItem } from '../../../src/inputs/lists/listed.js';
import { tinyPng } from '../../support/images.js';
import { PLAIN, type TemporaryFolder, temporaryFolder } from '../inputs/folders.js';

interface Opening {
  readonly inputs: readonly string[];
  readonly items?: readonly ListedItem[];
  readonly stdin: string | Uint8Array;
  readonly redis?: string;
}

/** What a run remembers of these inputs, and the images that its table names. */
async function opened({ path: cwd }: TemporaryFolder, { inputs, items = [], redis, stdin }: Opening) {
  const flags = { output: ['o.csv'], ...(redis === undefined ? {} : { redis, model: 'm' }) };
  const { settings } = await loadSettings({ command: 'ocr', task: 'ocr', flags, env: {}, file: null, cwd });
  const io = { cwd, stdin: () => Readable.from([Buffer.from(stdin)]) };
  return await withResources(async (resources) => {
    const resolve = { ...PLAIN, cwd };
    const open = await openInputs({ inputs, items }, { settings, io, resolve }, resources);
    return {
      names: inputsOf(open.inputs),
      bases: open.inputs.flatMap((input) => (input.kind === 'manifest' ? [input.manifest.base] : [])),
    };
  });
}

const REDIS = 'redis://127.0.0.1:1';

describe('inputs', () => {
  it('are tables first, then what a program lists, then files; stdin has one name at every start', async () => {
    await using folder = await temporaryFolder();
    folder.write('scans/a.png', 'b.png');
    folder.writeAs('list.csv', 'image\nb.png\n');
    const items = [{ key: 'c', sources: [{ url: 'https://example.org/c.png' }] }];
    const table = await opened(folder, { inputs: ['scans', 'list.csv', '-', 'b.png'], items, stdin: 'image\nb.png\n' });
    const listed = expect.stringMatching(/^items [0-9a-f]{64}$/);
    const at = (name: string): string => `${folder.path}/${name}`;
    expect(table.names).toEqual([at('list.csv'), '-', listed, at('scans'), at('b.png')]);
    const image = await opened(folder, { inputs: ['scans', '-'], items, stdin: await tinyPng(1) });
    expect(image.names).toEqual(['-', listed, at('scans')]);
  });

  it('on stdin may be paths where other machines work on them too, but no images', async () => {
    await using folder = await temporaryFolder();
    const inputs = ['-'];
    const paths = await opened(folder, { inputs, stdin: 'image\nscans/a.png\n', redis: REDIS });
    expect(paths).toEqual({ names: ['-'], bases: [folder.path] });
    const png = await tinyPng(1);
    const table = `id,image\n1,${png.toString('base64')}\n`;
    const refusal = (what: string) => ({
      exitCode: 2,
      message: `Expected paths beside --redis, got ${what} on stdin.`,
    });
    await expect(opened(folder, { inputs, stdin: table, redis: REDIS })).rejects.toMatchObject(
      refusal('a table that holds images'),
    );
    await expect(opened(folder, { inputs, stdin: png, redis: REDIS })).rejects.toMatchObject(refusal('an image'));
  });
});
