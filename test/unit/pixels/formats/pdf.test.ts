import { deflateSync } from 'node:zlib';
import { PDFiumLibrary } from '@hyzyla/pdfium';
import { afterAll, describe, expect, it, vi } from 'vitest';
import type { PixelSettings } from '../../../../src/core/ask.js';
import { createPdfDocuments } from '../../../../src/pixels/formats/pdf.js';
import { hasLostParts } from '../../../../src/pixels/formats/pdf-scan.js';
import { createPixels } from '../../../../src/pixels/prepare.js';
import { somePixels } from '../../../support/builders.js';
import { BLUE, colourAt, difference, GREEN, QUARTERS, quartersOf, RED, WHITE } from '../pictures.js';
import { box, DRAWN_IMAGE, imageObject, line, type PdfPage, pdf } from './pdfs.js';

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

  it('blends what is drawn with its paper, which is white', async () => {
    const blended = '/ExtGState << /D << /BM /Difference >> >>';
    const extra = `/Resources << ${blended} >>`;
    const file = pdf([{ content: `/D gs ${box('1 1 1', '0 0 200 500')}`, extra }]);
    const { image } = await prepare(file, 1, { dpi: 72 });
    const [left, right] = [await colourAt(image.bytes, 0.25, 0.5), await colourAt(image.bytes, 0.75, 0.5)];
    expect([left, right]).toEqual([[0, 0, 0], WHITE]);
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

it('PDFs are read one after another although their reader is begun anew between them', async () => {
  const files = ['first', 'second', 'third'].map(
    (name) => new Uint8Array(pdf([{ content: line(`The words of the ${name} letter`) }])),
  );
  const starts = vi.spyOn(PDFiumLibrary, 'init');
  const documents = createPdfDocuments({ mostBytesOpened: 1000 });
  const texts: string[] = [];
  for (const at of [0, 1, 2, 0, 1, 2]) {
    const bytes = files[at] ?? new Uint8Array();
    texts.push(await documents.readText({ id: at, bytes, passwords: [] }, 1));
  }
  expect(texts.map((text) => text.trim())).toEqual([
    'The words of the first letter',
    'The words of the second letter',
    'The words of the third letter',
    'The words of the first letter',
    'The words of the second letter',
    'The words of the third letter',
  ]);
  expect(starts.mock.calls.length).toBeGreaterThan(1);
  starts.mockRestore();
});

it('a PDF is read where it lies, and its pages do not pile up in memory', async () => {
  const starts = vi.spyOn(PDFiumLibrary, 'init');
  const padding = `% ${'nothing '.repeat(12_000)}\n`;
  const bytes = new Uint8Array(pdf(Array.from({ length: 200 }, () => ({ content: `${padding}${FOUR}` }))));
  const documents = createPdfDocuments();
  const limits = { dpi: 20, maxSide: 500, maxPixels: 50_000 };
  const heldAfter = async (page: number): Promise<number> => {
    const { raster } = await documents.draw({ id: 1, bytes, passwords: [] }, { page, limits, maxImagePixels: 1000 });
    expect([...raster.pixels.subarray(0, 3)]).toEqual(RED);
    const library: unknown = await starts.mock.results[0]?.value;
    return memoryOf(library);
  };
  const first = await heldAfter(1);
  expect(first).toBeLessThan(1.25 * bytes.length); // it starts with 17 MB: there is no room for a copy
  for (let page = 2; page < 200; page += 1) await heldAfter(page);
  expect((await heldAfter(200)) - first).toBeLessThan(0.75 * bytes.length);
  expect(starts).toHaveBeenCalledOnce(); // or its memory would not be this one
  starts.mockRestore();
});

/** Of PDFium, in bytes. */
function memoryOf(library: unknown): number {
  const { module } = library as { readonly module: { readonly HEAPU8: Uint8Array } };
  return module.HEAPU8.byteLength;
}

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

/** The same file, one of its words another of the same length. */
const withWord = (file: Buffer, from: string, to: string): Buffer =>
  Buffer.from(file.toString('latin1').replace(from, to), 'latin1');
const FLATE = '/Filter /FlateDecode';
const GARBAGE = Buffer.from('garbage, garbage and garbage');
const packed = (text: string): string => deflateSync(Buffer.from(text)).toString('latin1');
/** An object stream, whose first line of numbers is 12 bytes long. */
const packedObjects = (count: number, filter: string, data: Uint8Array): string =>
  `<< /Type /ObjStm /N ${count} /First 12 /Filter /${filter} /Length ${data.length} >>\nstream\n${Buffer.from(data).toString('latin1')}\nendstream`;
const scan = (image: string, content = DRAWN_IMAGE) => pdf([{ content }], { objects: { 100: image } });

describe('a page on which nothing can be drawn', () => {
  it.each([
    ['whose JPEG is garbage', () => scan(imageObject('DCTDecode', GARBAGE)), /an image on it is damaged/],
    ['whose JPEG 2000 is garbage', () => scan(imageObject('JPXDecode', GARBAGE)), /an image on it is damaged/],
    ['whose JBIG2 is garbage', () => scan(imageObject('JBIG2Decode', GARBAGE)), /an image on it is damaged/],
    ['whose fax is empty', () => scan(imageObject('CCITTFaxDecode', Buffer.alloc(0))), /an image on it is damaged/],
    [
      'whose damaged image lies in a form, on a white ground',
      () =>
        pdf([{ content: `${box('1 1 1', '0 0 400 500')} /X Do` }], {
          objects: {
            100: `<< /Type /XObject /Subtype /Form /BBox [0 0 400 500] /Resources << /XObject << /X 101 0 R >> >> /Length ${DRAWN_IMAGE.length} >>\nstream\n${DRAWN_IMAGE}\nendstream`,
            101: imageObject('DCTDecode', GARBAGE),
          },
        }),
      /an image on it is damaged/,
    ],
    [
      'whose drawing is damaged',
      () => pdf([{ content: packed(line('gone')).replace(/(?<=^..)..../s, '\xff\xff\xff\xff'), packing: FLATE }]),
      /parts of the file are damaged/,
    ],
    [
      'whose drawing is missing',
      () => withWord(pdf([{ content: FOUR }]), '/Contents 11', '/Contents 99'),
      /parts of the/,
    ],
    ['whose image is missing', () => pdf([{ content: DRAWN_IMAGE }]), /parts of the file are damaged/],
    ['whose text lies outside of it', () => pdf([{ content: line('lost'), mediaBox: '0 0 -400 -500' }]), /text on it/],
    [
      'so large that its text is dust',
      () => pdf([{ content: line('lost'), mediaBox: '0 0 1000000000 1000000000' }]),
      /text on it/,
    ],
  ])('%s is PDF_UNREADABLE', async (_, make, why) => {
    await expect(prepare(make())).rejects.toMatchObject({
      code: 'PDF_UNREADABLE',
      sentence: expect.stringMatching(why),
    });
  });

  it.each([
    ['has no drawing', () => pdf([{}])],
    ['only clips', () => pdf([{ content: packed('q 0 0 400 500 re W* n Q'), packing: FLATE }])],
    ['has a blank in a font', () => pdf([{ content: line(' ') }])],
    ['is filled with white', () => pdf([{ content: box('1 1 1', '0 0 400 500') }])],
    ['has white text alone', () => pdf([{ content: `1 1 1 rg ${line('white')}` }])],
    ['has text beside what is shown', () => pdf([{ content: line('slug', 20), extra: '/CropBox [0 100 400 500]' }])],
    ['is a white scan', () => scan(imageObject('FlateDecode', deflateSync(Buffer.alloc(250, 255))))],
    [
      'is a white stencil',
      () => scan(imageObject('FlateDecode', deflateSync(Buffer.alloc(250, 255)), '/ImageMask true')),
    ],
  ])('is blank where it %s', async (_, make) => {
    expect((await prepare(make(), 1, { blankCheck: true, maxSide: 250 })).ink).toBe(0);
  });

  it('whose image is larger than may be decoded is not decoded to see whether it is sound', async () => {
    const white = imageObject('FlateDecode', deflateSync(Buffer.alloc((4000 / 8) * 5000, 255)));
    await expect(
      prepare(scan(white.replace('/Width 40 /Height 50', '/Width 4000 /Height 5000'))),
    ).rejects.toMatchObject({
      code: 'IMAGE_TOO_LARGE',
      sentence: expect.stringMatching(/4000 × 5000 pixels; 1000000 pixels/),
    });
  });

  it('is blank although what its pages share lies packed', async () => {
    const shared = Buffer.from('100 0 101 5 << >> [11 0 R]');
    const objects = { 110: packedObjects(2, 'FlateDecode', deflateSync(shared)), 111: '<< >>' };
    const lists = (file: Buffer) =>
      withWord(withWord(file, '/Contents 11 0 R', '/Contents 101 0 R'), '/XObject 99 0 R', '/XObject 100 0 R');
    const page = { content: packed('q Q'), packing: FLATE, extra: '/Resources << /XObject 99 0 R >>' };
    expect(hasLostParts(lists(pdf([page], { objects })))).toBe(false);
    expect(hasLostParts(lists(pdf([page])))).toBe(true);
    const unseen = { 110: packedObjects(2, 'LZWDecode', shared) };
    expect(hasLostParts(lists(pdf([page], { objects: unseen })))).toBe(false);
  });

  it('is drawn where its media box is written from its far corner', async () => {
    const drawn = await prepare(pdf([{ content: FOUR, mediaBox: '400 500 0 0' }]), 1, { dpi: 72 });
    expect(difference(await quartersOf(drawn.image.bytes), QUARTERS)).toBeLessThan(CLOSE);
  });
});

describe('a page tree that lies', () => {
  const THREE = () => pdf([{ content: FOUR }, { content: FOUR }, { content: FOUR }]);

  it.each([
    ['of far more pages than hang on it', '/Count 3', '/Count 20000', 3],
    ['of fewer pages', '/Count 3', '/Count 1', 3],
  ])('%s is counted anew', async (_, from, to, pages) => {
    const file = withWord(THREE(), from, to);
    expect(await pagesOf(file)).toBe(pages);
    expect(await prepare(file, 3, { dpi: 72 })).toMatchObject({ width: 400 });
    await expect(prepare(file, 4)).rejects.toMatchObject({ sentence: expect.stringMatching(/no page 4, only 3/) });
  });

  it('by far, where its pages cannot be counted, fails as one row', async () => {
    const packedTree = withWord(withWord(THREE(), '/Count 3', '/Count 900 '), '/Kids [', '/Kids\0[');
    const hidden = withWord(packedTree, '/Count 900', '/Coun#74 900');
    await expect(pagesOf(hidden)).rejects.toMatchObject({
      code: 'PDF_UNREADABLE',
      sentence: expect.stringMatching(/says that it has 900 pages, but after page 3 there is none.*qpdf/),
    });
  });

  it('keeps a damaged last page as a page, which fails alone', async () => {
    const file = withWord(THREE(), '14 0 R]', '19 0 R]');
    expect(await pagesOf(file)).toBe(3);
    await expect(prepare(file, 3)).rejects.toMatchObject({ code: 'PDF_UNREADABLE' });
  });
});

describe('the text of a page', () => {
  const WORDS = line('The words of a letter');
  const textOf = (page: PdfPage, options: Parameters<typeof pdf>[1] = {}) =>
    pixels.textOf({ bytes: pdf([page], options), page: 1 });
  /** A black image, drawn in this size at the lower left. */
  const image = (width: number, height: number) => `q ${width} 0 0 ${height} 0 0 cm /X Do Q`;
  const BLACK =
    '<< /Type /XObject /Subtype /Image /Width 1 /Height 1 /ColorSpace /DeviceGray /BitsPerComponent 8 /Length 1 >>\nstream\n\0\nendstream';
  const note = (words: string) => `<< /Type /Annot ${words} /Rect [50 50 350 150] /F 4 >>`;

  it('is told where there is some', async () => {
    const file = pdf([
      { content: `${line('First line of it')} ${line('and the second one', 300)}` },
      { content: FOUR },
    ]);
    expect(await pixels.textOf({ bytes: file, page: 1 })).toBe('First line of it\nand the second one');
    expect(await pixels.textOf({ bytes: file, page: 2 })).toBeNull();
  });

  it('is told beside a logo, under a link, on a page that lies on its side and in white on a dark bar', async () => {
    const [text, objects] = ['The words of a letter', { 100: BLACK, 101: note('/Subtype /Link') }];
    expect(await textOf({ content: `${image(100, 60)} ${WORDS}` }, { objects })).toBe(text);
    expect(await textOf({ content: WORDS, extra: '/Annots [101 0 R]' }, { objects })).toBe(text);
    expect(await textOf({ content: WORDS, extra: '/Rotate 90' })).toBe(text);
    expect(await textOf({ content: `${box('0 0 0', '0 380 400 60')} 1 1 1 rg ${WORDS}` })).toBe(text);
  });

  it.each([
    ['on a scan', { content: `${image(400, 350)} ${WORDS}` }],
    ['that nobody sees on a scan', { content: `3 Tr ${WORDS} ${image(400, 500)}` }],
    ['that nobody sees', { content: `BT 3 Tr ET ${WORDS}` }],
    ['in white on white', { content: `1 1 1 rg ${WORDS}` }],
    [
      'of which a line is cropped away',
      { content: `${WORDS} ${line('Cropped away', 60)}`, extra: '/CropBox [0 200 400 500]' },
    ],
    ['in a form with fields', { content: WORDS, extra: '/Annots [101 0 R]' }],
    ['under a typed note', { content: WORDS, extra: '/Annots [102 0 R]' }],
    ['in shifted letters', { content: line('Wkh txlfn eurzq ira mxpsv ryhu wkh odcb grj dqg uxqv') }],
  ])('is left to the model %s', async (_, page) => {
    const objects = {
      100: BLACK,
      101: note('/Subtype /Widget /FT /Tx /T (a) /V (John)'),
      102: note('/Subtype /FreeText'),
    };
    expect(await textOf(page, { objects })).toBeNull();
  });

  it('is left to the model where a form holds the scan', async () => {
    const form = `<< /Type /XObject /Subtype /Form /BBox [0 0 400 500] /Resources << /XObject << /X 101 0 R >> >> /Length ${image(400, 500).length} >>\nstream\n${image(400, 500)}\nendstream`;
    expect(await textOf({ content: `/X Do ${WORDS}` }, { objects: { 100: form, 101: BLACK } })).toBeNull();
  });
});
