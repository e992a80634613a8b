import { createHash } from 'node:crypto';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import type { PixelSettings } from '../../../src/core/ask.js';
import { createPixels } from '../../../src/pixels/prepare.js';
import { somePixels } from '../../support/builders.js';
import { colourAt, difference, noise, plain, QUARTERS, quarters, quartersOf, RED, stored, WHITE } from './pictures.js';

const pixels = createPixels({ threads: 1, maxInputPixels: 50_000_000 });
const prepare = (bytes: Uint8Array, changes: Partial<PixelSettings> = {}) =>
  pixels.prepareImage({ bytes, page: 1 }, somePixels(changes));
const RED_INK = { r: 255, g: 0, b: 0 };
/** JPEG keeps flat colours to within a few steps. */
const CLOSE = 12;

describe('what a model sees', () => {
  it.each([1, 2, 3, 4, 5, 6, 7, 8])(
    'is upright for EXIF orientation %i, of a JPEG and of a PNG',
    async (orientation) => {
      for (const format of ['jpeg', 'png'] as const) {
        const file = await stored(quarters(200, 120), { orientation, format });
        const prepared = await prepare(file);
        expect(prepared).toMatchObject({ width: 200, height: 120, image: { width: 200, height: 120 }, warnings: [] });
        expect(difference(await quartersOf(prepared.image.bytes), QUARTERS)).toBeLessThan(CLOSE);
      }
    },
  );

  it('has transparent areas in white, whatever colour hides in them', async () => {
    const clear = await plain(100, 100, { r: 255, g: 0, b: 0, alpha: 0 }).png().toBuffer();
    const half = await plain(100, 100, { r: 255, g: 0, b: 0, alpha: 0.5 }).webp({ lossless: true }).toBuffer();
    expect(await colourAt((await prepare(clear)).image.bytes, 0.5, 0.5)).toEqual(WHITE);
    expect(difference([await colourAt((await prepare(half)).image.bytes, 0.5, 0.5)], [[255, 127, 127]])).toBeLessThan(
      CLOSE,
    );
  });

  it.each([
    ['a CMYK JPEG', () => plain(100, 100, { r: 255, g: 0, b: 0 }).toColourspace('cmyk').jpeg().toBuffer(), 90],
    ['a 16-bit PNG', () => plain(100, 100, { r: 255, g: 0, b: 0 }).toColourspace('rgb16').png().toBuffer(), 2],
    [
      'a palette PNG',
      () =>
        quarters(100, 100)
          .extract({ left: 0, top: 0, width: 40, height: 40 })
          .resize(100)
          .png({ palette: true })
          .toBuffer(),
      CLOSE,
    ],
    ['a TIFF', () => plain(100, 100, { r: 255, g: 0, b: 0 }).tiff({ compression: 'lzw' }).toBuffer(), 2],
    ['an AVIF', () => plain(100, 100, { r: 255, g: 0, b: 0 }).avif({ effort: 0 }).toBuffer(), CLOSE],
    [
      'an SVG',
      async () =>
        Buffer.from(
          '<svg xmlns="http://www.w3.org/2000/svg" width="100" height="100"><rect width="100" height="100" fill="#f00"/></svg>',
        ),
      2,
    ],
  ])('is 8-bit RGB for %s', async (_, make, tolerance) => {
    const { image } = await prepare(await make());
    const metadata = await sharp(image.bytes).metadata();
    expect(metadata).toMatchObject({ depth: 'uchar', space: 'srgb', hasAlpha: false, isPalette: false });
    expect(['jpeg', 'png']).toContain(metadata.format);
    expect(difference([await colourAt(image.bytes, 0.5, 0.5)], [RED])).toBeLessThanOrEqual(tolerance);
  });

  it('is 8-bit for a 1-bit scan and for 16-bit grey', async () => {
    const half = await sharp(
      await plain(100, 100, { r: 0, g: 0, b: 0 }).extend({ right: 100, background: 'white' }).png().toBuffer(),
    )
      .greyscale()
      .png()
      .toBuffer();
    const files = [
      await sharp(half).toColourspace('b-w').png({ palette: true, colours: 2 }).toBuffer(),
      await sharp(half).toColourspace('b-w').tiff({ bitdepth: 1, compression: 'ccittfax4' }).toBuffer(),
      await sharp(half).toColourspace('grey16').png().toBuffer(),
    ];
    for (const file of files) {
      const { image } = await prepare(file);
      expect((await sharp(image.bytes).metadata()).depth).toBe('uchar');
      expect(await colourAt(image.bytes, 0.25, 0.5)).toEqual([0, 0, 0]);
      expect(await colourAt(image.bytes, 0.75, 0.5)).toEqual(WHITE);
    }
  });

  it.each(['gif', 'webp'] as const)('is the first frame of an animated %s, with a warning', async (format) => {
    const frames = [plain(80, 80, { r: 255, g: 0, b: 0 }), plain(80, 80, { r: 0, g: 0, b: 255 })];
    const files = await Promise.all(frames.map((frame) => frame.png().toBuffer()));
    const animation = await sharp(files, { join: { animated: true } })
      .toFormat(format)
      .toBuffer();
    const prepared = await prepare(animation);
    expect(prepared).toMatchObject({ width: 80, height: 80, warnings: ['first-frame-only'] });
    expect(difference([await colourAt(prepared.image.bytes, 0.5, 0.5)], [RED])).toBeLessThan(CLOSE);
  });

  it('keeps the aspect within both limits and never enlarges', async () => {
    const photo = await noise(1200, 600).jpeg().toBuffer();
    expect((await prepare(photo, { maxSide: 300 })).image).toMatchObject({ width: 300, height: 150 });
    expect((await prepare(photo, { maxPixels: 20_000 })).image).toMatchObject({ width: 200, height: 100 });
    const sent = await sharp((await prepare(photo, { maxSide: 300 })).image.bytes).metadata();
    expect(sent).toMatchObject({ width: 300, height: 150 });
    expect((await prepare(photo)).image).toMatchObject({ width: 1200, height: 600 });
  });

  it.each(['auto', 'as-is'] as const)(
    'has a tiny or very thin image padded on white, with --pixels %s too',
    async (mode) => {
      const dot = await prepare(await plain(1, 1, { r: 255, g: 0, b: 0 }).png().toBuffer(), { mode });
      expect(dot).toMatchObject({ width: 1, height: 1, image: { width: 64, height: 64 } });
      expect(await colourAt(dot.image.bytes, 0, 0)).toEqual(WHITE);
      expect(await colourAt(dot.image.bytes, 31 / 64, 31 / 64)).toEqual(RED);
      const thread = await prepare(await plain(9000, 2, { r: 255, g: 0, b: 0 }).jpeg().toBuffer(), {
        mode,
        maxSide: 20_000,
      });
      expect(thread.image).toMatchObject({ width: 9000, height: 90 });
    },
  );
});

describe('sides that a model wants', () => {
  it('are a multiple, the image centred on white and not stretched', async () => {
    const { image } = await prepare(await quarters(300, 200).png().toBuffer(), { multiple: 28 });
    expect(image).toMatchObject({ width: 308, height: 224 });
    const at = (x: number, y: number) => colourAt(image.bytes, (x + 0.5) / 308, (y + 0.5) / 224);
    expect(await at(4, 12)).toEqual(RED);
    expect(await at(3, 12)).toEqual(WHITE);
    expect(await at(4, 11)).toEqual(WHITE);
    expect(await at(153, 111)).toEqual(RED);
    expect(await at(154, 111)).not.toEqual(RED);
  });

  it('are never shorter than its least', async () => {
    const { image } = await prepare(await plain(300, 100, RED_INK).png().toBuffer(), { leastSide: 224 });
    expect(image).toMatchObject({ width: 300, height: 224 });
    expect(await colourAt(image.bytes, 0.5, 0.5)).toEqual(RED);
    expect(await colourAt(image.bytes, 0.5, 0.1)).toEqual(WHITE);
  });

  it('let bytes pass untouched that have them already', async () => {
    const file = await noise(308, 224).jpeg().toBuffer();
    expect((await prepare(file, { multiple: 28, leastSide: 224 })).image.bytes).toBe(file);
  });

  it('are not asked for with --pixels as-is, but for the least', async () => {
    const file = await noise(300, 200).jpeg().toBuffer();
    expect((await prepare(file, { mode: 'as-is', multiple: 28 })).image.bytes).toBe(file);
    expect((await prepare(file, { mode: 'as-is', leastSide: 224 })).image).toMatchObject({ width: 300, height: 224 });
  });
});

describe('bytes that are already right', () => {
  it.each(['jpeg', 'png'] as const)('pass through untouched (%s), in colour and in grey', async (format) => {
    for (const picture of [noise(300, 200), noise(300, 200).greyscale()]) {
      const file = await picture.toFormat(format).toBuffer();
      const { image, sha256 } = await prepare(file);
      expect(image.bytes).toBe(file);
      expect(image).toMatchObject({ width: 300, height: 200 });
      expect(sha256).toBe(createHash('sha256').update(file).digest('hex'));
    }
  });

  it('are written anew where most of them are no image', async () => {
    const file = await plain(100, 100, { r: 255, g: 0, b: 0 }).jpeg().toBuffer();
    const { image } = await prepare(Buffer.concat([file, Buffer.alloc(1_000_000)]));
    expect(image.bytes.length).toBeLessThan(10_000);
  });

  it('go out as they are with --pixels as-is, however large, with the size told upright', async () => {
    const file = await noise(900, 600).withMetadata({ orientation: 6 }).jpeg().toBuffer();
    const prepared = await prepare(file, { mode: 'as-is', maxSide: 100 });
    expect(prepared).toMatchObject({ width: 600, height: 900, image: { width: 900, height: 600 } });
    expect(prepared.image.bytes).toBe(file);
  });

  it('go out as they are with --pixels as-is for kinds that only a decoder can prove', async () => {
    const file = await noise(300, 200).webp().toBuffer();
    expect((await prepare(file, { mode: 'as-is' })).image.bytes).toBe(file);
  });
});

it('draws in JPEG what is large or was lossy, and in PNG what is small and was lossless', async () => {
  const formatOf = async (bytes: Uint8Array) => (await sharp((await prepare(bytes)).image.bytes).metadata()).format;
  expect(await formatOf(await noise(300, 300).gif().toBuffer())).toBe('png');
  expect(await formatOf(await noise(1500, 1500).tiff({ compression: 'none' }).toBuffer())).toBe('jpeg');
  expect(await formatOf(await noise(300, 300).webp().toBuffer())).toBe('jpeg');
});
