import { Buffer } from 'node:buffer';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { BLANK_BELOW, inkShare, isBlank } from '../../../../src/pixels/ink/ink.js';
import { createPixels } from '../../../../src/pixels/prepare.js';
import { somePixels } from '../../../support/builders.js';
import { Page } from '../pages.js';
import { BLANK, WRITTEN } from './blank-pages.js';

const { prepareImage } = createPixels({ threads: 1, maxInputPixels: 50_000_000 });

const raw = ({ pixels, width, height }: Page) => sharp(pixels, { raw: { width, height, channels: 1 } });

async function inkOf(file: Uint8Array): Promise<number | null> {
  return (await prepareImage({ bytes: file, page: 1 }, somePixels({ blankCheck: true }))).ink;
}

describe('the share of ink', () => {
  it.each(Object.keys(BLANK))('is below the bound on a blank page: %s', (name) => {
    expect(inkShare(BLANK[name]?.() ?? new Page())).toBeLessThan(BLANK_BELOW / 2);
  });

  it.each(Object.keys(WRITTEN))('is above the bound where something is written: %s', (name) => {
    expect(inkShare(WRITTEN[name]?.() ?? new Page())).toBeGreaterThan(BLANK_BELOW * 1.2);
  });

  it('is about what was drawn', () => {
    const page = new Page().rect({ left: 100, top: 100, width: 8, height: 400 }, 40);
    expect(inkShare(page)).toBeCloseTo((8 * 400) / page.pixels.length, 4);
  });
});

describe('a prepared image', () => {
  it.each(['office paper', 'a page askew on black', 'the back shining through', 'an empty frame of microfilm'])(
    'is blank as a poor JPEG too: %s',
    async (name) => {
      const ink = await inkOf(
        await raw(BLANK[name]?.() ?? new Page())
          .jpeg({ quality: 35 })
          .toBuffer(),
      );
      expect([ink, isBlank(ink)]).toEqual([expect.any(Number), true]);
    },
  );

  it.each(['a stamped number, place 2', 'a pencil line of contrast 40', 'a number on film, place 3', 'a whole page'])(
    'is not blank as a JPEG either: %s',
    async (name) => {
      const ink = await inkOf(
        await raw(WRITTEN[name]?.() ?? new Page())
          .jpeg({ quality: 60 })
          .toBuffer(),
      );
      expect([ink, isBlank(ink)]).toEqual([expect.any(Number), false]);
    },
  );

  it.each([
    ['yellow on white', '#ff0', '#fff'],
    ['pale blue on white', '#cff', '#fff'],
    ['red on a green as light', '#f00', '#007f00'],
  ])('is not blank where ink differs from its paper in colour alone: %s', async (_name, ink, paper) => {
    const words = `<text x="80" y="200" font-family="DejaVu Sans" font-size="24" fill="${ink}">Kept</text>`;
    const ground = `<rect width="600" height="800" fill="${paper}"/>`;
    const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="600" height="800">${ground}${words}</svg>`;
    const page = sharp(Buffer.from(svg));
    for (const file of [page.clone().png(), page.clone().jpeg({ quality: 80 })]) {
      expect(isBlank(await inkOf(await file.toBuffer()))).toBe(false);
    }
  });

  it.each(['yellow', '#f5ecd7', '#cfe6f5'])(
    'is blank where the paper is %s and has nothing on it',
    async (background) => {
      const page = sharp({
        create: { width: 600, height: 800, channels: 3, background, noise: { type: 'gaussian', mean: 0, sigma: 4 } },
      });
      const paper = await sharp({ create: { width: 600, height: 800, channels: 3, background } })
        .composite([{ input: await page.png().toBuffer(), blend: 'soft-light' }])
        .jpeg({ quality: 50 })
        .toBuffer();
      expect(isBlank(await inkOf(paper))).toBe(true);
    },
  );

  it('is blank or not by what was there before it was padded', async () => {
    expect(
      isBlank(
        await inkOf(
          await raw(new Page({ tone: 90, width: 30, height: 20 }))
            .png()
            .toBuffer(),
        ),
      ),
    ).toBe(true);
  });

  it('has no share of ink where nobody asks for it', async () => {
    const file = await raw(new Page()).png().toBuffer();
    expect((await prepareImage({ bytes: file, page: 1 }, somePixels({ blankCheck: false }))).ink).toBeNull();
    expect(isBlank(null)).toBe(false);
  });
});
