import { afterAll, describe, expect, it } from 'vitest';
import { createPixels } from '../../../src/pixels/prepare.js';
import { somePixels } from '../../support/builders.js';
import { drawn, LOSSY } from '../../support/zoo/entry.js';
import { PDF_DPI } from '../../support/zoo/pdfs.js';
import { meanDifference, onCanvas, quarters, seenIn } from '../../support/zoo/picture.js';
import { HOPELESS, type Hopeless, VISIBLE, type Visible } from '../../support/zoo/zoo.js';

const pixels = createPixels({ threads: 1, maxInputPixels: 50_000_000, pdfPasswords: ['sesame'] });
afterAll(() => pixels.close());

const SETTINGS = somePixels({ dpi: PDF_DPI });

/** What a model is shown of a page, after its file was counted where it has pages. */
async function shown({ make, page = 1, pages }: Visible) {
  const bytes = await make();
  if (pages !== undefined) expect(await pixels.pagesOf(bytes, { frames: 'first' })).toBe(pages);
  const which = pages === undefined ? { bytes, page } : { bytes, page, pages };
  return pixels.prepareImage(which, SETTINGS);
}

/** As the flow does it: what is counted is counted first. */
async function attempt({ make }: Hopeless): Promise<unknown> {
  const bytes = await make();
  await pixels.pagesOf(bytes, { frames: 'first' });
  return pixels.prepareImage({ bytes, page: 1 }, SETTINGS);
}

describe('a model sees what a person sees', () => {
  it.each(VISIBLE.map((animal) => [animal.name, animal] as const))('of %s', async (_, animal) => {
    const { image, width, height } = await shown(animal);
    const seen = await seenIn(image.bytes);
    expect({ width, height }).toEqual({ width: animal.sees.width, height: animal.sees.height });
    expect({ width: seen.width, height: seen.height }).toEqual({ width: image.width, height: image.height });
    expect(meanDifference(seen, animal.sees)).toBeLessThanOrEqual(animal.within);
  });
});

const SIZES = [
  { size: [1, 1], image: [1, 1], canvas: [64, 64] },
  { size: [27, 300], image: [27, 300], canvas: [64, 300] },
  { size: [3, 4000], image: [1, 2000], canvas: [64, 2000] },
  { size: [6000, 40], image: [2000, 13], canvas: [2000, 64] },
] as const;

const sized = ([width, height]: readonly [number, number]) => ({ width, height });

describe('an image too small or too thin for a model is laid on white, not stretched', () => {
  it.each(SIZES)('$size', async ({ size, image, canvas }) => {
    const picture = quarters(sized(size));
    const bytes = await drawn(picture).png().toBuffer();
    const seen = await seenIn((await pixels.prepareImage({ bytes, page: 1 }, SETTINGS)).image.bytes);
    const expected = await onCanvas(picture, { image: sized(image), canvas: sized(canvas) });
    expect(meanDifference(seen, expected)).toBeLessThanOrEqual(LOSSY);
  });
});

describe('what nobody can read fails by its name', () => {
  it.each(HOPELESS.map((animal) => [animal.name, animal.fails, animal] as const))(
    '%s: %s',
    async (_, fails, animal) => {
      await expect(attempt(animal)).rejects.toMatchObject({
        code: fails,
        sentence: expect.stringMatching(/\S[.:] \w/),
      });
    },
  );
});
