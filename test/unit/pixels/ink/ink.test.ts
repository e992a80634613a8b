import { Buffer } from 'node:buffer';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { BLANK_BELOW, inkShare, isBlank } from '../../../../src/pixels/ink/ink.js';
import { createPixels } from '../../../../src/pixels/prepare.js';
import { somePixels } from '../../../support/builders.js';
import { Page } from '../pages.js';
import { BLANK, type Corpus, WRITTEN } from './blank-pages.js';

const { prepareImage } = createPixels({ threads: 1, maxInputPixels: 50_000_000 });

const raw = ({ pixels, width, height }: Page) => sharp(pixels, { raw: { width, height, channels: 1 } });

function pageOf(corpus: Corpus, name: string): Page {
  const page = corpus[name]?.();
  if (page === undefined) throw new Error(`Expected a page named ${name}`);
  return page;
}

async function inkOf(file: Uint8Array): Promise<number | null> {
  return (await prepareImage({ bytes: file, page: 1 }, somePixels({ blankCheck: true }))).ink;
}

describe('the share of ink', () => {
  it.each(Object.keys(BLANK))('is below the bound on a blank page: %s', (name) => {
    expect(inkShare(pageOf(BLANK, name))).toBeLessThan(BLANK_BELOW / 2);
  });

  it.each(Object.keys(WRITTEN))('is above the bound where something is written: %s', (name) => {
    expect(inkShare(pageOf(WRITTEN, name))).toBeGreaterThan(BLANK_BELOW * 1.2);
  });

  it('is about what was drawn', () => {
    const page = new Page().rect({ left: 100, top: 100, width: 8, height: 400 }, 40);
    expect(inkShare(page)).toBeCloseTo((8 * 400) / page.pixels.length, 4);
  });
});

describe('a prepared image', () => {
  it.each(['a page askew on black', 'an empty frame of microfilm'])('is blank as a poor JPEG too: %s', async (name) => {
    const ink = await inkOf(await raw(pageOf(BLANK, name)).jpeg({ quality: 35 }).toBuffer());
    expect([ink, isBlank(ink)]).toEqual([expect.any(Number), true]);
  });

  it.each(['a pencil line of contrast 34', 'a number on film, place 2'])(
    'is not blank as a JPEG either: %s',
    async (name) => {
      const ink = await inkOf(await raw(pageOf(WRITTEN, name)).jpeg({ quality: 60 }).toBuffer());
      expect([ink, isBlank(ink)]).toEqual([expect.any(Number), false]);
    },
  );

  it.each([
    ['yellow on white', '#ff0', '#fff'],
    ['pale blue on white', '#cff', '#fff'],
    ['red on a green as light', '#f00', '#007f00'],
  ])('is not blank where ink differs from its paper in colour alone: %s', async (_name, ink, paper) => {
    const words = `<text x="40" y="100" font-family="DejaVu Sans" font-size="24" fill="${ink}">Kept</text>`;
    const ground = `<rect width="300" height="400" fill="${paper}"/>`;
    const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="300" height="400">${ground}${words}</svg>`;
    const page = sharp(Buffer.from(svg));
    for (const file of [page.clone().png(), page.clone().jpeg({ quality: 80 })]) {
      expect(isBlank(await inkOf(await file.toBuffer()))).toBe(false);
    }
  });

  it.each(['yellow', '#f5ecd7'])('is blank where the paper is %s and has nothing on it', async (background) => {
    const size = { width: 300, height: 400, channels: 3 } as const;
    const page = sharp({ create: { ...size, background, noise: { type: 'gaussian', mean: 0, sigma: 4 } } });
    const paper = await sharp({ create: { ...size, background } })
      .composite([{ input: await page.png().toBuffer(), blend: 'soft-light' }])
      .jpeg({ quality: 50 })
      .toBuffer();
    expect(isBlank(await inkOf(paper))).toBe(true);
  });

  it('of a long receipt is not blank where only a part of it, drawn larger, shows its writing', async () => {
    const receipt = () => new Page({ width: 400, height: 6000, tone: 250 });
    const faint = receipt().number(1299, { x: 80, y: 4000 }, { height: 16, contrast: 90 });
    expect(isBlank(await inkOf(await raw(faint).png().toBuffer()))).toBe(false);
    expect(isBlank(await inkOf(await raw(receipt()).png().toBuffer()))).toBe(true);
  });

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

  it.each(['auto', 'as-is'] as const)(
    'is looked at with stray bytes in its file too, with --pixels %s',
    async (mode) => {
      const page = new Page({ width: 300, height: 400 }).rect({ left: 100, top: 100, width: 8, height: 200 }, 40);
      const jpeg = await raw(page).jpeg().toBuffer();
      const file = Buffer.concat([jpeg.subarray(0, 20), Buffer.alloc(5, 3), jpeg.subarray(20)]);
      const { ink } = await prepareImage({ bytes: file, page: 1 }, somePixels({ blankCheck: true, mode }));
      expect(isBlank(ink)).toBe(false);
    },
  );

  it('has no share of ink where nobody asks for it', async () => {
    const file = await raw(new Page()).png().toBuffer();
    expect((await prepareImage({ bytes: file, page: 1 }, somePixels({ blankCheck: false }))).ink).toBeNull();
    expect(isBlank(null)).toBe(false);
  });
});
