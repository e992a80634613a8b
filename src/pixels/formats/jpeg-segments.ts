import { Buffer } from 'node:buffer';
import { type Orientation, orientationOf } from './exif.js';
import { type ImageHeader, truncated, unreadable } from './header.js';

const EOI = 0xd9;
const SOS = 0xda;
const APP1 = 0xe1;
const EXIF = 'Exif\0\0';

/** 64 KB each fill the largest file that is read; a file of more has mostly empty ones. */
const MOST_SEGMENTS = 10_000;
/** Cameras and programs write up to twenty. Each is a pass over all pixels, in which libjpeg cannot be stopped. */
const MOST_SCANS = 100;

/** Bytes that are looked at one by one. */
const NEAR = 32;

/** What stands for a marker and has no content: `FF` and fill bytes in coded data, TEM, RST0…RST7, and SOI, which some repeat. */
const isAlone = (code: number): boolean => code <= 0x01 || code === 0xff || (code >= 0xd0 && code <= 0xd8);

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
  let scans = 0;
  for (const { marker, content } of jpegSegments(file)) {
    if (isFrame(marker)) size = frameSize(content);
    if (marker === APP1 && content.toString('latin1', 0, EXIF.length) === EXIF) {
      orientation = orientationOf(content.subarray(EXIF.length));
    }
    if (marker === SOS) scans += 1;
    if (scans > MOST_SCANS) throw unreadable(`this JPEG has more than ${MOST_SCANS} scans`);
  }
  if (size === null || scans === 0) throw unreadable('this JPEG has no image in it');
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

/**
 * The segments of a JPEG up to its end marker, which is the last one. Markers without content belong to the segment
 * before them.
 *
 * @throws VisionError as {@link readJpegSegments}
 */
export function* jpegSegments(file: Uint8Array): Generator<JpegSegment> {
  const bytes = Buffer.from(file.buffer, file.byteOffset, file.byteLength);
  let at = nextMarker(bytes, 2);
  for (let count = 0; bytes[at] !== EOI; count += 1) {
    if (count === MOST_SEGMENTS) throw unreadable(`this JPEG has more than ${MOST_SEGMENTS} segments`);
    const content = segmentAt(bytes, at + 1);
    const next = nextMarker(bytes, at + 3 + content.length);
    yield { marker: bytes[at] ?? 0, start: at - 1, end: next - 1, content };
    at = next;
  }
  yield { marker: EOI, start: at - 1, end: at + 1, content: bytes.subarray(at, at) };
}

/** Where the code of the next marker with content stands. */
function nextMarker(bytes: Buffer, from: number): number {
  for (let at = nextFill(bytes, from); at >= 0 && at + 1 < bytes.length; at = nextFill(bytes, at + 1)) {
    if (!isAlone(bytes[at + 1] ?? 0)) return at + 1;
  }
  throw truncated();
}

/** Where the next `FF` is, or −1. A search by the library is fast over a distance, but a call for each one that is near takes seconds. */
function nextFill(bytes: Buffer, from: number): number {
  const near = Math.min(from + NEAR, bytes.length);
  for (let at = from; at < near; at += 1) if (bytes[at] === 0xff) return at;
  return bytes.indexOf(0xff, near);
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
