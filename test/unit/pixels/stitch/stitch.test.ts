import { createHash } from 'node:crypto';
import sharp, { type Sharp } from 'sharp';
import { describe, expect, it } from 'vitest';
import type { PixelSettings } from '../../../../src/core/ask.js';
import { createPixels } from '../../../../src/pixels/prepare.js';
import { somePixels } from '../../../support/builders.js';
import { BLUE, banded, difference, GREEN, noise, plain, QUARTERS, quarters, RED, stored, WHITE } from '../pictures.js';

const pixels = createPixels({ threads: 1, maxInputPixels: 5_000_000 });
const stitch = (images: readonly Uint8Array[], changes: Partial<PixelSettings> = {}) =>
  pixels.stitch(
    images.map((bytes) => ({ bytes, page: 1 })),
    somePixels(changes),
  );
/** JPEG keeps flat colours to within a few steps. */
const CLOSE = 12;
const BLACK = [0, 0, 0];
const red = (width: number, height: number): Sharp => plain(width, height, { r: 255, g: 0, b: 0 });
const blue = (width: number, height: number): Sharp => plain(width, height, { r: 0, g: 0, b: 255 });

/** An image's pixels, to be asked by place. */
async function decoded(bytes: Uint8Array) {
  const { data, info } = await sharp(bytes).raw().toBuffer({ resolveWithObject: true });
  expect(info.channels).toBe(3);
  return (x: number, y: number): number[] => [...data.subarray((y * info.width + x) * 3, (y * info.width + x) * 3 + 3)];
}

/** What a label takes above images that are 200 pixels high (digits of 25), and the white between two of them. */
const BAND = 38;
const GUTTER = 12;

describe('images on one canvas', () => {
  it('stand side by side under their numbers, with a grey line between them', async () => {
    const canvas = await stitch([await red(200, 200).png().toBuffer(), await blue(100, 200).png().toBuffer()]);
    expect(canvas).toMatchObject({ width: 200 + GUTTER + 100, height: BAND + 200 });
    expect(await sharp(canvas.bytes).metadata()).toMatchObject({ format: 'png', width: 312, height: 238 });
    const at = await decoded(canvas.bytes);
    expect([at(0, BAND), at(199, 237), at(0, BAND - 1), at(200, 100)]).toEqual([RED, RED, WHITE, WHITE]);
    expect([at(212, BAND), at(311, 237), at(211, 100)]).toEqual([BLUE, BLUE, WHITE]);
    const across = Array.from({ length: GUTTER }, (_, x) => at(200 + x, 150));
    expect(across.filter((colour) => difference([colour], [WHITE]) > 0)).toEqual([[150, 150, 150]]);
    expect(across[5]).toEqual([150, 150, 150]);
    // 1 is the right bar alone; 2 lacks the upper left and the lower right one
    expect([at(13, 12), at(13, 25), at(2, 12), at(2, 25)]).toEqual([BLACK, BLACK, WHITE, WHITE]);
    expect([at(225, 12), at(214, 25), at(214, 12), at(225, 25)]).toEqual([BLACK, BLACK, WHITE, WHITE]);
  });

  it('keep their order, all of them upright and whole', async () => {
    const stripes = [RED, GREEN, BLUE].map((colour) => banded(100, 200, [{ top: 150, height: 50, colour }]));
    const canvas = await stitch(await Promise.all(stripes.map((picture) => picture.png().toBuffer())));
    const at = await decoded(canvas.bytes);
    const [first, second, third] = [50, 50 + 112, 50 + 224];
    expect([at(first, 220), at(second, 220), at(third, 220)]).toEqual([RED, GREEN, BLUE]);
    expect([at(first, 150), at(second, 150), at(third, 150)]).toEqual([WHITE, WHITE, WHITE]);
  });

  it('go on in further rows after the eighth', async () => {
    const tiles = await Promise.all(
      Array.from({ length: 9 }, (_, index) => (index === 5 ? blue(60, 80) : red(60, 80)).png().toBuffer()),
    );
    const canvas = await stitch(tiles);
    expect(canvas).toMatchObject({ width: 5 * 60 + 4 * 12, height: 2 * (36 + 80) + 12 });
    const at = await decoded(canvas.bytes);
    expect([at(30, 36 + 40), at(4 * 72 + 30, 36 + 40), at(30, 128 + 36 + 40)]).toEqual([RED, RED, BLUE]);
    expect(at(3 * 72 + 30, 128 + 36 + 40)).toEqual(RED);
    expect(at(4 * 72 + 30, 128 + 36 + 40)).toEqual(WHITE);
    expect([at(170, 120), at(170, 121)]).toEqual([WHITE, [150, 150, 150]]);
  });

  it('keep to the limits and the multiple, with --pixels as-is too', async () => {
    const photos = await Promise.all([noise(900, 600), noise(600, 900)].map((photo) => photo.jpeg().toBuffer()));
    for (const mode of ['auto', 'as-is'] as const) {
      const canvas = await stitch(photos, { mode, maxSide: 800, maxPixels: 250_000, multiple: 32, leastSide: 448 });
      expect(Math.max(canvas.width, canvas.height)).toBeLessThanOrEqual(800);
      expect(canvas.width * canvas.height).toBeLessThanOrEqual(250_000);
      expect([canvas.width % 32, canvas.height % 32]).toEqual([0, 0]);
      expect(canvas.height).toBeGreaterThanOrEqual(448);
      const { width, height } = canvas;
      expect(await sharp(canvas.bytes).metadata()).toMatchObject({ format: 'jpeg', width, height });
    }
  });

  it('take no more pixels than may be decoded, whatever the settings allow', async () => {
    const file = await red(2000, 2000).jpeg().toBuffer();
    const { width, height } = await stitch([file, file], { maxSide: 20_000, maxPixels: 400_000_000 });
    expect(width * height).toBeLessThanOrEqual(5_000_000);
  });

  it('tell of each source what a record holds', async () => {
    const frames = await Promise.all([red(80, 80), blue(80, 80)].map((frame) => frame.png().toBuffer()));
    const animation = await sharp(frames, { join: { animated: true } })
      .gif()
      .toBuffer();
    const photo = await noise(300, 160).jpeg().toBuffer();
    const { sources } = await stitch([animation, photo]);
    expect(sources).toEqual(
      [
        { file: animation, width: 80, height: 80, warnings: ['first-frame-only'], sentWidth: 160, sentHeight: 160 },
        { file: photo, width: 300, height: 160, warnings: [], sentWidth: 300, sentHeight: 160 },
      ].map(({ file, ...note }) => ({ sha256: createHash('sha256').update(file).digest('hex'), ...note })),
    );
  });
});

describe('images on one canvas are drawn as a person sees them', () => {
  it.each([1, 2, 3, 4, 5, 6, 7, 8])('upright for EXIF orientation %i', async (orientation) => {
    const file = await stored(quarters(240, 200), { orientation, format: 'jpeg' });
    for (const mode of ['auto', 'as-is'] as const) {
      const canvas = await stitch([file, file], { mode });
      expect(canvas).toMatchObject({ width: 2 * 240 + GUTTER, height: BAND + 200 });
      const at = await decoded(canvas.bytes);
      const [top, bottom] = [BAND + 50, BAND + 150];
      for (const left of [0, 240 + GUTTER]) {
        const seen = [at(left + 60, top), at(left + 180, top), at(left + 60, bottom), at(left + 180, bottom)];
        expect(difference(seen, QUARTERS)).toBeLessThan(CLOSE);
      }
    }
  });

  it('on white where they are transparent, in RGB from CMYK, grey and 16 bits', async () => {
    const files = [
      await plain(200, 200, { r: 255, g: 0, b: 0, alpha: 0 }).png().toBuffer(),
      await red(200, 200).toColourspace('cmyk').jpeg().toBuffer(),
      await plain(200, 200, { r: 0, g: 0, b: 0 }).greyscale().png().toBuffer(),
      await red(200, 200).toColourspace('rgb16').png().toBuffer(),
    ];
    const at = await decoded((await stitch(files)).bytes);
    const [clear = [], ink = [], grey = [], deep = []] = files.map((_, index) => at(index * 212 + 100, 138));
    expect(difference([clear, grey, deep], [WHITE, BLACK, RED])).toBeLessThan(CLOSE);
    expect(difference([ink], [RED])).toBeLessThanOrEqual(90);
  });
});

describe('images that cannot stand on one canvas', () => {
  it('are refused by the number of the first bad one', async () => {
    const good = await noise(100, 100).jpeg().toBuffer();
    await expect(stitch([good, good.subarray(0, 3000)])).rejects.toMatchObject({
      code: 'IMAGE_TRUNCATED',
      sentence: expect.stringMatching(/^Image 2: /),
    });
    // the header is whole, the pixels are not
    const hollow = await noise(100, 100).webp({ lossless: true }).toBuffer();
    hollow.fill(0, 60);
    await expect(stitch([hollow, good])).rejects.toMatchObject({ sentence: expect.stringMatching(/^Image 1: /) });
  });

  it('are refused where they are too many', async () => {
    const many = Array.from({ length: 30 }, () => red(100, 100).png().toBuffer());
    await expect(stitch(await Promise.all(many), { maxSide: 200 })).rejects.toMatchObject({
      code: 'IMAGE_TOO_LARGE',
      sentence: expect.stringMatching(/^30 images do not fit .* 200 pixels a side.*raise --max-side/),
    });
  });

  it('are at least one', async () => {
    await expect(stitch([])).rejects.toThrow('Expected `images` to hold at least one image, got none');
  });
});
