import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import type { ModelImage, PixelSettings } from '../../../src/core/ask.js';
import { planHalves } from '../../../src/pixels/halves.js';
import { createPixels } from '../../../src/pixels/prepare.js';
import { somePixels } from '../../support/builders.js';
import { BLUE, banded, colourAt, difference, GREEN, noise, plain, RED, stored, WHITE } from './pictures.js';

const pixels = createPixels({ threads: 1, maxInputPixels: 50_000_000 });
/** JPEG keeps flat colours to within a few steps. */
const CLOSE = 12;

async function halve(
  bytes: Uint8Array,
  changes: Partial<PixelSettings> = {},
): Promise<readonly [ModelImage, ModelImage]> {
  const halves = await pixels.prepareHalves({ bytes: bytes, page: 1 }, somePixels(changes));
  if (halves === null) throw new Error('Expected the page to be cut');
  return halves;
}

/** 400 × 1000, white: red at the very top, green across the middle, blue at the very bottom. */
const page = () =>
  banded(400, 1000, [
    { top: 0, height: 40, colour: RED },
    { top: 450, height: 100, colour: GREEN },
    { top: 960, height: 40, colour: BLUE },
  ]);

/** The colours of an image's rows, given in pixels from its top. */
const rowsOf = async ({ bytes, height }: ModelImage, rows: readonly number[]) =>
  await Promise.all(rows.map((row) => colourAt(bytes, 0.5, (row + 0.5) / height)));

describe('the halves of a page', () => {
  it('are its top and its bottom, and both hold the tenth around its middle', async () => {
    const [upper, lower] = await halve(await page().png().toBuffer());
    expect([upper, lower]).toMatchObject([
      { width: 400, height: 550 },
      { width: 400, height: 550 },
    ]);
    expect(await rowsOf(upper, [0, 39, 40, 449, 450, 549])).toEqual([RED, RED, WHITE, WHITE, GREEN, GREEN]);
    expect(await rowsOf(lower, [0, 99, 100, 509, 510, 549])).toEqual([GREEN, GREEN, WHITE, WHITE, BLUE, BLUE]);
  });

  it('overlap by 60 pixels where a tenth is less, and together hold every row', () => {
    for (const height of [200, 201, 333, 600, 601, 4961]) {
      const [upper, lower] = planHalves({ width: 100, height }) ?? [];
      expect(upper?.top).toBe(0);
      expect((lower?.top ?? 0) + (lower?.height ?? 0)).toBe(height);
      expect(upper?.height).toBe(lower?.height);
      const overlap = (upper?.height ?? 0) - (lower?.top ?? 0);
      expect(overlap).toBeGreaterThanOrEqual(Math.max(60, height / 10));
      expect(overlap).toBeLessThanOrEqual(Math.max(60, height / 10) + 2);
    }
  });

  it('have larger letters than the whole page, each as large as the settings let it be', async () => {
    const scan = await page().resize(2000, 4000, { kernel: 'nearest' }).png().toBuffer();
    const limits = { maxSide: 1000, maxPixels: 700_000, multiple: 28 };
    const { image } = await pixels.prepareImage({ bytes: scan, page: 1 }, somePixels(limits));
    for (const half of await halve(scan, limits)) {
      expect(half.width).toBeGreaterThan(image.width * 1.5);
      expect([half.width % 28, half.height % 28]).toEqual([0, 0]);
      expect(half.width * half.height).toBeLessThanOrEqual(700_000);
      expect(await sharp(half.bytes).metadata()).toMatchObject({ width: half.width, height: half.height });
    }
  });

  it('are not shrunk with --pixels as-is', async () => {
    const file = await page().jpeg().toBuffer();
    const [upper] = await halve(file, { mode: 'as-is', maxSide: 100 });
    expect(upper).toMatchObject({ width: 400, height: 550 });
  });

  it('are none for a page that is too low to be cut', async () => {
    expect(
      await pixels.prepareHalves({ bytes: await noise(3000, 199).jpeg().toBuffer(), page: 1 }, somePixels()),
    ).toBeNull();
    expect(
      await pixels.prepareHalves({ bytes: await noise(300, 200).jpeg().toBuffer(), page: 1 }, somePixels()),
    ).not.toBeNull();
  });

  it('are refused as the whole page is', async () => {
    const file = await noise(300, 400).jpeg().toBuffer();
    await expect(
      pixels.prepareHalves({ bytes: file.subarray(0, 20_000), page: 1 }, somePixels()),
    ).rejects.toMatchObject({
      code: 'IMAGE_TRUNCATED',
    });
  });
});

describe('the halves are cut from what a person sees', () => {
  it.each([1, 2, 3, 4, 5, 6, 7, 8])('upright for EXIF orientation %i', async (orientation) => {
    const upright = banded(400, 1000, [{ top: 0, height: 400, colour: RED }]);
    for (const mode of ['auto', 'as-is'] as const) {
      const [upper, lower] = await halve(await stored(upright, { orientation, format: 'jpeg' }), { mode });
      expect([upper, lower]).toMatchObject([
        { width: 400, height: 550 },
        { width: 400, height: 550 },
      ]);
      expect(difference(await rowsOf(upper, [200, 500]), [RED, WHITE])).toBeLessThan(CLOSE);
      expect(difference(await rowsOf(lower, [0, 549]), [WHITE, WHITE])).toBeLessThan(CLOSE);
    }
  });

  it('on white where it is transparent', async () => {
    const clear = await plain(300, 300, { r: 255, g: 0, b: 0, alpha: 0 }).png().toBuffer();
    for (const half of await halve(clear)) expect(await colourAt(half.bytes, 0.5, 0.5)).toEqual(WHITE);
  });

  it('in RGB for a CMYK JPEG', async () => {
    const ink = await plain(300, 300, { r: 255, g: 0, b: 0 }).toColourspace('cmyk').jpeg().toBuffer();
    for (const half of await halve(ink)) {
      expect(await sharp(half.bytes).metadata()).toMatchObject({ space: 'srgb', channels: 3 });
      expect(difference([await colourAt(half.bytes, 0.5, 0.5)], [RED])).toBeLessThanOrEqual(90);
    }
  });
});
