import { afterAll, describe, expect, it } from 'vitest';
import type { PixelSettings } from '../../../../src/core/ask.js';
import { createPixels } from '../../../../src/pixels/prepare.js';
import { somePixels } from '../../../support/builders.js';
import { BLUE, colourAt, difference, GREEN, QUARTERS, quartersOf, RED, WHITE } from '../pictures.js';
import { box, line, pdf } from './pdfs.js';

const pixels = createPixels({ threads: 1, maxInputPixels: 1_000_000, pdfPasswords: ['not this', 'sesame'] });
afterAll(() => pixels.close());

const prepare = (bytes: Uint8Array, page = 1, changes: Partial<PixelSettings> = {}) =>
  pixels.prepareImage({ bytes, page, pages: 9 }, somePixels(changes));
const pagesOf = (bytes: Uint8Array) => pixels.pagesOf(bytes, { frames: 'first' });
const CLOSE = 12;
/** Red, green, blue and white quarters. PDF counts from the lower left. */
const FOUR = [box('1 0 0', '0 250 200 250'), box('0 1 0', '200 250 200 250'), box('0 0 1', '0 0 200 250')].join(' ');

describe('a page of a PDF', () => {
  it('is drawn at the dots an inch that were asked for, as far as the limits allow', async () => {
    const file = pdf([{ content: FOUR }]);
    const drawn = await prepare(file, 1, { dpi: 144 });
    expect(drawn).toMatchObject({ width: 800, height: 1000, image: { width: 800, height: 1000 }, warnings: [] });
    expect(difference(await quartersOf(drawn.image.bytes), QUARTERS)).toBeLessThan(CLOSE);
    expect(await prepare(file, 1, { dpi: 144, maxSide: 500 })).toMatchObject({ width: 400, height: 500 });
    expect(await prepare(file, 1, { dpi: 144, maxPixels: 50_000 })).toMatchObject({ width: 200, height: 250 });
  });

  it('is the one that was asked for, of as many as there are', async () => {
    const file = pdf([RED, GREEN, BLUE].map((c) => ({ content: box(c.map((v) => v / 255).join(' '), '0 0 400 500') })));
    expect(await pagesOf(file)).toBe(3);
    for (const [index, colour] of [RED, GREEN, BLUE].entries()) {
      const { image } = await prepare(file, index + 1, { dpi: 72 });
      expect(difference([await colourAt(image.bytes, 0.5, 0.5)], [colour])).toBeLessThan(CLOSE);
    }
    await expect(prepare(file, 4)).rejects.toMatchObject({ code: 'PDF_UNREADABLE', sentence: /no page 4, only 3/ });
  });

  it('tells of the pages that nobody counted', async () => {
    const page = { content: line('One of two') };
    const { warnings } = await pixels.prepareImage({ bytes: pdf([page, page]), page: 1 }, somePixels());
    expect(warnings).toEqual(['first-frame-only']);
  });

  it('is turned as it says, with its notes and form fields on it', async () => {
    const turned = await prepare(pdf([{ content: FOUR, extra: '/Rotate 90' }]), 1, { dpi: 72 });
    expect(turned).toMatchObject({ width: 500, height: 400 });
    const [red, green, blue, white] = QUARTERS;
    expect(
      difference(await quartersOf(turned.image.bytes), [blue ?? [], red ?? [], white ?? [], green ?? []]),
    ).toBeLessThan(CLOSE);
    const look = (number: number, colour: string) =>
      `<< /Type /XObject /Subtype /Form /BBox [0 0 100 100] /Length 40 >>\nstream\n${box(colour, '0 0 100 100').padEnd(40)}\nendstream`.replace(
        '/Form',
        `/Form /N ${number}`,
      );
    const noted = pdf([{ extra: '/Annots [100 0 R 101 0 R]' }], {
      catalog: '/AcroForm << /Fields [101 0 R] >>',
      objects: {
        100: '<< /Type /Annot /Subtype /Square /Rect [50 350 150 450] /F 4 /AP << /N 102 0 R >> >>',
        101: '<< /Type /Annot /Subtype /Widget /FT /Tx /T (a) /Rect [250 50 350 150] /F 4 /AP << /N 103 0 R >> >>',
        102: look(102, '1 0 0'),
        103: look(103, '0 0 1'),
      },
    });
    const { image } = await prepare(noted, 1, { dpi: 72 });
    expect(difference([await colourAt(image.bytes, 0.25, 0.2)], [RED])).toBeLessThan(CLOSE);
    expect(difference([await colourAt(image.bytes, 0.75, 0.8)], [BLUE])).toBeLessThan(CLOSE);
    expect(await colourAt(image.bytes, 0.75, 0.2)).toEqual(WHITE);
  });

  it.each([
    ['of 160 by 120 inches', '0 0 11520 8640', 500, 375],
    ['of no size', '0 0 0 0', 386, 500],
    ['of a size that is no number', '0 0 nan nan', 386, 500],
    ['of a size beyond all bounds', '0 0 1e30 1e30', 386, 500],
    ['as thin as a hair', '0 0 1 14000', 1, 500],
    ['as small as a dot', '0 0 0.1 0.1', 1, 1],
  ])('%s is bounded', async (_, mediaBox, width, height) => {
    const drawn = await prepare(pdf([{ mediaBox }]), 1, { maxSide: 500 });
    expect(drawn).toMatchObject({ width, height });
  });

  it('is bounded by what may be decoded even where it goes out as it is', async () => {
    const { width, height } = await prepare(pdf([{ mediaBox: '0 0 11520 8640' }]), 1, { mode: 'as-is' });
    expect(width * height).toBeLessThanOrEqual(1_001_000);
  });

  it('that cannot be drawn fails alone', async () => {
    const file = pdf([{ content: FOUR }, {}, { content: FOUR }]);
    const broken = Buffer.from(
      file.toString('latin1').replace('/Kids [10 0 R 12 0 R', '/Kids [10 0 R 19 0 R'),
      'latin1',
    );
    const outcomes = await Promise.allSettled([1, 2, 3].map((page) => prepare(broken, page, { dpi: 72 })));
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  });

  it('is cut into halves of more detail than the whole', async () => {
    const file = pdf([{ content: FOUR }]);
    const settings = somePixels({ dpi: 144, maxSide: 500 });
    expect(await pixels.prepareHalves({ bytes: file, page: 1, pages: 1 }, settings)).toMatchObject([
      { width: 500 },
      { width: 500 },
    ]);
  });
});

describe('a PDF that is locked', () => {
  it('opens with any of the passwords', async () => {
    const file = pdf([{ content: line('The words that nobody was to read') }], { password: 'sesame' });
    expect(await pagesOf(file)).toBe(1);
    expect(await pixels.textOf({ bytes: file, page: 1 })).toBe('The words that nobody was to read');
  });

  it('fails as PDF_ENCRYPTED otherwise, with the way out', async () => {
    const file = pdf([{}], { password: 'other' });
    await expect(pagesOf(file)).rejects.toMatchObject({
      code: 'PDF_ENCRYPTED',
      sentence: expect.stringMatching(/None of the passwords.*--password-file FILE.*qpdf --decrypt/),
    });
    await expect(prepare(file)).rejects.toMatchObject({ code: 'PDF_ENCRYPTED' });
  });
});

it.each([
  ['cut', () => pdf([{ content: FOUR }]).subarray(0, 400), /ends too early/],
  ['without pages', () => pdf([]), /no pages/],
  ['of noise', () => Buffer.from(`%PDF-1.4\n${'noise '.repeat(300)}\n%%EOF`), /structure is damaged/],
])('a PDF %s is PDF_UNREADABLE and says why', async (_, make, why) => {
  await expect(pagesOf(make())).rejects.toMatchObject({ code: 'PDF_UNREADABLE', sentence: expect.stringMatching(why) });
});

it('the text of a page is told where there is some', async () => {
  const file = pdf([{ content: `${line('First line of it')} ${line('and the second one', 300)}` }, { content: FOUR }]);
  expect(await pixels.textOf({ bytes: file, page: 1 })).toBe('First line of it\nand the second one');
  expect(await pixels.textOf({ bytes: file, page: 2 })).toBeNull();
});
