import { Buffer } from 'node:buffer';
import { describe, expect, it } from 'vitest';
import { createPixels } from '../../../../src/pixels/prepare.js';
import { somePixels } from '../../../support/builders.js';
import { noise, plain, pngChunk } from '../pictures.js';

const pixels = createPixels({ threads: 1, maxInputPixels: 1_000_000 });
const prepare = (bytes: Uint8Array) => pixels.prepareImage({ bytes, page: 1 }, somePixels());
const SECRET = 'GPS 52.5200N 13.4050E';
/** Signature and IHDR of a PNG. */
const HEAD_BYTES = 33;

it.each(['tEXt', 'zTXt', 'iTXt', 'eXIf', 'tIME', 'dSIG', 'caBX', 'prVW', 'zxIf'])(
  'the chunk %s of a PNG that passes through stays here',
  async (type) => {
    const file = await noise(300, 200).png().toBuffer();
    const telling = pngChunk(type, Buffer.from(SECRET));
    const { image } = await prepare(Buffer.concat([file.subarray(0, HEAD_BYTES), telling, file.subarray(HEAD_BYTES)]));
    expect(Buffer.from(image.bytes).equals(file)).toBe(true);
  },
);

it('the chunks that say how the colours of a PNG are meant pass through', async () => {
  const file = await noise(300, 200).png().toBuffer();
  const srgb = pngChunk('sRGB', Buffer.from([0]));
  const meant = Buffer.concat([file.subarray(0, HEAD_BYTES), srgb, file.subarray(HEAD_BYTES)]);
  expect((await prepare(meant)).image.bytes).toBe(meant);
});

describe('bytes that could pass through', () => {
  it.each([
    ['one more than bare pixels take', 1, false],
    ['as many as bare pixels take', 0, true],
  ])('%s: are passed %s', async (_, more, isPassed) => {
    const file = await plain(100, 80, { r: 200, g: 60, b: 60 }).png().toBuffer();
    const filler = 3 * 100 * 80 + more - file.length - pngChunk('prVW', Buffer.alloc(0)).length;
    const kept = pngChunk('IDAT', Buffer.alloc(filler)); // libpng reads no further than the image goes
    const end = file.length - 12;
    const padded = Buffer.concat([file.subarray(0, end), kept, file.subarray(end)]);
    expect((await prepare(padded)).image.bytes === padded).toBe(isPassed);
  });

  it.each([
    ['baseline', { quality: 85 }],
    ['progressive', { quality: 85, progressive: true }],
  ])('are not passed where a cut JPEG (%s) has got an end marker again', async (_, options) => {
    const file = await noise(400, 600).jpeg(options).toBuffer();
    const cut = Buffer.concat([file.subarray(0, Math.floor(0.999 * file.length)), Buffer.from([0xff, 0xd9])]);
    await expect(prepare(cut)).rejects.toMatchObject({
      code: expect.stringMatching(/^IMAGE_(TRUNCATED|UNREADABLE)$/),
    });
  });
});
