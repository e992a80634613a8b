import { Buffer } from 'node:buffer';
import { crc32, deflateSync } from 'node:zlib';
import type { Colour, Size } from './picture.js';

const SIGNATURE = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];

/** A PNG's colour type: 0 grey, 2 RGB, 3 palette, 4 grey and alpha, 6 RGB and alpha. */
export interface PngSpec extends Size {
  readonly bitDepth: 1 | 2 | 4 | 8 | 16;
  readonly colourType: 0 | 2 | 3 | 4 | 6;
  /** A pixel's samples, each within the bit depth. */
  readonly samplesAt: (x: number, y: number) => readonly number[];
  readonly palette?: readonly Colour[];
  /** The content of tRNS: alpha by palette entry, or the one sample value that is clear, two bytes a channel. */
  readonly transparency?: readonly number[];
  /** Chunks between the header and the data, such as acTL. */
  readonly before?: readonly Buffer[];
  /** Chunks between the data and the end, such as further frames. */
  readonly after?: readonly Buffer[];
}

/** Writes a PNG of any colour type and depth (PNG specification, third edition). */
export function writePng(spec: PngSpec): Buffer {
  const { width, height, bitDepth, colourType, palette, transparency, before = [], after = [] } = spec;
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([bitDepth, colourType], 8);
  return Buffer.concat([
    Buffer.from(SIGNATURE),
    pngChunk('IHDR', header),
    ...before,
    ...(palette === undefined ? [] : [pngChunk('PLTE', Buffer.from(palette.flat()))]),
    ...(transparency === undefined ? [] : [pngChunk('tRNS', Buffer.from(transparency))]),
    pngChunk('IDAT', pngData(spec)),
    ...after,
    pngChunk('IEND', Buffer.alloc(0)),
  ]);
}

/** The rows of an image, unfiltered and packed. */
export function pngData({ width, height, bitDepth, samplesAt }: PngSpec): Buffer {
  const rows = Array.from({ length: height }, (_, y) => {
    const samples = Array.from({ length: width }, (_, x) => samplesAt(x, y)).flat();
    return Buffer.from([0, ...packed(samples, bitDepth)]);
  });
  return deflateSync(Buffer.concat(rows));
}

/** A chunk with its length and checksum. */
export function pngChunk(type: string, data: Uint8Array): Buffer {
  const named = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(data.length);
  const checksum = Buffer.alloc(4);
  checksum.writeUInt32BE(crc32(named));
  return Buffer.concat([length, named, checksum]);
}

/** Samples as bytes, the first one in the highest bits. */
export function packed(samples: readonly number[], bits: 1 | 2 | 4 | 8 | 16): number[] {
  if (bits === 8) return [...samples];
  if (bits === 16) return samples.flatMap((sample) => [sample >> 8, sample & 0xff]);
  const perByte = 8 / bits;
  return Array.from({ length: Math.ceil(samples.length / perByte) }, (_, byte) => {
    const own = Array.from({ length: perByte }, (_, place) => samples[byte * perByte + place] ?? 0);
    return own.reduce((sum, sample) => (sum << bits) | sample, 0);
  });
}
