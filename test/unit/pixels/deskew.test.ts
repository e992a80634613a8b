import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import type { PixelSettings } from '../../../src/core/ask.js';
import { skewOf } from '../../../src/pixels/deskew.js';
import type { Grey } from '../../../src/pixels/ink/grey.js';
import { createPixels } from '../../../src/pixels/prepare.js';
import type { Turn } from '../../../src/pixels/straight.js';
import { somePixels } from '../../support/builders.js';
import { Page } from './pages.js';
import { difference, noise, QUARTERS, quarters, quartersOf } from './pictures.js';

const PAPER = { r: 236, g: 236, b: 236 };

const written = () => new Page({ seed: 3 }).writing({ lines: 20 }).grain(2);

/** The page turned clockwise by so many degrees. */
const askew = ({ pixels, width, height }: Page, degrees: number) =>
  sharp(pixels, { raw: { width, height, channels: 1 } })
    .rotate(degrees, { background: PAPER })
    .toColourspace('b-w');

async function greyOf(file: Uint8Array): Promise<Grey> {
  const { data, info } = await sharp(file).toColourspace('b-w').raw().toBuffer({ resolveWithObject: true });
  return { width: info.width, height: info.height, pixels: data };
}

const pixels = createPixels({ threads: 1, maxInputPixels: 50_000_000 });
const prepare = async (bytes: Uint8Array, changes: Partial<PixelSettings>) =>
  await pixels.prepareImage({ bytes, page: 1 }, somePixels(changes));

describe('the skew of a page', () => {
  it.each([-4.5, -2, -1, -0.6, 0.6, 1.5, 3, 4.5])('is found to a tenth of a degree: %f', async (degrees) => {
    const page = await greyOf(await askew(written(), degrees).png().toBuffer());
    expect(Math.abs(skewOf(page) - degrees)).toBeLessThanOrEqual(0.1);
  });

  it.each<[string, () => Page]>([
    ['level lines', written],
    ['an empty page', () => new Page().grain(3)],
    ['a stamped number', () => new Page().number(471, { x: 100, y: 100 })],
  ])('is none of %s', (_, page) => {
    expect(skewOf(page())).toBe(0);
  });
});

describe('--deskew', () => {
  it('levels a page that was scanned askew, says so, and cuts nothing off', async () => {
    const file = await askew(written(), 2.5).jpeg({ quality: 90 }).toBuffer();
    const { image, width, height, warnings } = await prepare(file, { deskew: true });
    expect(warnings).toEqual(['deskewed']);
    expect(skewOf(await greyOf(image.bytes))).toBe(0);
    const { width: before = 0 } = await sharp(file).metadata();
    expect(width).toBeGreaterThan(before);
    expect(image).toMatchObject({ width, height });
  });

  it('leaves level pages, photos and pages that nobody asks about alone', async () => {
    const level = await askew(written(), 0).jpeg({ quality: 90 }).toBuffer();
    const photo = await noise(400, 500).jpeg().toBuffer();
    const skewed = await askew(written(), 2.5).jpeg({ quality: 90 }).toBuffer();
    for (const file of [level, photo]) expect((await prepare(file, { deskew: true })).image.bytes).toBe(file);
    expect((await prepare(skewed, { deskew: false })).image.bytes).toBe(skewed);
    expect((await prepare(skewed, { deskew: true, mode: 'as-is' })).image.bytes).toBe(skewed);
  });
});

describe('--rotate auto', () => {
  it.each<Turn>([90, 180, 270])('turns a page by what the orienter says, before it is sized: %i', async (turn) => {
    const seen: (string | undefined)[] = [];
    const turning = createPixels({
      threads: 1,
      maxInputPixels: 50_000_000,
      orienter: async ({ bytes }) => {
        seen.push((await sharp(bytes).metadata()).format);
        return turn;
      },
    });
    const onItsSide = sharp(await quarters(300, 200).png().toBuffer()).rotate(360 - turn);
    const page = { bytes: await onItsSide.png().toBuffer(), page: 1 };
    const { image, width, height, warnings } = await turning.prepareImage(
      page,
      somePixels({ rotate: 'auto', maxSide: 150 }),
    );
    expect({ width, height, warnings }).toEqual({ width: 300, height: 200, warnings: [`rotated:${turn}`] });
    expect(image).toMatchObject({ width: 150, height: 100 });
    expect(difference(await quartersOf(image.bytes), QUARTERS)).toBeLessThan(12);
    const [upper] = (await turning.prepareHalves(page, somePixels({ rotate: 'auto' }))) ?? [];
    expect(upper).toMatchObject({ width: 300, height: 130 });
    expect(seen).toEqual(['jpeg', 'jpeg']);
  });

  it('asks nobody with --rotate exif, and leaves upright pages as they are', async () => {
    const asked: Uint8Array[] = [];
    const turning = createPixels({
      threads: 1,
      maxInputPixels: 50_000_000,
      orienter: async ({ bytes }) => {
        asked.push(bytes);
        return 0;
      },
    });
    const file = await noise(300, 200).jpeg().toBuffer();
    expect((await turning.prepareImage({ bytes: file, page: 1 }, somePixels())).image.bytes).toBe(file);
    expect(asked).toEqual([]);
    const upright = await turning.prepareImage({ bytes: file, page: 1 }, somePixels({ rotate: 'auto' }));
    expect([upright.image.bytes, upright.warnings, asked.length]).toEqual([file, [], 1]);
  });
});
