import { expect, it } from 'vitest';
import { createPixels } from '../../../src/pixels/prepare.js';
import { ItemImages } from '../../../workers/item-images.js';
import { anAsk, somePixels } from '../../support/builders.js';
import { line, pdf } from '../pixels/formats/pdfs.js';

it('a page of usual shape is drawn once, not a second time to find out that it is not cut', async () => {
  const pixels = createPixels({ threads: 1, maxInputPixels: 1_000_000 });
  const bytes = pdf([{ content: line('One page of text') }]);
  let cuts = 0;
  const prepareTiles: typeof pixels.prepareTiles = async (page, settings) => {
    cuts += 1;
    return await pixels.prepareTiles(page, settings);
  };
  const job = { sources: [{ root: 'scans', path: 'a.pdf' }], page: 1, pages: 1 };
  const images = new ItemImages(job, anAsk({ pixels: somePixels() }), { ...pixels, prepareTiles });
  const open = async () => ({ bytes, size: bytes.length, mtimeMs: 0 });
  await images.read({ open, openPages: open }, new AbortController().signal);
  await images.prepare();
  expect({ cuts, isTiled: images.isTiled }).toEqual({ cuts: 0, isTiled: false });
  await pixels.close();
});
