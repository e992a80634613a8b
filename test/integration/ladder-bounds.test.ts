import { describe, expect, it } from 'vitest';
import { sha256Hex } from '../../src/core/fingerprint.js';
import { tinyPng } from '../support/images.js';
import { chatsOf, imagesSent } from '../support/ollama/wire.js';
import { aPage, aScene, type Scene } from './scene.js';

const SCHEMA = { type: 'object', properties: { total: { type: 'number' } }, required: ['total'] };
/** Of a page of 900 × 1200 pixels, so many tokens are the image. */
const CONTEXT = ['--num-ctx', '2000'];

const changesOf = async (scene: Scene, item: string) => (await scene.attempts(item)).map(({ change }) => change);

const optionOf = (scene: Scene, name: string) => chatsOf(scene.ollama.asks).map(({ options }) => options[name]);

describe('a longer answer', () => {
  it('is asked for as far as the context holds', async () => {
    await using scene = await aScene({});
    await scene.write('scans/a.png', await aPage(1));
    scene.ollama.faults.add({ outcome: { kind: 'length', afterTokens: 2 }, times: 1 });
    await scene.rows(0, 'ocr', 'scans', '--max-tokens', '1200', ...CONTEXT);
    expect(optionOf(scene, 'num_predict')).toEqual([1200, 2000]);
    expect(optionOf(scene, 'num_ctx')).toEqual([2000, 2000]);
  });

  it('is not asked for where the last one has filled the context', async () => {
    const words = Array.from({ length: 3_000 }, (_, at) =>
      sha256Hex(Buffer.from(`${at}`))
        .replace(/\d/g, '')
        .slice(0, 9),
    );
    await using scene = await aScene({ answer: () => words.join(' ') });
    await scene.write('scans/a.png', await aPage(1));
    const [row] = await scene.rows(1, 'ocr', 'scans', '--max-tokens', '1200', ...CONTEXT);
    expect(await changesOf(scene, 'a.png')).toEqual([null, 'halves', 'smaller']);
    expect(new Set(optionOf(scene, 'num_predict'))).toEqual(new Set([1200]));
    expect(row).toMatchObject({
      status: 'truncated',
      attempts: 3,
      text: expect.stringContaining(words.slice(0, 400).join(' ')),
    });
  });
});

describe('what an item does not allow', () => {
  it.each([
    ['a page too low to be cut', 'ocr', 300, ['--max-tokens', '600']],
    ['a photograph', 'caption', 900, ['--max-tokens', '200']],
  ])('is passed by: %s has no halves', async (_what, task, height, flags) => {
    await using scene = await aScene({});
    await scene.write('scans/a.png', height === 900 ? await aPage(1) : await tinyPng(1, height));
    scene.ollama.faults.add({ outcome: { kind: 'loop', text: ' the same words again' } });
    const [row] = await scene.rows(1, task, 'scans', ...flags);
    const changes = height === 900 ? [null, 'penalty', 'smaller'] : [null, 'penalty'];
    expect(row).toMatchObject({ status: 'looped', error: { code: 'ANSWER_LOOPED' }, attempts: changes.length });
    expect(await changesOf(scene, 'a.png')).toEqual(changes);
  });

  it('has as many tries as the user gives it', async () => {
    await using scene = await aScene({});
    await scene.write('scans/a.png', await aPage(1));
    scene.ollama.faults.add({ outcome: { kind: 'empty' } });
    const [row] = await scene.rows(1, 'ocr', 'scans', '--attempts', '2');
    expect(row).toMatchObject({ status: 'empty', attempts: 2 });
    expect(optionOf(scene, 'temperature')).toEqual([0, 0.2]);
  });
});

describe('a complaint', () => {
  it('sends the bad answer back with what is wrong with it, and still holds the model to the schema', async () => {
    await using scene = await aScene({ answer: () => '{"total":12}' });
    await scene.write('total.json', JSON.stringify(SCHEMA));
    await scene.write('scans/a.png', await aPage(1));
    scene.ollama.faults.add({ outcome: { kind: 'stop', text: '{"total":"twelve"}' }, times: 1 });
    const [row] = await scene.rows(0, 'extract', 'scans', '--schema', 'total.json');
    expect(row).toMatchObject({ status: 'ok', data: { total: 12 }, warnings: ['rescued:complaint'] });
    const [first, second] = chatsOf(scene.ollama.asks);
    expect(second?.messages).toEqual([
      first?.messages[0],
      { role: 'assistant', content: '{"total":"twelve"}', images: [] },
      { role: 'user', content: expect.stringMatching(/^That answer is not valid:\n.*total.*\n.*JSON/s), images: [] },
    ]);
    expect(first?.format).toMatchObject({ type: 'object', required: ['total'] });
    expect(second?.format).toEqual(first?.format);
    expect(second && imagesSent(second)).toHaveLength(1);
  });
});
