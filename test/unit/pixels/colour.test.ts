import sharp, { type Sharp } from 'sharp';
import { describe, expect, it } from 'vitest';
import type { PixelSettings } from '../../../src/core/ask.js';
import { createPixels } from '../../../src/pixels/prepare.js';
import { somePixels } from '../../support/builders.js';
import { banded, noise, plain, quarters } from './pictures.js';

const { prepareImage } = createPixels({ threads: 1, maxInputPixels: 50_000_000 });

const prepare = async (bytes: Uint8Array, changes: Partial<PixelSettings> = {}) =>
  await prepareImage({ bytes, page: 1 }, somePixels(changes));

/** Colours that a printer can print too. */
const OLIVE = [120, 130, 60];
const SKIN = [220, 180, 150];
const SLATE = [70, 90, 120];
const bands = () =>
  banded(120, 120, [
    { top: 0, height: 40, colour: OLIVE },
    { top: 40, height: 40, colour: SKIN },
    { top: 80, height: 40, colour: SLATE },
  ]);

/** Bytes as a decoder sees them that knows nothing of colour profiles, as those of model servers do. */
const seen = async (bytes: Uint8Array) =>
  await sharp(bytes, { ignoreIcc: true }).toColourspace('srgb').removeAlpha().raw().toBuffer();

/** The mean difference of two pictures, channel by channel. */
async function meanDifference(bytes: Uint8Array, expected: Sharp): Promise<number> {
  const [a, b] = [await seen(bytes), await seen(await expected.png().toBuffer())];
  expect(a.length).toBe(b.length);
  return a.reduce((sum, value, at) => sum + Math.abs(value - (b[at] ?? 0)), 0) / a.length;
}

/** Greys that become lighter downwards: what each colour becomes without its hue. */
const greys = () => banded(120, 120, [{ top: 0, height: 60, colour: [40, 40, 40] }]);

describe('colours', () => {
  it.each<[string, () => Promise<Buffer>, number]>([
    ['Display P3, JPEG', () => bands().withIccProfile('p3').jpeg({ quality: 95 }).toBuffer(), 4],
    ['Display P3, PNG', () => bands().withIccProfile('p3').png().toBuffer(), 2],
    [
      'CMYK with its profile',
      () => bands().withIccProfile('cmyk').toColourspace('cmyk').jpeg({ quality: 95 }).toBuffer(),
      8,
    ],
    ['CMYK with its profile, TIFF', () => bands().withIccProfile('cmyk').toColourspace('cmyk').tiff().toBuffer(), 8],
    ['CMYK without a profile', () => bands().toColourspace('cmyk').jpeg({ quality: 95 }).toBuffer(), 10],
    ['sRGB that says so', () => bands().withIccProfile('srgb').jpeg({ quality: 95 }).toBuffer(), 4],
    ['16 bits', () => bands().toColourspace('rgb16').png().toBuffer(), 1],
    ['a palette', () => bands().png({ palette: true }).toBuffer(), 2],
  ])('are those a person sees: %s', async (_, make, most) => {
    expect(await meanDifference((await prepare(await make())).image.bytes, bands())).toBeLessThanOrEqual(most);
  });

  it('would be others without the conversion', async () => {
    expect(await meanDifference(await bands().withIccProfile('p3').png().toBuffer(), bands())).toBeGreaterThan(3);
  });

  it.each<[string, () => Promise<Buffer>]>([
    ['grey', () => greys().greyscale().png().toBuffer()],
    ['grey, 16 bits', () => greys().toColourspace('grey16').png().toBuffer()],
    ['grey with an opaque alpha', () => greys().ensureAlpha().toColourspace('b-w').png().toBuffer()],
    ['grey TIFF', () => greys().greyscale().tiff({ compression: 'lzw' }).toBuffer()],
  ])('are kept of a picture without any: %s', async (_, make) => {
    expect(await meanDifference((await prepare(await make())).image.bytes, greys())).toBeLessThanOrEqual(1);
  });

  it('are black and white of one bit', async () => {
    const page = banded(120, 120, [{ top: 30, height: 30, colour: [0, 0, 0] }]);
    for (const file of [
      await page.clone().toColourspace('b-w').png({ palette: true, colours: 2 }).toBuffer(),
      await page.clone().toColourspace('b-w').tiff({ bitdepth: 1, compression: 'ccittfax4' }).toBuffer(),
    ]) {
      expect(await meanDifference((await prepare(file)).image.bytes, page)).toBeLessThanOrEqual(1);
    }
  });
});

/** Ink of one colour in a band, on nothing. */
async function onNothing(ink: readonly number[], format: 'png' | 'webp' | 'palette' | 'grey'): Promise<Buffer> {
  const pixels = new Uint8Array(120 * 120 * 4);
  for (let at = 40 * 120; at < 60 * 120; at += 1) pixels.set([...ink, 255], at * 4);
  const drawn = sharp(pixels, { raw: { width: 120, height: 120, channels: 4 } });
  if (format === 'webp') return await drawn.webp({ lossless: true }).toBuffer();
  if (format === 'grey') return await drawn.toColourspace('b-w').png().toBuffer();
  return await drawn.png({ palette: format === 'palette' }).toBuffer();
}

describe('ink on nothing', () => {
  const page = (ink: readonly number[], ground: number) =>
    sharp({
      create: { width: 120, height: 120, channels: 3, background: { r: ground, g: ground, b: ground } },
    }).composite([
      {
        input: { create: { width: 120, height: 20, channels: 3, background: { r: ink[0], g: ink[1], b: ink[2] } } },
        top: 40,
        left: 0,
      },
    ]);

  it.each(['png', 'webp', 'palette', 'grey'] as const)('is on white where it is dark, as %s', async (format) => {
    const { image } = await prepare(await onNothing([20, 20, 20], format));
    expect(await meanDifference(image.bytes, page([20, 20, 20], 255))).toBeLessThanOrEqual(2);
  });

  it.each(['png', 'webp', 'palette', 'grey'] as const)('is on dark where it is white, as %s', async (format) => {
    const { image } = await prepare(await onNothing([255, 255, 255], format));
    expect(await meanDifference(image.bytes, page([255, 255, 255], 40))).toBeLessThanOrEqual(2);
  });

  it('is on white where some of it is dark, or where only a rim is clear', async () => {
    const both = await sharp(await onNothing([255, 255, 255], 'png'))
      .composite([
        { input: { create: { width: 30, height: 10, channels: 3, background: 'black' } }, top: 45, left: 20 },
      ])
      .png()
      .toBuffer();
    const card = await plain(110, 110, { r: 250, g: 250, b: 250 })
      .extend({ top: 2, left: 2, bottom: 2, right: 2, background: { r: 0, g: 0, b: 0, alpha: 0 } })
      .png()
      .toBuffer();
    for (const file of [both, card]) {
      const { image } = await prepare(file);
      expect((await seen(image.bytes))[0]).toBe(255);
    }
  });
});

describe('what is sent', () => {
  const exif = {
    IFD0: { Make: 'a camera', ImageDescription: 'home' },
    IFD3: { GPSLatitudeRef: 'N', GPSLatitude: '51/1 30/1 0/1' },
  };

  it.each(['jpeg', 'png'] as const)(
    'has the pixels of a %s as they are, and nothing that tells where it was taken',
    async (format) => {
      const file = await noise(200, 200).withExif(exif).toFormat(format).toBuffer();
      const trailing = Buffer.concat([file, Buffer.from('a video behind it')]);
      const { image } = await prepare(trailing);
      expect((await sharp(file).metadata()).exif).toBeDefined();
      expect((await sharp(image.bytes).metadata()).exif).toBeUndefined();
      for (const word of ['a camera', 'home', 'Exif', 'a video'])
        expect(Buffer.from(image.bytes).includes(word)).toBe(false);
      expect(image.bytes.length).toBeLessThan(file.length);
      expect(await meanDifference(image.bytes, sharp(file))).toBe(0);
    },
  );

  it('has no EXIF where it was drawn anew either', async () => {
    const file = await noise(200, 200).withExif(exif).jpeg().toBuffer();
    expect((await sharp((await prepare(file, { maxSide: 100 })).image.bytes).metadata()).exif).toBeUndefined();
  });

  it('is the very file where that tells nothing, and with --pixels as-is in any case', async () => {
    const bare = await noise(200, 200).jpeg().toBuffer();
    const told = await noise(200, 200).withExif(exif).jpeg().toBuffer();
    expect((await prepare(bare)).image.bytes).toBe(bare);
    expect((await prepare(told, { mode: 'as-is' })).image.bytes).toBe(told);
  });

  it('keeps the mark that says how the colours of an Adobe JPEG are coded', async () => {
    const file = await noise(64, 64).withExif(exif).jpeg({ chromaSubsampling: '4:4:4' }).toBuffer();
    const adobe = Buffer.from('ffee000e41646f626500640000000001', 'hex');
    const marked = Buffer.concat([file.subarray(0, 2), adobe, file.subarray(2)]);
    const { image } = await prepare(marked);
    expect(Buffer.from(image.bytes).includes('Adobe')).toBe(true);
    expect(await meanDifference(image.bytes, sharp(marked))).toBe(0);
  });

  it('is PNG for small line art and JPEG for a photo, whatever the file was', async () => {
    const formats = async (file: Buffer) => (await sharp((await prepare(file)).image.bytes).metadata()).format;
    expect(await formats(await quarters(300, 200).tiff().toBuffer())).toBe('png');
    expect(await formats(await noise(300, 200).tiff().toBuffer())).toBe('jpeg');
    expect(await formats(await quarters(1600, 1200).tiff({ compression: 'lzw' }).toBuffer())).toBe('jpeg');
  });
});
