import { describe, expect, it } from 'vitest';
import { decodeBmp } from '../../../../src/pixels/formats/bmp.js';
import { createPixels } from '../../../../src/pixels/prepare.js';
import { somePixels } from '../../../support/builders.js';
import { colourAt } from '../pictures.js';

const MOST = 1000;
/** Red and green over blue and white. */
const FOUR = [255, 0, 0, 255, 0, 255, 0, 255, 0, 0, 255, 255, 255, 255, 255, 255];
const PALETTE = Buffer.from([0, 0, 255, 0, 0, 255, 0, 0, 255, 0, 0, 0, 255, 255, 255, 0]);

interface BmpParts {
  readonly bits: number;
  readonly rows: Buffer;
  readonly height?: number;
  readonly width?: number;
  readonly compression?: number;
  readonly palette?: Buffer;
  /** What stands between the header of 40 bytes and the palette. */
  readonly masks?: Buffer;
  readonly headerBytes?: number;
}

/** A BMP of 2 × 2 pixels, unless it says otherwise. */
function bmp({
  bits,
  rows,
  width = 2,
  height = 2,
  compression = 0,
  palette = Buffer.alloc(0),
  masks,
  headerBytes = 40,
}: BmpParts): Buffer {
  const header = Buffer.alloc(14 + headerBytes);
  header.write('BM');
  header.writeUInt32LE(header.length + (masks?.length ?? 0) + palette.length, 10);
  header.writeUInt32LE(headerBytes, 14);
  header.writeInt32LE(width, 18);
  header.writeInt32LE(height, 22);
  header.writeUInt16LE(1, 26);
  header.writeUInt16LE(bits, 28);
  header.writeUInt32LE(compression, 30);
  header.writeUInt32LE(palette.length / 4, 46);
  return Buffer.concat([header, masks ?? Buffer.alloc(0), palette, rows]);
}

const masks = (...values: number[]): Buffer => Buffer.from(Uint32Array.from(values).buffer);
const words = (...values: number[]): Buffer => Buffer.from(Uint16Array.from(values).buffer);
const hex = (text: string): Buffer => Buffer.from(text.replaceAll(' ', ''), 'hex');
const pixelsOf = (file: Uint8Array) => [...decodeBmp(file, MOST).pixels];

describe('a BMP', () => {
  it.each([
    ['of 4 bits', { bits: 4, palette: PALETTE, rows: hex('23 000000 01 000000') }],
    ['of 8 bits', { bits: 8, palette: PALETTE, rows: hex('0203 0000 0001 0000') }],
    ['of 8 bits that begins at the top', { bits: 8, height: -2, palette: PALETTE, rows: hex('0001 0000 0203 0000') }],
    ['of 16 bits', { bits: 16, rows: words(0x001f, 0x7fff, 0x7c00, 0x03e0) }],
    [
      'of 16 bits by masks',
      { bits: 16, compression: 3, masks: masks(0xf800, 0x07e0, 0x001f), rows: words(0x001f, 0xffff, 0xf800, 0x07e0) },
    ],
    ['of 24 bits', { bits: 24, rows: hex('ff0000 ffffff 0000 0000ff 00ff00 0000') }],
    ['of 32 bits', { bits: 32, rows: hex('ff000000 ffffff00 0000ff00 00ff0000') }],
    [
      'of 32 bits by masks',
      {
        bits: 32,
        compression: 3,
        masks: masks(0xff, 0xff00, 0xff0000),
        rows: hex('0000ff00 ffffff00 ff000000 00ff0000'),
      },
    ],
    ['of 8 bits in runs', { bits: 8, compression: 1, palette: PALETTE, rows: hex('0102 0103 0000 0100 0101 0001') }],
    ['of 4 bits in runs', { bits: 4, compression: 2, palette: PALETTE, rows: hex('0223 0000 0201 0001') }],
  ])('%s is drawn', (_, parts) => {
    expect(pixelsOf(bmp(parts))).toEqual(FOUR);
  });

  it('of 1 bit is drawn, to the last pixel of a row', () => {
    const palette = Buffer.from([0, 0, 0, 0, 255, 255, 255, 0]);
    const { pixels } = decodeBmp(bmp({ bits: 1, width: 9, height: 1, palette, rows: hex('aa800000') }), MOST);
    expect([...pixels].filter((_, at) => at % 4 === 0)).toEqual([255, 0, 255, 0, 255, 0, 255, 0, 255]);
  });

  it('packed with literal runs and jumps is drawn', () => {
    const rows = hex('0003 01020300 0000 0002 0100 0101 0001');
    const { pixels } = decodeBmp(bmp({ bits: 8, compression: 1, width: 3, palette: PALETTE, rows }), MOST);
    const [red, green, blue, white] = [0, 4, 8, 12].map((at) => FOUR.slice(at, at + 4));
    expect([...pixels]).toEqual([red, green, red, green, blue, white].flat());
  });

  it('as OS/2 wrote it is drawn', () => {
    const header = hex('424d 00000000 00000000 26000000 0c000000 0200 0200 0100 0800');
    const palette = hex('0000ff 00ff00 ff0000 ffffff');
    expect(pixelsOf(Buffer.concat([header, palette, hex('0203 0000 0001 0000')]))).toEqual(FOUR);
  });

  it('keeps its opacity where any pixel has some', () => {
    const parts = { bits: 32, compression: 6, width: 1, height: 1, masks: masks(0xff0000, 0xff00, 0xff, 0xff000000) };
    expect(pixelsOf(bmp({ ...parts, rows: hex('0000ff80') }))).toEqual([255, 0, 0, 128]);
    expect(pixelsOf(bmp({ ...parts, rows: hex('0000ff00') }))).toEqual([255, 0, 0, 255]);
  });
});

describe('a BMP that lies', () => {
  const rows = hex('ff0000 ffffff 0000 0000ff 00ff00 0000');
  it.each([
    ['of its size, upwards', { bits: 24, rows, width: 2_000_000_000, height: 2_000_000_000 }, 'IMAGE_TOO_LARGE'],
    ['of its height, which no number can turn round', { bits: 24, rows, height: -2_147_483_648 }, 'IMAGE_TOO_LARGE'],
    ['of its width, downwards', { bits: 24, rows, width: -2 }, 'IMAGE_UNREADABLE'],
    ['of its bits', { bits: 25, rows }, 'IMAGE_UNREADABLE'],
    ['of its packing', { bits: 24, rows, compression: 1 }, 'IMAGE_UNREADABLE'],
    ['of rows that it has not', { bits: 24, rows, height: 3 }, 'IMAGE_TRUNCATED'],
    [
      'of runs that it has not',
      { bits: 8, compression: 1, palette: PALETTE, rows: hex('0102 0103') },
      'IMAGE_TRUNCATED',
    ],
  ])('%s is refused', (_, parts, code) => {
    expect(() => decodeBmp(bmp(parts), MOST)).toThrowError(expect.objectContaining({ code }));
  });

  it('is refused wherever it is cut, and drawn or refused whichever byte is wrong', () => {
    const file = bmp({ bits: 8, compression: 1, palette: PALETTE, rows: hex('0102 0103 0000 0100 0101 0001') });
    for (let length = 0; length < file.length; length += 1) {
      expect(() => decodeBmp(file.subarray(0, length), MOST)).toThrowError(
        expect.objectContaining({ code: expect.stringMatching(/^IMAGE_/) }),
      );
    }
    for (let at = 0; at < file.length * 8; at += 1) {
      const flipped = Buffer.from(file);
      flipped[at >> 3] = (flipped[at >> 3] ?? 0) ^ (1 << (at & 7));
      try {
        decodeBmp(flipped, MOST);
      } catch (error) {
        expect(error).toMatchObject({ code: expect.stringMatching(/^IMAGE_/) });
      }
    }
  });
});

it('a BMP of white ink on nothing stands on dark, as a PNG of it does', async () => {
  const [width, height] = [100, 80];
  const header = Buffer.alloc(122);
  header.write('BM');
  header.writeUInt32LE(122, 10);
  header.writeUInt32LE(108, 14);
  header.writeInt32LE(width, 18);
  header.writeInt32LE(-height, 22);
  header.writeUInt16LE(1, 26);
  header.writeUInt16LE(32, 28);
  header.writeUInt32LE(3, 30);
  for (const [at, mask] of [0xff, 0xff00, 0xff0000, 0xff000000].entries()) header.writeUInt32LE(mask, 54 + 4 * at);
  const rows = Buffer.alloc(width * height * 4);
  rows.fill(255, 4 * width * 30, 4 * width * 40); // a white bar
  const pixels = createPixels({ threads: 1, maxInputPixels: 100_000 });
  const bytes = Buffer.concat([header, rows]);
  const { image, ink } = await pixels.prepareImage({ bytes, page: 1 }, somePixels({ blankCheck: true }));
  expect((await colourAt(image.bytes, 0.5, 0.1))[0]).toBeLessThan(60);
  expect(ink).toBeGreaterThan(0.05);
  await pixels.close();
});
