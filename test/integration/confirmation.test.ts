import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { aScene } from './scene.js';

const EXAMPLES = new URL('../../examples/', import.meta.url);
const TRUTH = z.object({ 'letter.png': z.string() });

const OCR = ['ocr', 'scans', '--verify', 'cpu'];
const INVENTED = `Dear Sir,\nyour invoice over 512 euros for eleven bicycles was never paid.\nGoodbye, Max Mustermann`;

async function letter(): Promise<{ readonly image: Buffer; readonly text: string }> {
  const texts: unknown = JSON.parse(await readFile(new URL('documents.json', EXAMPLES), 'utf8'));
  const image = await readFile(new URL('documents/letter.png', EXAMPLES));
  return { image, text: TRUTH.parse(texts)['letter.png'] };
}

describe('a page that is read a second time by an engine that cannot invent', () => {
  it('is confirmed where the model wrote what stands there', async () => {
    const { image, text } = await letter();
    await using scene = await aScene({ answer: () => text });
    await scene.write('scans/letter.png', image);
    const [row] = await scene.rows(0, ...OCR);
    expect(row).toMatchObject({ status: 'ok', text, warnings: [] });
    expect(row?.verify?.agreement).toBeGreaterThan(0.9);
  });

  it('keeps its status, with a warning, where the model invented', async () => {
    const { image } = await letter();
    await using scene = await aScene({ answer: () => INVENTED });
    await scene.write('scans/letter.png', image);
    const [row] = await scene.rows(0, ...OCR);
    expect(row).toMatchObject({ status: 'ok', text: INVENTED, warnings: ['not-confirmed'] });
    expect(row?.verify?.agreement).toBeLessThan(0.5);
    expect(row?.verify?.added).toEqual(expect.arrayContaining(['bicycles', 'mustermann']));
    expect(row?.verify?.missing).toContain('library');
  });
});
