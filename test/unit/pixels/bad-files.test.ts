import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { PixelSettings } from '../../../src/core/ask.js';
import type { FailureCode } from '../../../src/core/errors.js';
import { createPixels } from '../../../src/pixels/prepare.js';
import { somePixels } from '../../support/builders.js';
import { noise, plain, pngChunk } from './pictures.js';

const pixels = createPixels({ threads: 1, maxInputPixels: 1_000_000 });
const SETTINGS = somePixels({ maxSide: 100 });
const MODES = ['auto', 'as-is'] as const;
const prepare = (bytes: Uint8Array, mode: PixelSettings['mode'] = 'auto', maxSide = SETTINGS.maxSide) =>
  pixels.prepareImage({ bytes, page: 1 }, { ...SETTINGS, mode, maxSide });
const svg = (content: string) =>
  Buffer.from(
    `<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="99" height="99">${content}</svg>`,
  );

const BAD: readonly (readonly [string, FailureCode, RegExp, () => Uint8Array | Promise<Uint8Array>])[] = [
  ['an empty file', 'IMAGE_UNREADABLE', /empty \(0 bytes\)/, () => new Uint8Array()],
  ['text renamed to .jpg', 'IMAGE_UNREADABLE', /text file/, () => Buffer.from('Dear diary,\n')],
  [
    'a web page saved as .png',
    'IMAGE_UNREADABLE',
    /web page.*download it again/,
    () => Buffer.from('<!doctype html><title>Log in</title>'),
  ],
  ['noise', 'IMAGE_UNREADABLE', /no image format/, () => new Uint8Array(5000).map((_, i) => (i * 7919) >> 3)],
  ['a JPEG of a header only', 'IMAGE_UNREADABLE', /no image in it/, () => Uint8Array.of(0xff, 0xd8, 0xff, 0xd9)],
  ['a PDF of a header only', 'PDF_UNREADABLE', /ends too early.*qpdf/, () => Buffer.from('%PDF-1.7\n')],
  [
    'a HEIC of a header only',
    'IMAGE_TRUNCATED',
    /ends before/,
    () => Buffer.from('\0\0\0\x18ftypheic\0\0\0\0mif1heic', 'latin1'),
  ],
  ['a BMP of a header only', 'IMAGE_TRUNCATED', /ends before/, () => Buffer.from('BM\0\0\0\0')],
  ['a JPEG 2000', 'IMAGE_UNSUPPORTED', /^JPEG 2000/, () => Uint8Array.of(0xff, 0x4f, 0xff, 0x51)],
  ['a JPEG XL', 'IMAGE_UNSUPPORTED', /^JPEG XL/, () => Uint8Array.of(0xff, 0x0a, 1, 2)],
  [
    'an SVG with a linked image',
    'IMAGE_UNSUPPORTED',
    /other files/,
    () => svg('<image xlink:href="scan.png" width="9" height="9"/>'),
  ],
  [
    'an SVG with a linked image under another name',
    'IMAGE_UNSUPPORTED',
    /other files/,
    () => svg('<s:image xmlns:s="http://www.w3.org/2000/svg" xlink:href="/scan.png" width="9" height="9"/>'),
  ],
  ['an SVG with a linked style', 'IMAGE_UNSUPPORTED', /other files/, () => svg('<style>@import "a.css";</style>')],
  [
    'an SVG with an outside pattern',
    'IMAGE_UNSUPPORTED',
    /other files/,
    () => svg('<rect fill="url(http://x.test/a.svg#p)"/>'),
  ],
  [
    'an SVG that ends too early',
    'IMAGE_UNREADABLE',
    /decoded/,
    () => Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="9"><rec'),
  ],
  ['too many pixels', 'IMAGE_TOO_LARGE', /1200 × 1000/, () => plain(1200, 1000, { r: 0, g: 0, b: 0 }).png().toBuffer()],
  [
    'an SVG of too many pixels',
    'IMAGE_TOO_LARGE',
    /pixels are decoded at most/,
    () => Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="60000" height="60000"/>'),
  ],
  [
    'a cut WebP',
    'IMAGE_TRUNCATED',
    /ends before/,
    async () => (await noise(90, 90).webp().toBuffer()).subarray(0, -20),
  ],
  ['a cut GIF', 'IMAGE_TRUNCATED', /ends before/, async () => (await noise(90, 90).gif().toBuffer()).subarray(0, 3000)],
];

describe.each(MODES)('with --pixels %s', (mode) => {
  it.each(BAD)('%s fails as %s', async (_, code, message, make) => {
    await expect(prepare(await make(), mode)).rejects.toMatchObject({ code, sentence: expect.stringMatching(message) });
  });
});

it('an SVG that refers only to itself is drawn', async () => {
  const whole = svg(
    '<defs><linearGradient id="g"/></defs><rect fill="url(#g)"/><a href="https://x.test"><text>x</text></a><image href="data:image/png;base64,AA=="/>',
  );
  expect(await prepare(whole, 'as-is')).toMatchObject({ width: 99, height: 99 });
  expect(await prepare(whole, 'auto', 1000)).toMatchObject({ width: 206, height: 206 }); // 200 of its 96 dots an inch
});

it('an animated PNG is told as one', async () => {
  const png = await noise(90, 90).png().toBuffer();
  const control = pngChunk('acTL', Uint8Array.of(0, 0, 0, 2, 0, 0, 0, 0));
  const afterHeader = 8 + 25;
  const animated = Buffer.concat([png.subarray(0, afterHeader), control, png.subarray(afterHeader)]);
  expect((await prepare(animated, 'as-is')).warnings).toEqual(['first-frame-only']);
});

it('a JPEG whose faults cost no pixels passes with a warning', async () => {
  const jpeg = await noise(160, 120).jpeg().toBuffer();
  const stray = Buffer.concat([jpeg.subarray(0, 20), Buffer.alloc(5, 3), jpeg.subarray(20)]);
  const oddScan = Buffer.from(jpeg);
  const scan = oddScan.lastIndexOf(Buffer.of(0xff, 0xda));
  oddScan[scan + oddScan.readUInt16BE(scan + 2)] = 0; // the end of the spectral selection: 63 in a sequential JPEG
  for (const file of [stray, oddScan]) {
    expect((await prepare(file, 'auto', 100)).warnings).toEqual(['damaged']);
    const untouched = await prepare(file, 'auto', 1000);
    expect(untouched.warnings).toEqual(['damaged']);
    expect(untouched.image.bytes).toBe(file);
  }
});

describe('a cut file never passes', async () => {
  const files = {
    'a JPEG': await noise(160, 120).jpeg({ quality: 80 }).toBuffer(),
    'a progressive JPEG': await noise(160, 120).jpeg({ progressive: true }).toBuffer(),
    'a turned JPEG with EXIF': await noise(160, 120).withMetadata({ orientation: 6 }).jpeg().toBuffer(),
    'a PNG': await noise(160, 120).png().toBuffer(),
    'an interlaced PNG': await noise(160, 120).png({ progressive: true }).toBuffer(),
  };
  const cases = Object.entries(files).flatMap(([name, file]) => [
    { name, file, mode: 'auto' as const, maxSide: 100, way: 'sized' },
    { name, file, mode: 'auto' as const, maxSide: 1000, way: 'passed through' },
    { name, file, mode: 'as-is' as const, maxSide: 100, way: 'as it is' },
  ]);

  it.each(cases)('$name, $way', async ({ file, mode, maxSide }) => {
    await expect(prepare(file, mode, maxSide)).resolves.toBeDefined();
    const cuts = fc.oneof(
      fc.integer({ min: 0, max: file.length - 1 }),
      fc.integer({ min: file.length - 16, max: file.length - 1 }),
    );
    await fc.assert(
      fc.asyncProperty(cuts, async (length) => {
        const code = await prepare(file.subarray(0, length), mode, maxSide).then(
          () => 'passed',
          (error) => error.code,
        );
        expect(length < 16 ? ['IMAGE_TRUNCATED', 'IMAGE_UNREADABLE'] : ['IMAGE_TRUNCATED']).toContain(code);
      }),
      { numRuns: 150, examples: [[file.length - 1], [file.length - 2], [file.length >> 1]] },
    );
  });

  it('nor one whose missing half was filled with zeros', async () => {
    const { 'a JPEG': jpeg, 'a PNG': png } = files;
    for (const file of [jpeg, png]) {
      const filled = Buffer.concat([file.subarray(0, file.length >> 1), Buffer.alloc(file.length >> 1)]);
      for (const mode of MODES)
        await expect(prepare(filled, mode)).rejects.toMatchObject({ code: expect.stringMatching(/^IMAGE_/) });
    }
  });

  it('nor a PNG with a hole of zeros in its middle, where it is decoded', async () => {
    const { 'a PNG': png } = files;
    const holed = Buffer.from(png).fill(0, png.length >> 1, (png.length >> 1) + 4000);
    for (const maxSide of [100, 1000]) {
      await expect(prepare(holed, 'auto', maxSide)).rejects.toMatchObject({ code: expect.stringMatching(/^IMAGE_/) });
    }
  });

  it('nor a JPEG whose coded data ends early, where it is decoded', async () => {
    const { 'a JPEG': jpeg } = files;
    const ended = Buffer.concat([jpeg.subarray(0, jpeg.length >> 1), jpeg.subarray(-2)]);
    for (const maxSide of [100, 1000]) {
      await expect(prepare(ended, 'auto', maxSide)).rejects.toMatchObject({ code: expect.stringMatching(/^IMAGE_/) });
    }
  });
});
