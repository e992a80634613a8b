import { Buffer } from 'node:buffer';
import { type Orientation, orientationOf } from './exif.js';
import { type ImageHeader, truncated, unreadable } from './header.js';

const EOI = 0xd9;
const SOS = 0xda;
const APP1 = 0xe1;
const EXIF = 'Exif\0\0';

/** Markers that stand alone: TEM, RST0…RST7, and SOI, which some writers repeat. */
const isAlone = (marker: number): boolean => marker === 0x01 || (marker >= 0xd0 && marker <= 0xd8);

/** SOF0…SOF15, without DHT, JPG and DAC, which lie between them. */
const isFrame = (marker: number): boolean =>
  marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;

/**
 * Walks a JPEG's segments (ITU-T T.81, annex B) to its end marker without decoding. Bytes after it are ignored, as every
 * reader does.
 *
 * @throws VisionError IMAGE_TRUNCATED where the end marker is missing, IMAGE_UNREADABLE where there is no image before it
 */
export function readJpegSegments(file: Uint8Array): ImageHeader {
  let size: { readonly width: number; readonly height: number } | null = null;
  let orientation: Orientation = 1;
  let hasScan = false;
  for (const { marker, content } of jpegSegments(file)) {
    if (isFrame(marker)) size = frameSize(content);
    if (marker === APP1 && content.toString('latin1', 0, EXIF.length) === EXIF) {
      orientation = orientationOf(content.subarray(EXIF.length));
    }
    hasScan ||= marker === SOS;
  }
  if (size === null || !hasScan) throw unreadable('this JPEG has no image in it');
  return { ...size, orientation, animated: false };
}

/** One segment of a JPEG. */
export interface JpegSegment {
  /** The second byte of its marker. */
  readonly marker: number;
  /** Where its marker begins, and where the next one does: coded data and fill bytes lie between. */
  readonly start: number;
  readonly end: number;
  readonly content: Buffer;
}

/** The segments of a JPEG up to its end marker, which is the last one. @throws VisionError as {@link readJpegSegments} */
export function* jpegSegments(file: Uint8Array): Generator<JpegSegment> {
  const bytes = Buffer.from(file.buffer, file.byteOffset, file.byteLength);
  for (let at = nextMarker(bytes, 2); ; ) {
    const marker = byteAt(bytes, at);
    const content = marker === EOI || isAlone(marker) ? Buffer.alloc(0) : segmentAt(bytes, at + 1);
    if (marker === EOI) {
      yield { marker, start: at - 1, end: at + 1, content };
      return;
    }
    const next = nextMarker(bytes, isAlone(marker) ? at + 1 : at + 3 + content.length);
    yield { marker, start: at - 1, end: next - 1, content };
    at = next;
  }
}

/** Where the code of the next marker stands: skips coded data (in which `FF 00` stands for `FF`) and fill bytes. */
function nextMarker(bytes: Buffer, from: number): number {
  for (let at = bytes.indexOf(0xff, from); at >= 0; at = bytes.indexOf(0xff, at + 1)) {
    const code = bytes[at + 1];
    if (code === undefined) break;
    if (code !== 0x00 && code !== 0xff) return at + 1;
  }
  throw truncated();
}

/** The content of the segment whose length stands at `at`. */
function segmentAt(bytes: Buffer, at: number): Buffer {
  if (at + 2 > bytes.length) throw truncated();
  const length = bytes.readUInt16BE(at);
  if (length < 2) throw unreadable('a JPEG segment has an impossible length');
  if (at + length > bytes.length) throw truncated();
  return bytes.subarray(at + 2, at + length);
}

function frameSize(frame: Buffer): { readonly width: number; readonly height: number } {
  if (frame.length < 6) throw unreadable('the JPEG frame header is too short');
  const height = frame.readUInt16BE(1);
  const width = frame.readUInt16BE(3);
  if (width === 0 || height === 0) throw unreadable('the JPEG does not tell its size');
  return { width, height };
}

function byteAt(bytes: Buffer, at: number): number {
  const byte = bytes[at];
  if (byte === undefined) throw truncated();
  return byte;
}
