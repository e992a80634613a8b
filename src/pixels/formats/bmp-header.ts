import { Buffer } from 'node:buffer';
import type { Size } from '../sizing.js';
import { mustFitPixels, truncated, unreadable } from './header.js';

/** Where one channel's bits are in a pixel, as BMP writes it: one run of ones. */
export type Mask = number;

/** What a BMP says of its pixels (Microsoft: BITMAPCOREHEADER, BITMAPINFOHEADER … BITMAPV5HEADER). */
export interface BmpHeader extends Size {
  readonly isTopDown: boolean;
  /** Bits of a pixel. */
  readonly bits: 1 | 4 | 8 | 16 | 24 | 32;
  /** Whether runs of equal pixels are packed. */
  readonly isPacked: boolean;
  /** Red, green, blue and opacity; 0 has no bits. For 16 and 32 bits. */
  readonly masks: readonly [Mask, Mask, Mask, Mask];
  /** Three bytes (red, green, blue) a colour, up to 8 bits. */
  readonly palette: Uint8Array;
  /** Where the pixels begin in the file. */
  readonly pixelsAt: number;
}

const FILE_HEADER_BYTES = 14;
const PIXELS_AT = 10;
const CORE_HEADER_BYTES = 12;
const LEAST_INFO_HEADER_BYTES = 40;
const V2_HEADER_BYTES = 52;
const V3_HEADER_BYTES = 56;
const RLE8 = 1;
const RLE4 = 2;
const BIT_FIELDS = 3;
const ALPHA_BIT_FIELDS = 6;
const MASKS_16 = [0x7c00, 0x03e0, 0x001f, 0] as const;
const MASKS_32 = [0xff0000, 0x00ff00, 0x0000ff, 0] as const;

/**
 * Reads a BMP's header, and proves that its pixels fit into its bytes before anybody makes room for them.
 *
 * @throws VisionError IMAGE_UNREADABLE, IMAGE_TRUNCATED, IMAGE_TOO_LARGE
 */
export function readBmpHeader(file: Uint8Array, maxPixels: number): BmpHeader {
  const bytes = Buffer.from(file.buffer, file.byteOffset, file.byteLength);
  if (bytes.length < FILE_HEADER_BYTES + CORE_HEADER_BYTES) throw truncated();
  const headerBytes = bytes.readUInt32LE(FILE_HEADER_BYTES);
  const isCore = headerBytes === CORE_HEADER_BYTES;
  if (!isCore && (headerBytes < LEAST_INFO_HEADER_BYTES || headerBytes > 1024)) {
    throw unreadable(`its header of ${headerBytes} bytes is of no known kind`);
  }
  if (bytes.length < FILE_HEADER_BYTES + headerBytes) throw truncated();
  const size = isCore ? coreSize(bytes) : infoSize(bytes);
  if (size.width <= 0 || size.height === 0) throw unreadable('the BMP does not tell its size');
  const height = Math.abs(size.height);
  mustFitPixels({ width: size.width, height }, maxPixels);
  const compression = isCore ? 0 : bytes.readUInt32LE(30);
  const bits = knownBits(bytes.readUInt16LE(isCore ? 24 : 28), compression);
  const { masks, maskBytes } = masksOf(bytes, { headerBytes, bits, compression });
  const header = {
    width: size.width,
    height,
    isTopDown: size.height < 0,
    bits,
    isPacked: compression === RLE8 || compression === RLE4,
    masks,
    palette:
      bits > 8 ? new Uint8Array() : paletteOf(bytes, FILE_HEADER_BYTES + headerBytes + maskBytes, { isCore, bits }),
    pixelsAt: bytes.readUInt32LE(PIXELS_AT),
  };
  if (!header.isPacked && header.pixelsAt + rowBytes(header) * height > bytes.length) throw truncated();
  return header;
}

/** Rows begin at multiples of four bytes. */
export function rowBytes({ width, bits }: Pick<BmpHeader, 'width' | 'bits'>): number {
  return Math.ceil((width * bits) / 32) * 4;
}

function coreSize(bytes: Buffer): Size {
  return { width: bytes.readUInt16LE(18), height: bytes.readUInt16LE(20) };
}

function infoSize(bytes: Buffer): Size {
  return { width: bytes.readInt32LE(18), height: bytes.readInt32LE(22) };
}

function knownBits(bits: number, compression: number): BmpHeader['bits'] {
  const isKnown = bits === 1 || bits === 4 || bits === 8 || bits === 16 || bits === 24 || bits === 32;
  const fits =
    compression === 0 ||
    (compression === RLE8 && bits === 8) ||
    (compression === RLE4 && bits === 4) ||
    ((compression === BIT_FIELDS || compression === ALPHA_BIT_FIELDS) && (bits === 16 || bits === 32));
  if (!isKnown || !fits) throw unreadable(`a BMP of ${bits} bits, packed in way ${compression}, is of no known kind`);
  return bits;
}

interface MaskOptions {
  readonly headerBytes: number;
  readonly bits: number;
  readonly compression: number;
}

/** The masks stand in the header, or behind the shortest one. */
function masksOf(
  bytes: Buffer,
  { headerBytes, bits, compression }: MaskOptions,
): { masks: BmpHeader['masks']; maskBytes: number } {
  if (compression !== BIT_FIELDS && compression !== ALPHA_BIT_FIELDS) {
    return { masks: bits === 16 ? MASKS_16 : MASKS_32, maskBytes: 0 };
  }
  const isBehind = headerBytes < V2_HEADER_BYTES;
  const hasOpacity = compression === ALPHA_BIT_FIELDS || headerBytes >= V3_HEADER_BYTES;
  const maskBytes = hasOpacity ? 16 : 12;
  const at = FILE_HEADER_BYTES + LEAST_INFO_HEADER_BYTES;
  if (at + maskBytes > bytes.length) throw truncated();
  const mask = (index: number): Mask => bytes.readUInt32LE(at + index * 4);
  return { masks: [mask(0), mask(1), mask(2), hasOpacity ? mask(3) : 0], maskBytes: isBehind ? maskBytes : 0 };
}

/** As many colours as the file says and has room for before its pixels; what it lacks of them is black. */
function paletteOf(bytes: Buffer, at: number, { isCore, bits }: { isCore: boolean; bits: number }): Uint8Array {
  const entryBytes = isCore ? 3 : 4;
  const told = isCore ? 0 : bytes.readUInt32LE(46);
  const room = Math.max(0, Math.floor((bytes.readUInt32LE(PIXELS_AT) - at) / entryBytes));
  const colours = Math.min(told === 0 ? room : told, room, 1 << bits);
  if (at + colours * entryBytes > bytes.length) throw truncated();
  const palette = new Uint8Array((1 << bits) * 3);
  for (let colour = 0; colour < colours; colour += 1) {
    const from = at + colour * entryBytes;
    palette.set([bytes[from + 2] ?? 0, bytes[from + 1] ?? 0, bytes[from] ?? 0], colour * 3);
  }
  return palette;
}
