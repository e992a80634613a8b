import { Buffer } from 'node:buffer';
import { describe, expect, it } from 'vitest';
import { jpegSegments, readJpegSegments } from '../../../../src/pixels/formats/jpeg-segments.js';
import { readPngChunks } from '../../../../src/pixels/formats/png-chunks.js';
import { tiffPages } from '../../../../src/pixels/formats/tiff-pages.js';
import { noise, plain, pngChunk } from '../pictures.js';

describe('the directories of a TIFF', () => {
  const head = (first: number) => Buffer.from([0x49, 0x49, 42, 0, first, 0, 0, 0]);

  /** A directory of entries with tag 0, each of which has to be looked at. */
  function directory(entries: number, next: number): Buffer {
    const bytes = Buffer.alloc(2 + 12 * entries + 4);
    bytes.writeUInt16LE(entries);
    bytes.writeUInt32LE(next, bytes.length - 4);
    return bytes;
  }

  it('are looked at once where they follow each other in a ring', () => {
    const [first, second] = [directory(20, 8 + 246), directory(20, 8)];
    expect(tiffPages(Buffer.concat([head(8), first, second]))).toEqual([0, 1]);
  });

  it('are looked at up to a bound', () => {
    const bytes = 2 + 12 * 60_000 + 4;
    const chain = Array.from({ length: 9 }, (_, at) => directory(60_000, at === 8 ? 0 : 8 + (at + 1) * bytes));
    expect(tiffPages(Buffer.concat([head(8), ...chain.slice(0, 7), directory(0, 0)]))).toHaveLength(8);
    expect(tiffPages(Buffer.concat([head(8), ...chain]))).toBeNull();
  });
});

describe('the segments of a JPEG', () => {
  const START = Buffer.from([0xff, 0xd8]);
  const END = Buffer.from([0xff, 0xd9]);
  const frame = Buffer.from([0xff, 0xc0, 0, 11, 8, 0, 64, 0, 64, 1, 1, 0x11, 0]);
  const scan = Buffer.from([0xff, 0xda, 0, 8, 1, 1, 0, 0, 63, 0, 0x12, 0xff, 0]);
  const file = (...parts: readonly Buffer[]) => Buffer.concat([START, ...parts, END]);

  it('hold all markers that have no content of their own', () => {
    const coded = Buffer.concat(Array.from({ length: 4000 }, (_, at) => Buffer.from([0xff, 0xd0 + (at % 8), 0x12])));
    const fill = Buffer.alloc(5, 0xff);
    const walked = [...jpegSegments(file(START, fill, frame, scan, coded, fill))];
    expect(walked.map(({ marker }) => marker)).toEqual([0xc0, 0xda, 0xd9]);
    expect(walked[1]?.end).toBe(walked[2]?.start);
  });

  it('are all of what an encoder wrote, and its size', async () => {
    const photo = await noise(80, 60).jpeg({ progressive: true }).toBuffer();
    expect(readJpegSegments(photo)).toMatchObject({ width: 80, height: 60 });
    expect([...jpegSegments(photo)].filter(({ marker }) => marker === 0xda)).toHaveLength(10);
  });

  it.each([
    ['of a hundred scans is read', 100, 0, null],
    ['of more scans than anybody waits for is refused', 101, 0, /more than 100 scans/],
    ['of no end of segments is refused', 1, 10_000, /more than 10000 segments/],
  ])('%s', (_, scans, comments, why) => {
    const comment = Buffer.from([0xff, 0xfe, 0, 2]);
    const bytes = file(frame, ...Array<Buffer>(comments).fill(comment), ...Array<Buffer>(scans).fill(scan));
    if (why === null) expect(readJpegSegments(bytes)).toMatchObject({ width: 64 });
    else expect(() => readJpegSegments(bytes)).toThrow(why);
  });
});

it('a PNG of no end of chunks is refused', async () => {
  const image = await plain(40, 30, { r: 1, g: 2, b: 3 }).png().toBuffer();
  const withEmpty = (chunks: number) =>
    Buffer.concat([
      image.subarray(0, 33),
      Buffer.alloc(12 * chunks, pngChunk('IDAT', Buffer.of())),
      image.subarray(33),
    ]);
  expect(readPngChunks(withEmpty(90_000))).toMatchObject({ width: 40, height: 30 });
  expect(() => readPngChunks(withEmpty(100_000))).toThrow(/more than 100000 chunks/);
});
