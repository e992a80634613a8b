import sharp, { type Sharp } from 'sharp';
import { afterAll, describe, expect, it } from 'vitest';
import { createPixels } from '../../../../src/pixels/prepare.js';
import { somePixels } from '../../../support/builders.js';
import { BLUE, colourAt, difference, noise, plain, QUARTERS, quarters, quartersOf, RED } from '../pictures.js';

const pixels = createPixels({ threads: 1, maxInputPixels: 1_000_000 });
afterAll(() => pixels.close());

const CLOSE = 12;
const pagesOf = (bytes: Uint8Array, frames: 'first' | 'all' = 'first') => pixels.pagesOf(bytes, { frames });
const prepare = (bytes: Uint8Array, page: number, pages = 2) =>
  pixels.prepareImage({ bytes, page, pages }, somePixels());

/** Red pages and blue ones, in turn. */
async function joined(): Promise<Sharp> {
  const pages = await Promise.all(
    [RED, BLUE].map(([r = 0, g = 0, b = 0]) => plain(80, 64, { r, g, b }).png().toBuffer()),
  );
  return sharp(pages, { join: { animated: true } });
}

describe('a TIFF of several pages', () => {
  it.each([
    ['LZW', { compression: 'lzw' }],
    ['Deflate', { compression: 'deflate' }],
    ['JPEG', { compression: 'jpeg', quality: 95 }],
    ['no packing', { compression: 'none' }],
    ['tiles', { compression: 'lzw', tile: true, tileWidth: 16, tileHeight: 16 }],
    ['BigTIFF', { bigtiff: true }],
  ] as const)('(%s) is counted, and each of its pages drawn', async (_, options) => {
    const file = await (await joined()).tiff(options).toBuffer();
    expect(await pagesOf(file)).toBe(2);
    for (const [index, colour] of [RED, BLUE].entries()) {
      const prepared = await prepare(file, index + 1);
      expect(prepared).toMatchObject({ width: 80, height: 64, warnings: [] });
      expect(difference([await colourAt(prepared.image.bytes, 0.5, 0.5)], [colour])).toBeLessThan(CLOSE);
    }
    await expect(prepare(file, 3)).rejects.toMatchObject({ code: 'IMAGE_UNREADABLE' });
  });

  it('in one bit a pixel (CCITT G4) is drawn', async () => {
    const strips = [0, 255].map((grey) => plain(80, 64, { r: grey, g: grey, b: grey }).png().toBuffer());
    const file = await sharp(await Promise.all(strips), { join: { animated: true } })
      .toColourspace('b-w')
      .tiff({ bitdepth: 1, compression: 'ccittfax4' })
      .toBuffer();
    expect(await pagesOf(file)).toBe(2);
    expect(await colourAt((await prepare(file, 1)).image.bytes, 0.5, 0.5)).toEqual([0, 0, 0]);
    expect(await colourAt((await prepare(file, 2)).image.bytes, 0.5, 0.5)).toEqual([255, 255, 255]);
  });

  it('of which nobody counted the pages is its first one, and says so', async () => {
    const file = await (await joined()).tiff().toBuffer();
    const { warnings, image } = await pixels.prepareImage({ bytes: file, page: 1 }, somePixels());
    expect(warnings).toEqual(['first-frame-only']);
    expect(difference([await colourAt(image.bytes, 0.5, 0.5)], [RED])).toBeLessThan(CLOSE);
  });

  it('is turned upright page by page', async () => {
    const upright = await quarters(90, 60).png().toBuffer();
    const stored = await sharp(await sharp(upright).rotate(270).png().toBuffer())
      .withMetadata({ orientation: 6 })
      .tiff()
      .toBuffer();
    const { image } = await prepare(stored, 1, 1);
    expect(difference(await quartersOf(image.bytes), QUARTERS)).toBeLessThan(CLOSE);
  });
});

describe('an animation', () => {
  it.each(['gif', 'webp'] as const)('(%s) is one page, or one a frame where that is asked for', async (format) => {
    const file = await (await joined()).toFormat(format).toBuffer();
    expect(await pagesOf(file)).toBe(1);
    expect(await pagesOf(file, 'all')).toBe(2);
    const { image, warnings } = await prepare(file, 2);
    expect(warnings).toEqual([]);
    expect(difference([await colourAt(image.bytes, 0.5, 0.5)], [BLUE])).toBeLessThan(CLOSE);
  });
});

it('a photo is one page, whatever frames are asked for', async () => {
  for (const file of [await noise(80, 80).jpeg().toBuffer(), await noise(80, 80).png().toBuffer()]) {
    expect(await pagesOf(file, 'all')).toBe(1);
  }
});

it.each(['LE', 'BE'] as const)('a thumbnail of a TIFF is no page of it (%s)', async (order) => {
  /** Directories of one strip of 8-bit grey; a thumbnail says so in NewSubfileType. */
  const directory = (
    at: number,
    { side, isThumbnail, isLast }: { side: number; isThumbnail: boolean; isLast: boolean },
  ) => {
    const entries: readonly (readonly [number, number])[] = [
      [254, isThumbnail ? 1 : 0],
      [256, side],
      [257, side],
      [258, 8],
      [259, 1],
      [262, 1],
      [273, at + 126],
      [277, 1],
      [278, side],
      [279, side * side],
    ];
    const bytes = Buffer.alloc(126 + side * side, isThumbnail ? 0 : 200);
    const u16 = (value: number, to: number) => bytes[`writeUInt16${order}`](value, to);
    const u32 = (value: number, to: number) => bytes[`writeUInt32${order}`](value, to);
    u16(entries.length, 0);
    for (const [index, [tag, value]] of entries.entries()) {
      u16(tag, 2 + 12 * index);
      u16(4, 4 + 12 * index);
      u32(1, 6 + 12 * index);
      u32(value, 10 + 12 * index);
    }
    u32(isLast ? 0 : at + bytes.length, 122);
    return bytes;
  };
  const first = directory(8, { side: 80, isThumbnail: false, isLast: false });
  const thumbnail = directory(8 + first.length, { side: 10, isThumbnail: true, isLast: false });
  const last = directory(8 + first.length + thumbnail.length, { side: 90, isThumbnail: false, isLast: true });
  const head = Buffer.from(order === 'LE' ? '49492a0008000000' : '4d4d002a00000008', 'hex');
  const file = Buffer.concat([head, first, thumbnail, last]);
  expect(await pagesOf(file)).toBe(2);
  expect(await prepare(file, 1)).toMatchObject({ width: 80, warnings: [] });
  expect(await prepare(file, 2)).toMatchObject({ width: 90 });
});
