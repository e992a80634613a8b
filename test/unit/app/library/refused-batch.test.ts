import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type BatchOptions, runBatch, type VisionBatchError } from '../../../../src/index.js';
import { testFolder, writeImages } from '../../../support/images.js';
import { startOllama } from '../../../support/ollama/server.js';

describe('a batch that cannot be', () => {
  const images = 'a.png';
  it.each<[BatchOptions<unknown>, number, string]>([
    [{ task: 'ocr', inputs: [] }, 2, 'Expected `inputs` to name images, got none'],
    [{ task: 'ocr', inputs: 'nowhere' }, 2, 'Expected an input to be a folder, a file or a glob, got `nowhere`'],
    [
      { task: 'ocr', inputs: 'a.png', limit: 0, attempts: 0 },
      2,
      'limit: Expected a whole number, 1 or more, got 0\natt',
    ],
    [{ task: 'ocr', inputs: 'a.png', output: '-' }, 2, 'output: Expected a path that ends in .jsonl or .csv, got -'],
    [{ task: 'ask', inputs: 'a.png' }, 2, 'question: Expected at least one question'],
    [
      { task: 'ask', inputs: 'a.png', prompt: 'What?', question: 'Why?' },
      2,
      'Expected `prompt` or `question`, got both',
    ],
    // @ts-expect-error extract needs a schema
    [{ task: 'extract', inputs: 'a.png' }, 2, 'Expected `schema` to be a zod type, got none'],
    // @ts-expect-error ocr takes none
    [{ task: 'ocr', inputs: 'a.png', schema: z.string() }, 2, 'Expected `schema` with the task extract'],
    [{ task: 'compare', inputs: ['a.png', { id: 'a', images: ['a.png', 'b.png'] }] }, 2, 'paths or items, got both'],
    [{ task: 'compare', inputs: [{ id: 'a', images }] }, 2, 'to be two or more, got one'],
    [{ task: 'ocr', inputs: [{ id: 'a', images: [images, images] }] }, 2, 'to be one page, got 2'],
    [
      {
        task: 'caption',
        inputs: [
          { id: 'a', images },
          { id: 'a', images },
        ],
      },
      2,
      'every id once, got "a" twice',
    ],
    [{ task: 'caption', inputs: [{ id: ' ', images }] }, 2, 'Expected `inputs[0].id` to be text'],
    [{ task: 'ocr', inputs: [{ id: 'a', images: new Uint8Array(1) }], redis: 'redis://h', model: 'm' }, 2, 'got bytes'],
  ])('rejects both its loop and its summary: %#', async (options, exitCode, message) => {
    const errors: VisionBatchError[] = [];
    const batch = runBatch(options);
    await batch[Symbol.asyncIterator]()
      .next()
      .catch((error: VisionBatchError) => errors.push(error));
    await batch.summary.catch((error: VisionBatchError) => errors.push(error));
    expect(errors).toHaveLength(2);
    expect(errors[0]).toBe(errors[1]);
    expect(errors[0]).toMatchObject({ name: 'VisionBatchError', exitCode });
    expect(errors[0]?.message).toContain(message);
  });

  it('says which host is not there', async () => {
    await using folder = await testFolder();
    await writeImages(folder.at('scans'), 1);
    const batch = runBatch({ task: 'ocr', inputs: folder.at('scans'), model: 'm', host: 'http://127.0.0.1:1' });
    await expect(batch.summary).rejects.toMatchObject({ exitCode: 3, message: expect.stringContaining('127.0.0.1:1') });
  });

  it('says of what nobody expected that it is a fault of this library, and what it was', async () => {
    const fault = new TypeError('boom');
    const options = {
      task: 'ocr',
      get inputs(): string {
        throw fault;
      },
    } as const;
    await expect(runBatch(options).summary).rejects.toMatchObject({
      name: 'VisionBatchError',
      exitCode: 70,
      message: 'boom',
      cause: fault,
    });
  });

  it('is iterated over once', async () => {
    await using folder = await testFolder();
    await using ollama = await startOllama();
    await writeImages(folder.at('scans'), 1);
    const batch = runBatch({ task: 'ocr', inputs: folder.at('scans'), host: ollama.url });
    for await (const _ of batch) await expect(batch[Symbol.asyncIterator]().next()).rejects.toThrow('second iteration');
  });
});
