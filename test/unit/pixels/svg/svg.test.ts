import { Buffer } from 'node:buffer';
import { afterAll, describe, expect, it } from 'vitest';
import { createPixels, type PixelsOptions } from '../../../../src/pixels/prepare.js';
import { somePixels } from '../../../support/builders.js';
import { colourAt, difference, noise, RED, WHITE } from '../pictures.js';

const LIMITS = { threads: 1, maxInputPixels: 50_000_000 } as const satisfies PixelsOptions;
const pixels = createPixels(LIMITS);
afterAll(() => pixels.close());

const svg = (content: string, size = 'width="100" height="80"'): Buffer =>
  Buffer.from(
    `<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" ${size}>${content}</svg>`,
  );
const RED_BOX = '<rect width="50" height="80" fill="red"/>';
/** A drawing that librsvg works at for minutes, in one go. */
const ENDLESS = svg(
  `<filter id="f" x="0" y="0" width="1" height="1">${'<feTurbulence baseFrequency="0.9" numOctaves="9"/>'.repeat(600)}</filter><rect width="3000" height="3000" filter="url(#f)"/>`,
  'width="3000" height="3000"',
);

describe('an SVG', () => {
  it('is drawn at the dots an inch that were asked for, on white', async () => {
    const { image, width, height } = await pixels.prepareImage(
      { bytes: svg(RED_BOX), page: 1 },
      somePixels({ dpi: 192 }),
    );
    expect({ width, height }).toEqual({ width: 200, height: 160 });
    expect(difference([await colourAt(image.bytes, 0.25, 0.5)], [RED])).toBeLessThan(12);
    expect(await colourAt(image.bytes, 0.75, 0.5)).toEqual(WHITE);
  });

  it('with an embedded image of more than ten megabytes is drawn', async () => {
    const photo = (await noise(2000, 2000).png({ compressionLevel: 0 }).toBuffer()).toString('base64');
    expect(photo.length).toBeGreaterThan(12_000_000);
    const file = svg(`<image width="50" height="80" xlink:href="data:image/png;base64,${photo}"/>`);
    const { image } = await pixels.prepareImage({ bytes: file, page: 1 }, somePixels());
    expect(await colourAt(image.bytes, 0.25, 0.5)).not.toEqual(WHITE);
  });

  it('that takes too long is given up, whatever its drawing is at', async () => {
    const hurried = createPixels({ ...LIMITS, decodeTimeoutMs: 2000 });
    await expect(hurried.prepareImage({ bytes: ENDLESS, page: 1 }, somePixels())).rejects.toMatchObject({
      code: 'IMAGE_UNREADABLE',
      sentence: expect.stringMatching(/took longer than 2 s/),
    });
    await hurried.close();
  });

  it('under way fails when the pixels are closed, and says nothing of the file', async () => {
    const closed = createPixels(LIMITS);
    const waiting = expect(closed.prepareImage({ bytes: ENDLESS, page: 1 }, somePixels())).rejects.toMatchObject({
      code: 'UNEXPECTED',
    });
    await closed.pagesOf(ENDLESS, { frames: 'first' });
    await closed.close();
    await waiting;
  });
});
