import { readFile } from 'node:fs/promises';
import { afterAll, expect, it } from 'vitest';
import { createPixels } from '../../../../src/pixels/prepare.js';
import { somePixels } from '../../../support/builders.js';
import { difference, QUARTERS, quartersOf } from '../pictures.js';

const pixels = createPixels({ threads: 1, maxInputPixels: 10_000 });
afterAll(() => pixels.close());

/** 96 × 64 quarters, stored on their side as phones store them: turned upright by `irot`, and by EXIF 8 beside it. */
const turned = await readFile(new URL('../../../fixtures/heic/turned.heic', import.meta.url));

it('a HEIC is upright, turned once by what says it twice', async () => {
  const prepared = await pixels.prepareImage({ bytes: turned, page: 1 }, somePixels());
  expect(prepared).toMatchObject({ width: 96, height: 64, warnings: [] });
  expect(difference(await quartersOf(prepared.image.bytes), QUARTERS)).toBeLessThan(12);
  expect(await pixels.pagesOf(turned, { frames: 'all' })).toBe(1);
});

it('no part of a HEIC passes for all of it', async () => {
  for (const length of [200, 400, 500, 600, turned.length - 1]) {
    const cut = turned.subarray(0, length);
    await expect(pixels.prepareImage({ bytes: cut, page: 1 }, somePixels())).rejects.toMatchObject({
      code: expect.stringMatching(/^IMAGE_(TRUNCATED|UNREADABLE)$/),
    });
  }
});

it('a HEIC of more pixels than may be decoded is refused by its header', async () => {
  const small = createPixels({ threads: 1, maxInputPixels: 5000 });
  await expect(small.prepareImage({ bytes: turned, page: 1 }, somePixels())).rejects.toMatchObject({
    code: 'IMAGE_TOO_LARGE',
  });
  await small.close();
});

it.each(['heim', 'heis'])('a HEIC of several layers (%s) is unsupported, and says so', async (brand) => {
  const layered = Buffer.from(turned.toString('latin1').replace('ftypheic', `ftyp${brand}`), 'latin1');
  await expect(pixels.prepareImage({ bytes: layered, page: 1 }, somePixels())).rejects.toMatchObject({
    code: 'IMAGE_UNSUPPORTED',
    sentence: expect.stringMatching(/several layers/),
  });
});
