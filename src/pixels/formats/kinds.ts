import { Buffer } from 'node:buffer';
import { VisionError } from '../../core/errors.js';
import type { FileKind } from '../../core/sniff.js';
import { truncated } from './header.js';

/** Kinds that are decoded. */
export type ImageKind = Extract<
  FileKind,
  'jpeg' | 'png' | 'gif' | 'webp' | 'tiff' | 'avif' | 'svg' | 'heic' | 'bmp' | 'pdf'
>;

/** Kinds whose pixels a thread or process of ours draws. libvips decodes the others here. */
export type DrawnKind = Extract<ImageKind, 'heic' | 'bmp' | 'pdf' | 'svg'>;

export function isDrawn(kind: ImageKind): kind is DrawnKind {
  return kind === 'heic' || kind === 'bmp' || kind === 'pdf' || kind === 'svg';
}

const REFUSALS: Readonly<Record<Exclude<FileKind, ImageKind>, () => VisionError>> = {
  empty: () => notAnImage('The file is empty (0 bytes).', 'Copy or scan it again.'),
  html: () =>
    notAnImage(
      'This is a web page, not an image.',
      'Probably a login or error page was saved in its place: download it again.',
    ),
  text: () => notAnImage('This is a text file, not an image.', 'Look into it: it may tell where the image is.'),
  unknown: () => notAnImage('These bytes are no image format that is known here.', 'Convert the file to JPEG or PNG.'),
  jp2: () => notYet('JPEG 2000', 'Convert it to PNG first: magick FILE.jp2 FILE.png'),
  jxl: () => notYet('JPEG XL', 'Convert it to PNG first: djxl FILE.jxl FILE.png'),
};

/**
 * Lets pass what can be decoded.
 *
 * @throws VisionError IMAGE_UNSUPPORTED for an image of another kind, IMAGE_UNREADABLE for what is no image,
 * IMAGE_TRUNCATED for a WebP that is shorter than it says
 */
export function mustBeSupported(kind: FileKind, bytes: Uint8Array): ImageKind {
  if (isRefused(kind)) throw REFUSALS[kind]();
  if (kind === 'webp') mustReachRiffSize(bytes);
  if (kind === 'heic') mustBeOneView(bytes);
  return kind;
}

function isRefused(kind: FileKind): kind is keyof typeof REFUSALS {
  return kind in REFUSALS;
}

function notAnImage(sentence: string, fix: string): VisionError {
  return new VisionError('IMAGE_UNREADABLE', sentence, { fix });
}

function notYet(kind: string, fix: string): VisionError {
  return new VisionError('IMAGE_UNSUPPORTED', `${kind} is not read by this version.`, { fix });
}

/** Brands of HEIC whose image is spread over several views or layers (ISO/IEC 23008-12). */
const LAYERED: ReadonlySet<string> = new Set(['heim', 'heis']);

function mustBeOneView(bytes: Uint8Array): void {
  const brand = Buffer.from(bytes.subarray(8, 12)).toString('latin1');
  if (LAYERED.has(brand)) throw notYet(`HEIC of several layers (${brand})`, 'Convert it to JPEG or PNG first.');
}

function mustReachRiffSize(bytes: Uint8Array): void {
  const riff = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (riff.length < 12 || riff.readUInt32LE(4) + 8 > riff.length) throw truncated();
}
