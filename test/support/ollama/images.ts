import type { ImageTokens, ModelSpec } from './options.js';
import { REFUSALS } from './refusal.js';

/** Where an image's pixels are counted. */
interface PixelSize {
  readonly width: number;
  readonly height: number;
}

interface Reader {
  readonly matches: (bytes: Buffer) => boolean;
  /** Width and height, or null where the file cannot be read. */
  readonly size: (bytes: Buffer) => PixelSize | null;
}

/** What the server decodes, by magic bytes. TIFF, HEIC, PDF, SVG and the rest are not among them. */
const READERS: readonly Reader[] = [
  { matches: startsWith('89504e470d0a1a0a'), size: pngSize },
  { matches: startsWith('ffd8ff'), size: jpegSize },
  { matches: startsWith('474946383'), size: (bytes) => sizeAt(bytes, { width: 6, height: 8 }) },
  { matches: startsWith('424d'), size: bmpSize },
  { matches: (bytes) => /^P[56]\s/.test(bytes.toString('latin1', 0, 3)), size: netpbmSize },
];

/** What an image counts that was only hashed. */
const UNREAD_IMAGE_TOKENS = 256;

/** Tokens that an image costs. Refuses what a server of that version and path cannot decode. */
export function tokensOfImage(bytes: Buffer | null, model: ModelSpec, version: string): number {
  if (bytes === null) return UNREAD_IMAGE_TOKENS;
  return countTokens(sizeOf(bytes, model, version), model.imageTokens);
}

function sizeOf(bytes: Buffer, model: ModelSpec, version: string): PixelSize {
  if (isWebp(bytes) && readsWebp(version)) return webpSize(bytes);
  if (model.path === 'native' && isAudio(bytes)) throw REFUSALS.audio();
  const size = READERS.find((reader) => reader.matches(bytes))?.size(bytes) ?? null;
  if (size === null) throw REFUSALS.image();
  return size;
}

function countTokens({ width, height }: PixelSize, rule: ImageTokens): number {
  if ('fixed' in rule) return rule.fixed;
  const tokens = Math.ceil(width / rule.block) * Math.ceil(height / rule.block);
  return Math.min(rule.max, Math.max(rule.min, tokens));
}

function startsWith(hex: string): (bytes: Buffer) => boolean {
  return (bytes) =>
    bytes
      .subarray(0, Math.ceil(hex.length / 2))
      .toString('hex')
      .startsWith(hex);
}

/** A PNG that is cut is refused, unlike a JPEG. */
function pngSize(bytes: Buffer): PixelSize | null {
  if (bytes.length < 33 || !bytes.includes('IEND')) return null;
  return { width: bytes.readUInt32BE(16), height: bytes.readUInt32BE(20) };
}

/** Walks a JPEG's segments to its frame header; what comes after it may be missing. */
function jpegSize(bytes: Buffer): PixelSize | null {
  let at = 2;
  while (at + 9 <= bytes.length && bytes[at] === 0xff) {
    const marker = bytes[at + 1] ?? 0;
    const isFrame = marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);
    if (isFrame) return { height: bytes.readUInt16BE(at + 5), width: bytes.readUInt16BE(at + 7) };
    at += 2 + bytes.readUInt16BE(at + 2);
  }
  return null;
}

function bmpSize(bytes: Buffer): PixelSize | null {
  if (bytes.length < 26) return null;
  return { width: bytes.readInt32LE(18), height: Math.abs(bytes.readInt32LE(22)) };
}

function sizeAt(bytes: Buffer, at: { width: number; height: number }): PixelSize | null {
  if (bytes.length < at.height + 2) return null;
  return { width: bytes.readUInt16LE(at.width), height: bytes.readUInt16LE(at.height) };
}

function netpbmSize(bytes: Buffer): PixelSize | null {
  const [, width, height] = /^P[56]\s+(\d+)\s+(\d+)\s/.exec(bytes.toString('latin1', 0, 64)) ?? [];
  return width === undefined || height === undefined ? null : { width: Number(width), height: Number(height) };
}

function isWebp(bytes: Buffer): boolean {
  return bytes.toString('latin1', 0, 4) === 'RIFF' && bytes.toString('latin1', 8, 12) === 'WEBP';
}

function isAudio(bytes: Buffer): boolean {
  const head = bytes.toString('latin1', 0, 12);
  return head.startsWith('ID3') || (head.startsWith('RIFF') && head.endsWith('WAVE'));
}

/** WebP is turned into PNG by Ollama itself from 0.32.14 on; a development build calls itself 0.0.0. */
function readsWebp(version: string): boolean {
  const [major = 0, minor = 0, patch = 0] = version.split('.').map(Number);
  return version === '0.0.0' || major > 0 || minor > 32 || (minor === 32 && patch >= 14);
}

/** Sizes of the three kinds of WebP. Animated and cut ones are refused with Ollama's own words. */
function webpSize(bytes: Buffer): PixelSize {
  if (bytes.length < 30 || bytes.readUInt32LE(4) + 8 > bytes.length) throw REFUSALS.webp('unexpected EOF');
  const kind = bytes.toString('latin1', 12, 16);
  if (kind === 'VP8X') {
    if (((bytes[20] ?? 0) & 0x02) !== 0) throw REFUSALS.webp('webp: invalid format');
    return { width: bytes.readUIntLE(24, 3) + 1, height: bytes.readUIntLE(27, 3) + 1 };
  }
  if (kind === 'VP8L') {
    const bits = bytes.readUInt32LE(21);
    return { width: (bits & 0x3fff) + 1, height: ((bits >>> 14) & 0x3fff) + 1 };
  }
  return { width: bytes.readUInt16LE(26) & 0x3fff, height: bytes.readUInt16LE(28) & 0x3fff };
}
